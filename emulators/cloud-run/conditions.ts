import { toTimestamp } from "../kit/clock.ts";
import type { Failure } from "./state.ts";

/** The reasons that have a field of their own. */
const FIELDS: Readonly<Record<string, "revisionReason" | "executionReason">> = {
  HEALTH_CHECK_CONTAINER_ERROR: "revisionReason",
  NON_ZERO_EXIT_CODE: "executionReason",
  CANCELLED: "executionReason",
};

/** How a part of a resource stands, and since when. */
export type Standing = {
  readonly isUnderWay: boolean;
  readonly failure: Failure | null;
  readonly timeMs: number;
};

/**
 * One condition of a resource: it is under way, has failed, or is as it is to be.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/Condition
 */
export function conditionOf(type: string, { isUnderWay, failure, timeMs }: Standing): object {
  const lastTransitionTime = toTimestamp(timeMs);
  if (isUnderWay) {
    return { type, state: "CONDITION_RECONCILING", lastTransitionTime };
  }
  if (failure === null) {
    return { type, state: "CONDITION_SUCCEEDED", lastTransitionTime };
  }
  const { message, reason } = failure;
  const why = { message, [FIELDS[reason] ?? "reason"]: reason };
  return { type, state: "CONDITION_FAILED", lastTransitionTime, ...why };
}
