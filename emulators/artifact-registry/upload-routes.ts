import { blobSize, chunksOf, type Exchange, imageAt, linkBlob, placeOf } from "./exchange.ts";
import { packageName } from "./names.ts";
import { registryError, requireDigest } from "./registry-error.ts";
import type { Upload } from "./uploads.ts";

/**
 * POST blobs/uploads/: takes a whole blob when the request names its digest, mounts one from another
 * image when it can, and else begins an upload.
 * Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-blobs
 */
export async function beginUpload(exchange: Exchange): Promise<Response> {
  const { url, uploads, id } = exchange;
  const digest = url.searchParams.get("digest");
  if (digest !== null) {
    requireDigest(digest);
    return finish(exchange, { upload: uploads.begin(packageName(id)), digest });
  }
  if (mount(exchange)) {
    return created(exchange, url.searchParams.get("mount") ?? "");
  }
  return progress(exchange, { upload: uploads.begin(packageName(id)), status: 202 });
}

/** GET blobs/uploads/<id>: how far the upload is. */
export function getUpload(exchange: Exchange): Response {
  return progress(exchange, { upload: find(exchange), status: 204 });
}

/** PATCH blobs/uploads/<id>: the next chunk, or with no Content-Range whatever comes. */
export async function appendChunk(exchange: Exchange): Promise<Response> {
  const upload = find(exchange);
  await append(exchange, upload);
  return progress(exchange, { upload, status: 202 });
}

/** PUT blobs/uploads/<id>?digest=…: the last chunk, if any, and the end of the upload. */
export async function finishUpload(exchange: Exchange): Promise<Response> {
  const digest = exchange.url.searchParams.get("digest") ?? "";
  requireDigest(digest);
  return finish(exchange, { upload: find(exchange), digest });
}

/** DELETE blobs/uploads/<id>: gives the upload up. */
export function cancelUpload(exchange: Exchange): Response {
  exchange.uploads.end(find(exchange));
  return new Response(null, { status: 204 });
}

type Finish = { readonly upload: Upload; readonly digest: string };

async function finish(exchange: Exchange, { upload, digest }: Finish): Promise<Response> {
  const { uploads } = exchange;
  await append(exchange, upload);
  const { writer } = upload;
  const uploaded = writer.digestLike(digest);
  if (uploaded !== digest) {
    uploads.end(upload);
    throw registryError("DIGEST_INVALID", `The digest of what was uploaded is ${uploaded}`);
  }
  const size = writer.size();
  await uploads.sync(upload);
  // Somebody may have given it up meanwhile.
  uploads.find(upload.image, upload.id);
  writer.commit(digest);
  uploads.end(upload);
  linkBlob(exchange, digest, size);
  return created(exchange, digest);
}

async function append(exchange: Exchange, upload: Upload): Promise<void> {
  const expected = parseRange(exchange, upload);
  const before = upload.writer.size();
  await exchange.uploads.append(upload, chunksOf(exchange.request));
  const received = upload.writer.size() - before;
  if (expected !== null && received !== expected) {
    // What was appended cannot be taken back, so nothing can be resumed from here.
    exchange.uploads.end(upload);
    throw registryError(
      "SIZE_INVALID",
      `Content-Range announced ${expected} bytes, but ${received} came`,
    );
  }
}

/** How many bytes the request announces by its Content-Range; null when it has none. */
function parseRange(exchange: Exchange, upload: Upload): number | null {
  const text = exchange.request.headers.get("content-range");
  if (text === null) {
    return null;
  }
  const [, start, end] = (/^(?:bytes )?(\d+)-(\d+)(?:\/(?:\d+|\*))?$/.exec(text) ?? []).map(Number);
  if (start === undefined || end === undefined) {
    throw registryError("BLOB_UPLOAD_INVALID", `Invalid Content-Range "${text}"`);
  }
  const size = upload.writer.size();
  if (start !== size || end < start) {
    throw registryError("BLOB_UPLOAD_INVALID", `The next chunk has to begin at byte ${size}`, {
      status: 416,
      headers: progressHeaders(exchange, upload),
    });
  }
  return end - start + 1;
}

function mount(exchange: Exchange): boolean {
  const { registry, request, url } = exchange;
  const digest = url.searchParams.get("mount") ?? "";
  const from = url.searchParams.get("from") ?? "";
  const source = from === "" ? null : placeOf(exchange, imageAt(exchange, request, from));
  const size = source === null ? null : blobSize(registry, source, digest);
  if (size !== null) {
    linkBlob(exchange, digest, size);
  }
  return size !== null;
}

function find({ uploads, id, reference }: Exchange): Upload {
  return uploads.find(packageName(id), reference);
}

function created({ name }: Exchange, digest: string): Response {
  const location = `/v2/${name}/blobs/${digest}`;
  return new Response(null, {
    status: 201,
    headers: { location, "docker-content-digest": digest },
  });
}

type Progress = { readonly upload: Upload; readonly status: number };

function progress(exchange: Exchange, { upload, status }: Progress): Response {
  return new Response(null, { status, headers: progressHeaders(exchange, upload) });
}

function progressHeaders({ name }: Exchange, upload: Upload): Record<string, string> {
  return {
    location: `/v2/${name}/blobs/uploads/${upload.id}`,
    "docker-upload-uuid": upload.id,
    // An upload of no bytes has no last byte; registries answer 0-0 then.
    range: `0-${Math.max(upload.writer.size() - 1, 0)}`,
  };
}
