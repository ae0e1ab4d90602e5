import { createHash } from "node:crypto";

/** Sets the names derived here apart from those that anybody else derives. */
const NAMESPACE = "slipway:";

/**
 * A UUID derived from what is to be created under which name: the same request gives the same one, so
 * that a repeat is known as the repeat it is, and another request under the same name is not taken for
 * one. A version 8 UUID over SHA-256.
 * Source: https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-8
 */
export function requestIdOf(name: string, body: object): string {
  const cause = `${NAMESPACE}${name}\n${JSON.stringify(body)}`;
  const bytes = createHash("sha256").update(cause).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
}
