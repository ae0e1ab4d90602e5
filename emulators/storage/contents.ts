import { createHash } from "node:crypto";
import type { BlobStore, ByteRange } from "../kit/blob-store.ts";
import { TooLargeError } from "../kit/body.ts";
import { crc32c } from "../kit/crc32c.ts";
import type { Persistence } from "../kit/persistence.ts";
import type { StorageState, StoredObject } from "./state.ts";

/** The largest object. Google's may have 5 TiB, of which this machine has less. */
const OBJECT_BYTES_MAX = 10 * 1024 ** 3;

/** The checksums of an object in base64. Source: https://cloud.google.com/storage/docs/hashes-etags */
export type Sums = { readonly md5Hash: string; readonly crc32c: string };

/** Some bytes that can become the content of an object. */
export type Content = {
  readonly size: number;
  readonly sums: Sums;
  /** Keeps them, and gives their digest. */
  readonly commit: () => string;
};

/** Bytes on their way in. */
export type ContentWriter = {
  readonly append: (chunk: Uint8Array) => Promise<void>;
  readonly size: () => number;
  /** What has come so far; resolves when it is on disk. */
  readonly content: () => Promise<Content>;
  readonly discard: () => void;
};

/** The contents of all objects: on disk, where the store is, and each once. */
export type Contents = {
  readonly write: () => ContentWriter;
  readonly read: (object: StoredObject) => Uint8Array;
  readonly stream: (object: StoredObject, range: ByteRange) => ReadableStream<Uint8Array>;
  /** For an object that has come into the state, and for one that is no more. */
  readonly retain: (object: StoredObject) => void;
  readonly release: (object: StoredObject) => void;
};

/** Opens the contents of the objects in a state. */
export function openContents(
  blobs: BlobStore,
  state: StorageState,
  saved: Persistence["saved"],
): Contents {
  const uses = new Map<string, number>();
  function use(digest: string, more: number): void {
    uses.set(digest, (uses.get(digest) ?? 0) + more);
  }
  for (const { objects } of state.buckets.values()) {
    objects.forEach(({ record }) => use(record.digest, 1));
  }
  /** Not before the state on disk has forgotten it as well: a process may be killed at any moment. */
  async function removeUnused(digest: string): Promise<void> {
    await saved();
    if ((uses.get(digest) ?? 0) <= 0) {
      uses.delete(digest);
      blobs.remove(digest);
    }
  }
  return {
    write: () => startWriter(blobs),
    read: ({ record }) => blobs.readNow(record.digest),
    stream: ({ record }, range) => blobs.stream(record.digest, range),
    retain: ({ record }) => use(record.digest, 1),
    release: ({ record: { digest } }) => {
      use(digest, -1);
      // What cannot be removed now is left over; nobody sees it.
      removeUnused(digest).catch(() => undefined);
    },
  };
}

function startWriter(blobs: BlobStore): ContentWriter {
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
        size: writer.size(),
        sums: { md5Hash: md5.copy().digest("base64"), crc32c: bigEndian.toString("base64") },
        commit: () => {
          writer.commit(digest);
          return digest;
        },
      };
    },
    discard: writer.discard,
  };
}
