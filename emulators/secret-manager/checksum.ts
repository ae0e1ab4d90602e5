import { crc32c } from "../kit/crc32c.ts";

/**
 * The CRC32C of a payload as a decimal number, the JSON form of the API's 64-bit integer.
 * Source: https://cloud.google.com/secret-manager/docs/data-integrity
 */
export function checksumOf(bytes: Uint8Array): string {
  return String(crc32c(bytes));
}
