import { randomUUID } from "node:crypto";
import type { BlobWriter } from "../kit/blob-store.ts";
import { rangedResponse } from "../kit/ranged-response.ts";
import { sizeOf } from "./changes.ts";
import { packageFor, requireDigest } from "./names.ts";
import type { Exchange, Upload } from "./state.ts";
import { RegistryError } from "./registry-error.ts";

/** How many uploads may be under way at once. */
const UPLOADS_MAX = 1000;

/** An upload that nobody touched for so long is forgotten. */
const UPLOAD_IDLE_MAX_MS = 3_600_000;

/**
 * GET and HEAD blobs/<digest>, whole or one range of it.
 * Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-blobs
 */
export function getBlob({ registry, request, inPackage, reference: digest }: Exchange): Response {
  requireDigest(digest);
  const size = sizeOf(registry, inPackage, digest);
  if (size === null) {
    throw new RegistryError("BLOB_UNKNOWN", `There is no blob ${digest}`);
  }
  return rangedResponse(request, {
    size,
    headers: new Headers({
      "accept-ranges": "bytes",
      "content-type": "application/octet-stream",
      "docker-content-digest": digest,
    }),
    stream: (range) => registry.blobs.stream(digest, range),
  });
}

/**
 * POST blobs/uploads/: takes a whole blob when the request names its digest, mounts one from another
 * image when it can, and else begins an upload.
 * Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-blobs
 */
export async function beginUpload(exchange: Exchange): Promise<Response> {
  const digest = exchange.url.searchParams.get("digest");
  if (digest !== null) {
    requireDigest(digest);
    return finish(exchange, open(exchange), digest);
  }
  return mount(exchange) ?? progress(exchange, open(exchange), 202);
}

/** GET blobs/uploads/<id>: how far the upload is. */
export function getUpload(exchange: Exchange): Response {
  return progress(exchange, find(exchange), 204);
}

/** PATCH blobs/uploads/<id>: the next chunk, or with no Content-Range whatever comes. */
export async function appendChunk(exchange: Exchange): Promise<Response> {
  const upload = find(exchange);
  await append(exchange, upload);
  return progress(exchange, upload, 202);
}

/** PUT blobs/uploads/<id>?digest=…: the last chunk, if any, and the end of the upload. */
export async function finishUpload(exchange: Exchange): Promise<Response> {
  const digest = exchange.url.searchParams.get("digest") ?? "";
  requireDigest(digest);
  return finish(exchange, find(exchange), digest);
}

/** Ends an upload and forgets its bytes, unless they were committed. */
export function end(uploads: Map<string, Upload>, { id, writer }: Upload): void {
  writer.discard();
  uploads.delete(id);
}

function open({ uploads, registry, inPackage }: Exchange): Upload {
  const usedMs = registry.clock.now();
  for (const upload of uploads.values()) {
    if (!upload.isBusy && upload.usedMs < usedMs - UPLOAD_IDLE_MAX_MS) {
      end(uploads, upload);
    }
  }
  if (uploads.size >= UPLOADS_MAX) {
    throw new RegistryError("TOOMANYREQUESTS", `${UPLOADS_MAX} uploads are under way already`);
  }
  const writer = registry.blobs.create();
  const upload = { id: randomUUID(), inPackage, writer, usedMs, isBusy: false };
  uploads.set(upload.id, upload);
  return upload;
}

function find({ uploads, registry, inPackage, reference }: Exchange, uploadId = reference): Upload {
  const upload = uploads.get(uploadId);
  if (upload?.inPackage !== inPackage) {
    throw new RegistryError("BLOB_UPLOAD_UNKNOWN", `There is no upload ${uploadId} of this image`);
  }
  upload.usedMs = registry.clock.now();
  return upload;
}

async function finish(exchange: Exchange, upload: Upload, digest: string): Promise<Response> {
  const { uploads } = exchange;
  const { writer } = upload;
  await append(exchange, upload);
  const uploaded = writer.digestLike(digest);
  if (uploaded !== digest) {
    end(uploads, upload);
    throw new RegistryError("DIGEST_INVALID", `The digest of what was uploaded is ${uploaded}`);
  }
  await alone(upload, writer.sync);
  // A reset may have ended it meanwhile.
  find(exchange, upload.id);
  writer.commit(digest);
  end(uploads, upload);
  return created(exchange, digest, writer.size());
}

async function append(exchange: Exchange, upload: Upload): Promise<void> {
  const { writer } = upload;
  const expected = readRange(exchange, upload);
  const before = writer.size();
  await alone(upload, async () => appendAll(exchange, writer));
  const received = writer.size() - before;
  if (expected !== null && received !== expected) {
    // What was appended cannot be taken back, so nothing can be resumed from here.
    end(exchange.uploads, upload);
    throw new RegistryError(
      "SIZE_INVALID",
      `Content-Range announced ${expected} bytes, but ${received} came`,
    );
  }
}

async function appendAll({ request, blobBytesMax }: Exchange, writer: BlobWriter): Promise<void> {
  const body: AsyncIterable<Uint8Array> = request.body ?? new Blob([]).stream();
  for await (const chunk of body) {
    if (writer.size() + chunk.byteLength > blobBytesMax) {
      throw new RegistryError("SIZE_INVALID", `A blob may have ${blobBytesMax} bytes`, {
        status: 413,
      });
    }
    await writer.append(chunk);
  }
}

async function alone(upload: Upload, run: () => Promise<void>): Promise<void> {
  if (upload.isBusy) {
    throw new RegistryError("BLOB_UPLOAD_INVALID", "Another request is appending to this upload");
  }
  upload.isBusy = true;
  try {
    await run();
  } finally {
    upload.isBusy = false;
  }
}

/** How many bytes the request announces by its Content-Range; null when it has none. */
function readRange(exchange: Exchange, upload: Upload): number | null {
  const text = exchange.request.headers.get("content-range");
  if (text === null) {
    return null;
  }
  const [, start, last] = (/^(?:bytes )?(\d+)-(\d+)(?:\/(?:\d+|\*))?$/.exec(text) ?? []).map(
    Number,
  );
  if (start === undefined || last === undefined) {
    throw new RegistryError("BLOB_UPLOAD_INVALID", `Invalid Content-Range "${text}"`);
  }
  const size = upload.writer.size();
  if (start !== size || last < start) {
    throw new RegistryError("BLOB_UPLOAD_INVALID", `The next chunk has to begin at byte ${size}`, {
      status: 416,
      headers: progressHeaders(exchange, upload),
    });
  }
  return last - start + 1;
}

/** Takes in a blob of another image that is here already; null when there is none. */
function mount(exchange: Exchange): Response | null {
  const { registry, request, url, defaultLocation } = exchange;
  const digest = url.searchParams.get("mount") ?? "";
  const from = url.searchParams.get("from") ?? "";
  const host = request.headers.get("host");
  const size =
    from === "" ? null : sizeOf(registry, packageFor(from, { host, defaultLocation }), digest);
  return size === null ? null : created(exchange, digest, size);
}

/** Makes a stored blob one that may be pulled. */
function created({ registry, inPackage, name }: Exchange, digest: string, size: number): Response {
  registry.contents.set(`${inPackage}/blobs/${digest}`, size);
  const location = `/v2/${name}/blobs/${digest}`;
  const headers = { location, "docker-content-digest": digest };
  return new Response(null, { status: 201, headers });
}

function progress(exchange: Exchange, upload: Upload, status: number): Response {
  return new Response(null, { status, headers: progressHeaders(exchange, upload) });
}

function progressHeaders({ name }: Exchange, { id, writer }: Upload): Record<string, string> {
  return {
    location: `/v2/${name}/blobs/uploads/${id}`,
    "docker-upload-uuid": id,
    // An upload of no bytes has no last byte; registries answer 0-0 then.
    range: `0-${Math.max(writer.size() - 1, 0)}`,
  };
}
