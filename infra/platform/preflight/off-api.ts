import { z } from "zod";
import { HttpFailure } from "../../../shared/adapters/google-errors.ts";
import type { Obstacle } from "../engine/plan.ts";

/**
 * What Google says of a call that counts in a project in which its API is off.
 * Source: https://github.com/googleapis/googleapis/blob/master/google/api/error_reason.proto
 */
const Disabled = z.object({
  reason: z.literal("SERVICE_DISABLED"),
  metadata: z.object({ service: z.string(), consumer: z.string() }),
});

/** The project of gcloud's own client, in which a person's calls count who has named none. */
const GCLOUD_PROJECT = "764086051850";

/** What to do where a call was refused because its API is off; null for every other failure. */
export function offApi(error: unknown): Obstacle | null {
  const failure = error instanceof Error && !(error instanceof HttpFailure) ? error.cause : error;
  const details = failure instanceof HttpFailure ? failure.details : [];
  const found = details.map((one) => Disabled.safeParse(one)).find(({ success }) => success);
  if (found?.data === undefined) {
    return null;
  }
  const { service, consumer } = found.data.metadata;
  const project = consumer.replace(/^projects\//, "");
  return project === GCLOUD_PROJECT
    ? {
        what: `no project is named in which your calls of ${service} count`,
        mend: "gcloud auth application-default set-quota-project PROJECT, such as Slipway's",
      }
    : {
        what: `the API ${service} is off in project ${project}, in which your calls count`,
        mend: `gcloud services enable ${service} --project=${project}`,
      };
}
