import { gunzipSync } from "node:zlib";
import { toEtag } from "./operations-objects.ts";
import type { StoredObject } from "./state.ts";
import { StorageError } from "./storage-error.ts";

/** What a reader asks for beside the object itself. */
export type MediaRequest = {
  readonly range: string | undefined;
  readonly acceptEncoding: string | undefined;
};

/**
 * The content of an object, whole or a range of it. What is stored compressed is decompressed for a
 * reader that does not accept it so.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/objects/get and
 * https://cloud.google.com/storage/docs/transcoding
 * @throws StorageError 416 for a range that the object does not have.
 */
export function toMediaResponse(
  stored: StoredObject,
  { range, acceptEncoding }: MediaRequest,
): Response {
  const headers = toHeaders(stored);
  const isCompressed = stored.record.fields.contentEncoding === "gzip";
  if (isCompressed && acceptEncoding?.includes("gzip") !== true) {
    headers.delete("content-encoding");
    return new Response(new Uint8Array(gunzipSync(stored.bytes)), { headers });
  }
  const bytes = new Uint8Array(stored.bytes);
  const slice = range === undefined ? null : toSlice(range, bytes.length);
  if (slice === null) {
    headers.set("content-length", String(bytes.length));
    return new Response(bytes, { headers });
  }
  headers.set("content-range", `bytes ${slice.start}-${slice.end - 1}/${bytes.length}`);
  headers.set("content-length", String(slice.end - slice.start));
  return new Response(bytes.subarray(slice.start, slice.end), { status: 206, headers });
}

function toHeaders({ record }: StoredObject): Headers {
  const { fields, createdMs } = record;
  const optional = {
    "content-encoding": fields.contentEncoding,
    "content-disposition": fields.contentDisposition,
    "content-language": fields.contentLanguage,
    "cache-control": fields.cacheControl,
  };
  const headers = new Headers({
    "content-type": fields.contentType ?? "application/octet-stream",
    etag: toEtag(record),
    "last-modified": new Date(createdMs).toUTCString(),
    "x-goog-generation": record.generation,
    "x-goog-metageneration": record.metageneration,
    "x-goog-hash": `crc32c=${record.crc32c},md5=${record.md5Hash}`,
    "x-goog-storage-class": fields.storageClass ?? "STANDARD",
    "x-goog-stored-content-encoding": fields.contentEncoding ?? "identity",
    "x-goog-stored-content-length": record.size,
  });
  for (const [name, value] of Object.entries(optional)) {
    if (value !== undefined) {
      headers.set(name, value);
    }
  }
  return headers;
}

/** Null for a range header of another form, which is as good as none. */
function toSlice(
  range: string,
  size: number,
): { readonly start: number; readonly end: number } | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(range);
  if (match === null || range === "bytes=-") {
    return null;
  }
  const [, first = "", last = ""] = match;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size : Math.min(size, Number(last) + 1);
  if (start >= end) {
    throw new StorageError(
      { code: 416, reason: "requestedRangeNotSatisfiable" },
      "Request range not satisfiable",
    );
  }
  return { start, end };
}
