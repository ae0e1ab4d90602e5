import type { Contents } from "./contents.ts";
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
  contents: Contents,
  stored: StoredObject,
  { range, acceptEncoding }: MediaRequest,
): Response {
  const headers = toHeaders(stored);
  const size = Number(stored.record.size);
  const isCompressed = stored.record.fields.contentEncoding === "gzip";
  if (isCompressed && acceptEncoding?.includes("gzip") !== true) {
    headers.delete("content-encoding");
    const whole = contents.stream(stored, { start: 0, end: size - 1 });
    return new Response(whole.pipeThrough(new DecompressionStream("gzip")), { headers });
  }
  const slice = range === undefined ? null : toSlice(range, size);
  const { start, end } = slice ?? { start: 0, end: size };
  headers.set("content-length", String(end - start));
  if (slice !== null) {
    headers.set("content-range", `bytes ${start}-${end - 1}/${size}`);
  }
  const body = start === end ? null : contents.stream(stored, { start, end: end - 1 });
  return new Response(body, { status: slice === null ? 200 : 206, headers });
}

function toHeaders({ record }: StoredObject): Headers {
  const { fields, createdMs, md5Hash } = record;
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
    "x-goog-hash": `crc32c=${record.crc32c}${md5Hash === undefined ? "" : `,md5=${md5Hash}`}`,
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
