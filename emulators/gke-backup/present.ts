import { isRecord } from "../kit/json.ts";

/** What proto3's JSON leaves out: a reader has to know them as what is not there. */
const DEFAULTS: ReadonlySet<unknown> = new Set([undefined, null, "", 0, "0", false]);

/** Maps, in which a key with an empty value is not the same as no key. */
const MAPS: ReadonlySet<string> = new Set(["labels"]);

/**
 * An answer as the API gives it, without fields that have their default value.
 * Source: https://protobuf.dev/programming-guides/json/
 */
export function withoutDefaults(message: object): object {
  const entries = Object.entries(message)
    .map(([name, value]) => [name, MAPS.has(name) ? value : present(value)] as const)
    .filter(([, value]) => !DEFAULTS.has(value) && !isEmpty(value));
  return Object.fromEntries(entries);
}

function present(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(present);
  }
  return isRecord(value) ? withoutDefaults(value) : value;
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
