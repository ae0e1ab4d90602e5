import { accepted, refused } from "../domain/result.ts";
import type { Message } from "./envelope.ts";
import type { Parsed } from "./parsed.ts";

/** Where a notification of Cloud Deploy points. */
export type DeployNotification = {
  readonly pipeline: string;
  /** Null when it is not about a rollout that may have come to an end, a halt or a question. */
  readonly rollout: string | null;
  /** The rollout's release; null when it is not named. */
  readonly release: string | null;
};

/**
 * Reads a notification of Cloud Deploy. It has no data, only attributes; which of them are there depends
 * on the topic (gcp.md 2.3). Job runs and releases are passed over: their rollout is told of as well.
 * Source: https://cloud.google.com/deploy/docs/subscribe-deploy-notifications
 */
export function parseDeployNotification(message: Message): Parsed<DeployNotification | null> {
  const { attributes } = message;
  const pipeline = attributes["DeliveryPipelineId"];
  if (attributes["Action"] === undefined) {
    return refused("a notification of Cloud Deploy has the attribute Action, this has not");
  }
  if (pipeline === undefined) {
    return accepted(null);
  }
  const rollout = isAboutRollout(attributes) ? (attributes["RolloutId"] ?? null) : null;
  return accepted({ pipeline, rollout, release: attributes["ReleaseId"] ?? null });
}

/** The first move of a rollout tells nothing that was not known; nor do the moves of its job runs. */
const TELLING_NOTHING: ReadonlySet<string> = new Set(["Create", "Start"]);

function isAboutRollout(attributes: Readonly<Record<string, string>>): boolean {
  const type = attributes["ResourceType"];
  const isRollout = type === "Rollout" || attributes["Rollout"] !== undefined || type === undefined;
  return isRollout && !TELLING_NOTHING.has(attributes["Action"] ?? "");
}
