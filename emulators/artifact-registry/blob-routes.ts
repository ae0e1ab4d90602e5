import type { ByteRange } from "../kit/blob-store.ts";
import { blobSize } from "./exchange.ts";
import type { Exchange } from "./exchange.ts";
import { dropContents } from "./images.ts";
import { DIGEST } from "./names.ts";
import { registryError } from "./registry-error.ts";

/**
 * GET and HEAD blobs/<digest>, whole or one range of it.
 * Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-blobs
 */
export function getBlob(exchange: Exchange): Response {
  const { registry, request, reference: digest } = exchange;
  const size = requireBlob(exchange);
  const range = parseRange(request.headers.get("range"), size);
  const { start, end } = range ?? { start: 0, end: size - 1 };
  const headers = {
    "accept-ranges": "bytes",
    "content-type": "application/octet-stream",
    "content-length": String(end - start + 1),
    "docker-content-digest": digest,
    ...(range === null ? {} : { "content-range": `bytes ${start}-${end}/${size}` }),
  };
  const hasBody = request.method !== "HEAD" && size > 0;
  const body = hasBody ? registry.blobs.stream(digest, { start, end }) : null;
  return new Response(body, { status: range === null ? 200 : 206, headers });
}

/** DELETE blobs/<digest>, unless a manifest of the image needs it. */
export function deleteBlob(exchange: Exchange): Response {
  const { registry, repository, id, reference: digest } = exchange;
  requireBlob(exchange);
  const versions = [...(repository.packages.get(id.image)?.versions.values() ?? [])];
  const user = versions.find(({ blobs }) => blobs.includes(digest));
  if (user !== undefined) {
    throw registryError("UNSUPPORTED", `The blob is still needed by the manifest ${user.digest}`);
  }
  repository.blobs.get(id.image)?.delete(digest);
  dropContents(registry, [digest]);
  return new Response(null, { status: 202 });
}

function requireBlob({ registry, repository, id, reference: digest }: Exchange): number {
  if (!DIGEST.test(digest)) {
    throw registryError(
      "DIGEST_INVALID",
      `"${digest}" is not a digest sha256:<64 hex digits> or sha512:<128>`,
    );
  }
  const size = blobSize(registry, { repository, image: id.image }, digest);
  if (size === null) {
    throw registryError("BLOB_UNKNOWN", `There is no blob ${digest}`, { detail: { digest } });
  }
  return size;
}

/**
 * The one range that a Range header asks for; null, which means the whole, when there is no header,
 * or one of another unit or of several ranges, as RFC 9110 section 14.2 allows.
 */
function parseRange(text: string | null, size: number): ByteRange | null {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(text ?? "") ?? [];
  if (first === "" && last === "") {
    return null;
  }
  const { start, end } = toRange(first, last, size);
  if (start > end) {
    throw registryError("SIZE_INVALID", `The blob has ${size} bytes`, {
      status: 416,
      headers: { "content-range": `bytes */${size}` },
    });
  }
  return { start, end };
}

/** Without a first byte, `last` counts from the end. */
function toRange(first: string, last: string, size: number): ByteRange {
  if (first === "") {
    return { start: Math.max(size - Number(last), 0), end: size - 1 };
  }
  return { start: Number(first), end: last === "" ? size - 1 : Math.min(Number(last), size - 1) };
}
