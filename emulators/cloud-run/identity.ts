import { createHash } from "node:crypto";

const SUFFIX_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

function digestOf(seed: string): Buffer {
  return createHash("sha256").update(seed).digest();
}

/** A few letters and digits that always are the same for the same cause, as in `api-00001-x7q`. */
export function suffixFor(cause: string, length: number): string {
  const bytes = digestOf(cause).subarray(0, length);
  return [...bytes].map((byte) => SUFFIX_LETTERS.charAt(byte % SUFFIX_LETTERS.length)).join("");
}

/** The fingerprint of one version of a resource, in quotes as the API has it. */
export function etagFor(name: string, version: number | string): string {
  return `"${digestOf(`${name}@${version}`).toString("base64url").slice(0, 24)}"`;
}

/** The SHA-256 digest of a text as an image digest is written. */
export function imageDigestFor(text: string): string {
  return `sha256:${digestOf(text).toString("hex")}`;
}
