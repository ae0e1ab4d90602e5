import { googleError } from "../kit/google-error.ts";
import type { StoredObject } from "./state.ts";
import { invalid, notImplemented } from "./storage-error.ts";

/** Reads a parameter of the request; undefined when it is absent. */
export type Query = (name: string) => string | undefined;

/** Conditions that nobody asks here are not passed over. */
const NOT_COVERED = ["GenerationNotMatch", "MetagenerationMatch", "MetagenerationNotMatch"];

/**
 * Checks `ifGenerationMatch` against an object, or against its absence, which has generation 0. `prefix` is `ifSource`
 * for the source of a copy.
 * Source: https://cloud.google.com/storage/docs/request-preconditions
 * @throws GoogleError FAILED_PRECONDITION when it does not hold, UNIMPLEMENTED for another condition.
 */
export function checkPreconditions(
  query: Query,
  current: StoredObject | undefined,
  prefix: "if" | "ifSource" = "if",
): void {
  const other = NOT_COVERED.find((kind) => query(prefix + kind) !== undefined);
  if (other !== undefined) {
    throw notImplemented(`the condition ${prefix}${other}`);
  }
  const wanted = query(`${prefix}GenerationMatch`);
  if (wanted !== undefined && !/^\d{1,19}$/.test(wanted)) {
    throw invalid(`Invalid value for a precondition: ${wanted}`);
  }
  const generation = current?.record.generation ?? "0";
  if (wanted !== undefined && BigInt(wanted) !== BigInt(generation)) {
    throw googleError(
      "FAILED_PRECONDITION",
      "At least one of the pre-conditions you specified did not hold.",
    );
  }
}
