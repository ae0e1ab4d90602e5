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

/** The API that a call was refused for, and the id or number of the project in which it is off; null for other failures. */
export function disabledApi(
  error: unknown,
): { readonly service: string; readonly project: string } | null {
  const failure = error instanceof Error && !(error instanceof HttpFailure) ? error.cause : error;
  const details = failure instanceof HttpFailure ? failure.details : [infoOf(failure)];
  const found = details.map((one) => Disabled.safeParse(one)).find(({ success }) => success);
  if (found?.data === undefined) {
    return null;
  }
  const { service, consumer } = found.data.metadata;
  return { service, project: consumer.replace(/^projects\//, "") };
}

/**
 * The same of a call over gRPC, whose client has it in fields of the failure.
 * Source: https://github.com/googleapis/gax-nodejs/blob/main/gax/src/googleError.ts
 */
function infoOf(failure: unknown): unknown {
  return failure instanceof Error && "reason" in failure && "errorInfoMetadata" in failure
    ? { reason: failure.reason, metadata: failure.errorInfoMetadata }
    : null;
}

/** What to do where a call was refused because its API is off; null for every other failure. */
export function offApi(error: unknown): Obstacle | null {
  const off = disabledApi(error);
  if (off === null) {
    return null;
  }
  const { service, project } = off;
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
