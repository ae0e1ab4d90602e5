import { createHash } from "node:crypto";
import { createReadStream, existsSync, renameSync, rmSync } from "node:fs";
import { appendFile, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { makePrivateFolder, PRIVATE_FILE_MODE, syncFolder } from "../kit/private-files.ts";

/** A blob on its way in. Its chunks are appended one after the other. */
export type BlobWriter = {
  readonly append: (chunk: Uint8Array) => Promise<void>;
  /** Bytes so far. */
  readonly size: () => number;
  /** The digest of the bytes so far, `sha256:…`. */
  readonly digest: () => string;
  /** Resolves when the bytes so far are on disk, where they are to outlive the machine's power. */
  readonly sync: () => Promise<void>;
  /** Keeps the bytes under their digest and ends the writer. */
  readonly commit: () => void;
  /** Forgets the bytes and ends the writer. */
  readonly discard: () => void;
};

/** Bytes of a blob from `start` to `end`, both included. */
export type ByteRange = { readonly start: number; readonly end: number };

/** Where the contents of blobs and manifests are kept, each once, by digest. */
export type BlobStore = {
  readonly create: () => BlobWriter;
  readonly has: (digest: string) => boolean;
  /** @throws Error when there is no such blob. */
  readonly read: (digest: string) => Promise<Uint8Array>;
  /** Part of a blob, without holding it in memory where that can be avoided. */
  readonly stream: (digest: string, range: ByteRange) => ReadableStream<Uint8Array>;
  readonly remove: (digest: string) => void;
};

/** The digest of some bytes, `sha256:…`. */
export function digestOf(bytes: Uint8Array | string): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** Keeps blobs in memory: for tests and small images. */
export function memoryBlobs(): BlobStore {
  const blobs = new Map<string, Uint8Array>();
  function bytesOf(digest: string): Uint8Array {
    const bytes = blobs.get(digest);
    if (bytes === undefined) {
      throw new Error(`There is no blob ${digest}`);
    }
    return bytes;
  }
  return {
    create: () => {
      const chunks: Uint8Array[] = [];
      return hashing({
        append: (chunk) => Promise.resolve(void chunks.push(chunk.slice())),
        sync: () => Promise.resolve(),
        commit: (digest) => void blobs.set(digest, Buffer.concat(chunks)),
        discard: () => void chunks.splice(0),
      });
    },
    has: (digest) => blobs.has(digest),
    read: (digest) => Promise.resolve(bytesOf(digest)),
    stream: (digest, { start, end }) =>
      new Blob([new Uint8Array(bytesOf(digest).subarray(start, end + 1))]).stream(),
    remove: (digest) => void blobs.delete(digest),
  };
}

/**
 * Keeps one file per blob in a folder, so that layers of any size cost no memory and outlive the
 * process. Uploads that an earlier process left unfinished are removed. A folder that is thrown away in the end is
 * `isScratch`: nothing waits for the disk.
 */
export function directoryBlobs(path: string, { isScratch = false } = {}): BlobStore {
  const uploads = join(path, "uploads");
  const finished = join(path, "sha256");
  rmSync(uploads, { recursive: true, force: true });
  [path, uploads, finished].forEach(makePrivateFolder);
  let created = 0;
  const fileOf = (digest: string): string => join(finished, digest.replace("sha256:", ""));
  return {
    create: () => {
      created += 1;
      const file = join(uploads, String(created));
      return hashing({
        append: (chunk) => appendFile(file, chunk, { mode: PRIVATE_FILE_MODE }),
        sync: async () => {
          // A blob may be empty, and then nothing was appended yet.
          const bytes = await open(file, "a", PRIVATE_FILE_MODE);
          await (isScratch ? undefined : bytes.sync());
          await bytes.close();
        },
        commit: (digest) => {
          renameSync(file, fileOf(digest));
          if (!isScratch) {
            syncFolder(finished);
          }
        },
        discard: () => rmSync(file, { force: true }),
      });
    },
    has: (digest) => existsSync(fileOf(digest)),
    read: (digest) => readFile(fileOf(digest)),
    stream: (digest, range) => Readable.toWeb(createReadStream(fileOf(digest), range)),
    remove: (digest) => rmSync(fileOf(digest), { force: true }),
  };
}

type Sink = Pick<BlobWriter, "append" | "sync"> & {
  readonly commit: (digest: string) => void;
  readonly discard: () => void;
};

function hashing(sink: Sink): BlobWriter {
  const hash = createHash("sha256");
  let size = 0;
  const digest = (): string => `sha256:${hash.copy().digest("hex")}`;
  return {
    append: async (chunk) => {
      await sink.append(chunk);
      hash.update(chunk);
      size += chunk.byteLength;
    },
    size: () => size,
    digest,
    sync: sink.sync,
    commit: () => sink.commit(digest()),
    discard: sink.discard,
  };
}
