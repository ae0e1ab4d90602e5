import { rangedResponse } from "../kit/ranged-response.ts";
import { blobSize } from "./exchange.ts";
import type { Exchange } from "./exchange.ts";
import { dropContents } from "./images.ts";
import { registryError, requireDigest } from "./registry-error.ts";

/**
 * GET and HEAD blobs/<digest>, whole or one range of it.
 * Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-blobs
 */
export function getBlob(exchange: Exchange): Response {
  const { registry, request, reference: digest } = exchange;
  return rangedResponse(request, {
    size: requireBlob(exchange),
    headers: new Headers({
      "accept-ranges": "bytes",
      "content-type": "application/octet-stream",
      "docker-content-digest": digest,
    }),
    stream: (range) => registry.blobs.stream(digest, range),
  });
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

function requireBlob(exchange: Exchange): number {
  const { registry, reference: digest } = exchange;
  requireDigest(digest);
  const size = blobSize(registry, exchange, digest);
  if (size === null) {
    throw registryError("BLOB_UNKNOWN", `There is no blob ${digest}`);
  }
  return size;
}
