import { rangedResponse } from "../kit/ranged-response.ts";
import type { Contents } from "./contents.ts";
import { type StoredObject, toEtag } from "./state.ts";

/**
 * The content of an object, whole or a range of it.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/objects/get
 * @throws GoogleError OUT_OF_RANGE for a range that the object does not have.
 */
export function toMediaResponse(
  contents: Contents,
  stored: StoredObject,
  request: Request,
): Response {
  const { fields, createdMs, md5Hash, ...record } = stored.record;
  const headers = {
    "content-type": fields.contentType ?? "application/octet-stream",
    etag: toEtag(record),
    "last-modified": new Date(createdMs).toUTCString(),
    "x-goog-generation": record.generation,
    "x-goog-metageneration": record.metageneration,
    "x-goog-hash": `crc32c=${record.crc32c}${md5Hash === undefined ? "" : `,md5=${md5Hash}`}`,
    "x-goog-storage-class": fields.storageClass ?? "STANDARD",
    "x-goog-stored-content-encoding": "identity",
    "x-goog-stored-content-length": record.size,
    "content-disposition": fields.contentDisposition ?? "",
    "content-language": fields.contentLanguage ?? "",
    "cache-control": fields.cacheControl ?? "",
  };
  return rangedResponse(request, {
    size: Number(record.size),
    headers: new Headers(Object.entries(headers).filter(([, value]) => value !== "")),
    stream: (range) => contents.stream(stored, range),
  });
}
