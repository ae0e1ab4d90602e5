import { randomUUID } from "node:crypto";
import type { BlobWriter } from "../kit/blob-store.ts";
import { registryError } from "./registry-error.ts";
import type { Registry } from "./state.ts";

/** The largest blob that is taken unless the options say otherwise, in bytes. */
export const BLOB_SIZE_MAX_BYTES = 10 * 1024 ** 3;

/** How many uploads may be under way at once. */
const UPLOADS_MAX = 1000;

/** An upload that nobody touched for so long is forgotten. */
const UPLOAD_IDLE_MAX_MS = 3_600_000;

/** A blob that is being uploaded. Uploads do not outlive the process; clients begin again. */
export type Upload = {
  readonly id: string;
  /** The image that it was begun for, by resource name. */
  readonly image: string;
  readonly writer: BlobWriter;
};

/** The uploads under way. */
export type Uploads = {
  /** @throws RegistryError TOOMANYREQUESTS */
  readonly begin: (image: string) => Upload;
  /** @throws RegistryError BLOB_UPLOAD_UNKNOWN */
  readonly find: (image: string, uploadId: string) => Upload;
  /**
   * Appends what a request sends. @throws RegistryError SIZE_INVALID when it becomes too large, and
   * BLOB_UPLOAD_INVALID while another request is appending.
   */
  readonly append: (upload: Upload, chunks: AsyncIterable<Uint8Array>) => Promise<void>;
  /** Resolves when what came is on disk; nobody can append meanwhile. @throws RegistryError like `append` */
  readonly sync: (upload: Upload) => Promise<void>;
  /** Ends an upload and forgets its bytes, unless they were committed. */
  readonly end: (upload: Upload) => void;
  readonly endAll: () => void;
};

type Entry = { readonly upload: Upload; usedMs: number; isAppending: boolean };

/** Opens the list of uploads; `sizeMax` is in bytes. */
export function openUploads(registry: Registry, sizeMax: number): Uploads {
  const entries = new Map<string, Entry>();
  function end(upload: Upload): void {
    upload.writer.discard();
    entries.delete(upload.id);
  }
  function entryOf(image: string, uploadId: string): Entry {
    const entry = entries.get(uploadId);
    if (entry === undefined || entry.upload.image !== image) {
      throw registryError("BLOB_UPLOAD_UNKNOWN", `There is no upload ${uploadId} of this image`);
    }
    entry.usedMs = registry.clock.now();
    return entry;
  }
  async function alone(upload: Upload, run: () => Promise<void>): Promise<void> {
    const entry = entryOf(upload.image, upload.id);
    if (entry.isAppending) {
      throw registryError("BLOB_UPLOAD_INVALID", "Another request is appending to this upload");
    }
    entry.isAppending = true;
    try {
      await run();
    } finally {
      entry.isAppending = false;
    }
  }
  return {
    begin: (image) => {
      const usedMs = registry.clock.now();
      const idle = [...entries.values()].filter(
        (entry) => !entry.isAppending && entry.usedMs < usedMs - UPLOAD_IDLE_MAX_MS,
      );
      idle.forEach((entry) => end(entry.upload));
      if (entries.size >= UPLOADS_MAX) {
        throw registryError("TOOMANYREQUESTS", `${UPLOADS_MAX} uploads are under way already`);
      }
      const uploadId = randomUUID();
      const upload = { id: uploadId, image, writer: registry.blobs.create() };
      entries.set(uploadId, { upload, usedMs, isAppending: false });
      return upload;
    },
    find: (image, uploadId) => entryOf(image, uploadId).upload,
    append: async (upload, chunks) =>
      alone(upload, async () => appendAll(upload.writer, chunks, sizeMax)),
    sync: async (upload) => alone(upload, upload.writer.sync),
    end,
    endAll: () => [...entries.values()].forEach((entry) => end(entry.upload)),
  };
}

async function appendAll(
  writer: BlobWriter,
  chunks: AsyncIterable<Uint8Array>,
  sizeMax: number,
): Promise<void> {
  for await (const chunk of chunks) {
    if (writer.size() + chunk.byteLength > sizeMax) {
      throw registryError("SIZE_INVALID", `A blob may have ${sizeMax} bytes`, { status: 413 });
    }
    await writer.append(chunk);
  }
}
