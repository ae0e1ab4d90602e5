import { conditionNotMet, invalid, StorageError } from "./storage-error.ts";
import type { StoredObject } from "./state.ts";

/** Reads a parameter of the request; undefined when it is absent. */
export type Query = (name: string) => string | undefined;

/**
 * Checks `ifGenerationMatch` and its kin against an object, or against its absence, which has
 * generation 0. `prefix` is `ifSource` for the source of a copy.
 * Source: https://cloud.google.com/storage/docs/request-preconditions
 * @throws StorageError 412 when a condition does not hold.
 */
export function checkPreconditions(
  query: Query,
  current: StoredObject | undefined,
  prefix: "if" | "ifSource" = "if",
): void {
  const generation = current?.record.generation ?? "0";
  const metageneration = current?.record.metageneration ?? "0";
  const holds =
    isMatch(query(`${prefix}GenerationMatch`), generation) &&
    isMatch(query(`${prefix}MetagenerationMatch`), metageneration) &&
    isNoMatch(query(`${prefix}GenerationNotMatch`), generation) &&
    isNoMatch(query(`${prefix}MetagenerationNotMatch`), metageneration);
  if (!holds) {
    throw conditionNotMet();
  }
}

/** Like `checkPreconditions`, for a read: there a NotMatch that fails says that nothing has changed. */
export function checkReadPreconditions(query: Query, current: StoredObject): void {
  const { generation, metageneration } = current.record;
  const isChanged =
    isNoMatch(query("ifGenerationNotMatch"), generation) &&
    isNoMatch(query("ifMetagenerationNotMatch"), metageneration);
  if (!isChanged) {
    throw new StorageError({ code: 304, reason: "notModified" }, "Not Modified");
  }
  checkPreconditions(query, current);
}

function isMatch(wanted: string | undefined, actual: string): boolean {
  return wanted === undefined || toNumber(wanted) === actual;
}

function isNoMatch(unwanted: string | undefined, actual: string): boolean {
  return unwanted === undefined || toNumber(unwanted) !== actual;
}

function toNumber(text: string): string {
  if (!/^\d{1,19}$/.test(text)) {
    throw invalid(`Invalid value for a precondition: ${text}`);
  }
  return BigInt(text).toString();
}
