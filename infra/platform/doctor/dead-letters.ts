import type { Google } from "../kinds/google.ts";
import { isObject, objects, textOf } from "../resource.ts";
import type { Settings } from "../settings.ts";
import { OWN_TOPICS } from "../table/names.ts";
import { failure, well } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** How many dead letters are looked at. */
const LETTERS_MAX = 10;

/**
 * Whether dead letters wait, and from which subscriptions. They are only looked at: each goes back at once.
 * Source: https://cloud.google.com/pubsub/docs/dead-letter-topics
 */
export async function deadLetterFindings(
  google: Google,
  { project }: Pick<Settings, "project">,
): Promise<readonly Finding[]> {
  const path = `v1/projects/${project}/subscriptions/${OWN_TOPICS.dead}`;
  const pulled = await google.call("pubsub", {
    method: "POST",
    path: `${path}:pull`,
    body: { maxMessages: LETTERS_MAX, returnImmediately: true },
  });
  const letters = objects(pulled["receivedMessages"]);
  if (letters.length === 0) {
    return [well("dead letters", "no message was given up")];
  }
  const ackIds = letters.map(({ ackId }) => textOf(ackId));
  await google.call("pubsub", {
    method: "POST",
    path: `${path}:modifyAckDeadline`,
    body: { ackIds, ackDeadlineSeconds: 0 },
  });
  const sources = new Set(letters.map(({ message }) => sourceOf(isObject(message) ? message : {})));
  const count = letters.length < LETTERS_MAX ? String(letters.length) : `${LETTERS_MAX} or more`;
  const message = `${count} messages were given up, from ${[...sources].join(", ")}`;
  const mend = `gcloud pubsub subscriptions pull ${OWN_TOPICS.dead} --project=${project} --limit=10 shows them; with --auto-ack it also removes what it shows`;
  return [failure("dead letters", message, mend)];
}

function sourceOf({ attributes }: Readonly<Record<string, unknown>>): string {
  const all = typeof attributes === "object" && attributes !== null ? attributes : {};
  const source: unknown = Object.entries(all).find(
    ([name]) => name === "CloudPubSubDeadLetterSourceSubscription",
  )?.[1];
  return typeof source === "string" ? source : "a subscription that is not known";
}
