import { toTimestamp } from "../kit/clock.ts";
import type { Failure } from "./state.ts";

/**
 * One condition of a resource. At most one of the three reasons is set, and none on success.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/Condition
 */
export type Condition = {
  readonly type: string;
  readonly state: "CONDITION_RECONCILING" | "CONDITION_FAILED" | "CONDITION_SUCCEEDED";
  readonly message?: string;
  readonly lastTransitionTime: string;
  readonly severity?: "INFO";
  readonly reason?: string;
  readonly revisionReason?: string;
  readonly executionReason?: string;
};

/** The reasons that have a field of their own. */
const FIELDS: Readonly<Record<string, "revisionReason" | "executionReason">> = {
  HEALTH_CHECK_CONTAINER_ERROR: "revisionReason",
  NON_ZERO_EXIT_CODE: "executionReason",
  CANCELLED: "executionReason",
};

/** How a part of a resource stands: it is under way, has failed, or is as it is to be. */
export function conditionOf(
  type: string,
  about: { readonly isUnderWay: boolean; readonly failure: Failure | null; readonly time: number },
): Condition {
  const lastTransitionTime = toTimestamp(about.time);
  if (about.isUnderWay) {
    return { type, state: "CONDITION_RECONCILING", lastTransitionTime };
  }
  if (about.failure === null) {
    return { type, state: "CONDITION_SUCCEEDED", lastTransitionTime };
  }
  const { message, reason } = about.failure;
  const why = { message, [FIELDS[reason] ?? "reason"]: reason };
  return { type, state: "CONDITION_FAILED", lastTransitionTime, ...why };
}
