import { createHash } from "node:crypto";
import { crc32c } from "../kit/crc32c.ts";

/** The checksums of an object. Source: https://cloud.google.com/storage/docs/hashes-etags */
export type Sums = { readonly md5Hash: string; readonly crc32c: string };

/** Adds up the checksums of what comes in chunks. */
export function summing(): {
  readonly add: (chunk: Uint8Array) => void;
  /** Of what has come so far; the CRC32C is big-endian, both are in base64. */
  readonly sums: () => Sums;
} {
  const md5 = createHash("md5");
  let crc = 0;
  return {
    add: (chunk) => {
      md5.update(chunk);
      crc = crc32c(chunk, crc);
    },
    sums: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(crc);
      return { md5Hash: md5.copy().digest("base64"), crc32c: bytes.toString("base64") };
    },
  };
}
