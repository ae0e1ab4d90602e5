import { createHash } from "node:crypto";
import { createReadStream, existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { appendFile, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { makePrivateFolder, PRIVATE_FILE_MODE, syncFolder } from "./private-files.ts";

/** A blob on its way in. Its chunks are appended one after the other. */
export type BlobWriter = {
  readonly append: (chunk: Uint8Array) => Promise<void>;
  /** Bytes so far. */
  readonly size: () => number;
  /** The digest of the bytes so far, by the algorithm of another one. */
  readonly digestLike: (stated: string) => string;
  /** Resolves when the bytes so far are on disk, where they are to outlive the machine's power. */
  readonly sync: () => Promise<void>;
  /** Keeps the bytes under a digest that is theirs and ends the writer. */
  readonly commit: (digest: string) => void;
  /** Forgets the bytes and ends the writer. */
  readonly discard: () => void;
};

/** Bytes of a blob from `start` to `end`, both included. */
export type ByteRange = { readonly start: number; readonly end: number };

/** Where contents are kept, each once, by digest. */
export type BlobStore = {
  readonly create: () => BlobWriter;
  readonly has: (digest: string) => boolean;
  /** @throws Error when there is no such blob. */
  readonly readNow: (digest: string) => Uint8Array;
  /** @throws Error when there is no such blob. */
  readonly read: (digest: string) => Promise<Uint8Array>;
  /** Part of a blob, without holding it in memory where that can be avoided. */
  readonly stream: (digest: string, range: ByteRange) => ReadableStream<Uint8Array>;
  readonly remove: (digest: string) => void;
};

/** The ways in which a digest is made; the first is the usual one. */
const ALGORITHMS = ["sha256", "sha512"] as const;
type Algorithm = (typeof ALGORITHMS)[number];

/** The digest of some bytes, `sha256:…`, or by the algorithm of another one. */
export function digestOf(bytes: Uint8Array | string, stated = ""): string {
  const algorithm = algorithmOf(stated);
  return `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
}

function algorithmOf(digest: string): Algorithm {
  return ALGORITHMS.find((name) => digest.startsWith(`${name}:`)) ?? "sha256";
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
    readNow: bytesOf,
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
  const folderOf = (digest: string): string => join(path, algorithmOf(digest));
  rmSync(uploads, { recursive: true, force: true });
  [path, uploads, folderOf("")].forEach(makePrivateFolder);
  let created = 0;
  const fileOf = (digest: string): string =>
    join(folderOf(digest), digest.slice(digest.indexOf(":") + 1));
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
          makePrivateFolder(folderOf(digest));
          renameSync(file, fileOf(digest));
          if (!isScratch) {
            syncFolder(folderOf(digest));
          }
        },
        discard: () => rmSync(file, { force: true }),
      });
    },
    has: (digest) => existsSync(fileOf(digest)),
    readNow: (digest) => readFileSync(fileOf(digest)),
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
  // By which of them a blob will be named is told with its last byte.
  const hashes = ALGORITHMS.map((name) => createHash(name));
  let size = 0;
  return {
    append: async (chunk) => {
      await sink.append(chunk);
      hashes.forEach((hash) => hash.update(chunk));
      size += chunk.byteLength;
    },
    size: () => size,
    digestLike: (stated) => {
      const algorithm = algorithmOf(stated);
      return `${algorithm}:${hashes[ALGORITHMS.indexOf(algorithm)]?.copy().digest("hex") ?? ""}`;
    },
    sync: sink.sync,
    commit: sink.commit,
    discard: sink.discard,
  };
}
