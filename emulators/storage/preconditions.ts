import { googleError } from "../kit/google-error.ts";
import type { StoredObject } from "./state.ts";
import { invalid } from "./storage-error.ts";

/** Reads a parameter of the request; undefined when it is absent. */
export type Query = (name: string) => string | undefined;

/** The conditions on a generation and on a metageneration; an object that is not there has 0. */
const KINDS = { Generation: "generation", Metageneration: "metageneration" } as const;

/**
 * Checks `ifGenerationMatch` and its kin against an object, or against its absence. `prefix` is `ifSource` for the
 * source of a copy.
 * Source: https://cloud.google.com/storage/docs/request-preconditions
 * @throws GoogleError FAILED_PRECONDITION when a condition does not hold.
 */
export function checkPreconditions(
  query: Query,
  current: StoredObject | undefined,
  prefix: "if" | "ifSource" = "if",
): void {
  const isMatch = Object.entries(KINDS).every(([kind, field]) => {
    const wanted = readNumber(query(`${prefix}${kind}Match`));
    return wanted === undefined || wanted === (current?.record[field] ?? "0");
  });
  if (!isMatch || hasUnwanted(query, current, prefix)) {
    throw googleError(
      "FAILED_PRECONDITION",
      "At least one of the pre-conditions you specified did not hold.",
    );
  }
}

/** Whether an object is one that a NotMatch names: to a reader that says that nothing has changed. */
export function hasUnwanted(
  query: Query,
  current: StoredObject | undefined,
  prefix: "if" | "ifSource" = "if",
): boolean {
  return Object.entries(KINDS).some(
    ([kind, field]) =>
      readNumber(query(`${prefix}${kind}NotMatch`)) === (current?.record[field] ?? "0"),
  );
}

function readNumber(text: string | undefined): string | undefined {
  if (text !== undefined && !/^\d{1,19}$/.test(text)) {
    throw invalid(`Invalid value for a precondition: ${text}`);
  }
  return text === undefined ? undefined : BigInt(text).toString();
}
