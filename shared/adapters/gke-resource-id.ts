import { createHash } from "node:crypto";

/**
 * The greatest length of a resource's id.
 * Source: https://google.aip.dev/122#resource-id-segments
 */
const LENGTH_MAX = 63;
const HASH_LENGTH = 8;

/**
 * The id of the backup or restore with a mark, by the rule of resource ids: lower-case letters, digits
 * and hyphens, beginning with a letter. The same mark gives the same id; a mark that had to be changed
 * has its hash in it, so that no other comes to the same.
 */
export function resourceIdOf(mark: string): string {
  const plain = mark
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, "-")
    .replace(/^(?![a-z])/, "b-")
    .replace(/-+$/, "");
  if (plain === mark && plain.length <= LENGTH_MAX) {
    return plain;
  }
  const hash = createHash("sha256").update(mark).digest("hex").slice(0, HASH_LENGTH);
  return `${plain.slice(0, LENGTH_MAX - HASH_LENGTH - 1)}-${hash}`;
}
