import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { assert } from "../../domain/assert.ts";

/**
 * SHA-256 in hex of a value's canonical JSON: equal values have equal hashes, whatever the order of their keys.
 * Fields that are undefined do not count.
 * Source: https://www.rfc-editor.org/rfc/rfc8785
 */
export function contentHash(value: unknown): string {
  const json: unknown = JSON.parse(JSON.stringify(value));
  const text = canonicalize(json);
  assert(text !== undefined, "what is hashed is a JSON value");
  return createHash("sha256").update(text, "utf8").digest("hex");
}
