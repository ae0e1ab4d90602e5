import { createHash } from "node:crypto";
import { crc32c } from "../kit/crc32c.ts";

/**
 * The CRC32C as Cloud Storage writes it: big-endian, in base64.
 * Source: https://cloud.google.com/storage/docs/hashes-etags
 */
export function crc32cBase64(bytes: Uint8Array): string {
  const result = Buffer.alloc(4);
  result.writeUInt32BE(crc32c(bytes));
  return result.toString("base64");
}

/** The MD5 in base64. */
export function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("base64");
}
