import { createHash } from "node:crypto";
import type { BlobStore, BlobWriter } from "../kit/blob-store.ts";
import { TooLargeError } from "../kit/body.ts";
import { crc32c } from "../kit/crc32c.ts";

/** The largest object. Google's may have 5 TiB, of which this machine has less. */
const OBJECT_BYTES_MAX = 10 * 1024 ** 3;

/** Some bytes that can become the content of an object. */
export type Content = {
  readonly size: string;
  /** In base64, as the other one. Source: https://cloud.google.com/storage/docs/hashes-etags */
  readonly md5Hash: string;
  readonly crc32c: string;
  readonly digest: string;
  /** Keeps them. */
  readonly commit: () => void;
};

/** Bytes on their way in. */
export type ContentWriter = Pick<BlobWriter, "append" | "size" | "discard"> & {
  /** What has come so far; resolves when it is on disk. */
  readonly content: () => Promise<Content>;
};

/** Takes the content of an object in. */
export function writeContent(blobs: BlobStore): ContentWriter {
  const writer = blobs.create();
  const md5 = createHash("md5");
  let crc = 0;
  return {
    append: async (chunk) => {
      if (writer.size() + chunk.length > OBJECT_BYTES_MAX) {
        throw new TooLargeError(OBJECT_BYTES_MAX);
      }
      await writer.append(chunk);
      md5.update(chunk);
      crc = crc32c(chunk, crc);
    },
    size: writer.size,
    content: async () => {
      await writer.sync();
      const digest = writer.digestLike("");
      const bigEndian = Buffer.alloc(4);
      bigEndian.writeUInt32BE(crc);
      return {
        size: String(writer.size()),
        md5Hash: md5.copy().digest("base64"),
        crc32c: bigEndian.toString("base64"),
        digest,
        commit: () => writer.commit(digest),
      };
    },
    discard: writer.discard,
  };
}
