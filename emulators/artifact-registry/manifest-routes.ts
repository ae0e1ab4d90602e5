import { digestOf } from "../kit/blob-store.ts";
import { blobSize, chunksOf } from "./exchange.ts";
import type { Exchange } from "./exchange.ts";
import { findVersion, putVersion, refuseTag, removeTag, removeVersion } from "./images.ts";
import type { HeldImage, Refusal } from "./images.ts";
import { MANIFEST_SIZE_MAX_BYTES, parseManifest, parseSettings } from "./manifest.ts";
import type { ImageSettings, Manifest } from "./manifest.ts";
import { DIGEST, TAG } from "./names.ts";
import { registryError } from "./registry-error.ts";
import type { RegistryError } from "./registry-error.ts";
import type { Package, Version } from "./state.ts";

/** A configuration of more bytes is some artifact's, not an image's, and is not read. */
const CONFIG_SIZE_MAX_BYTES = 4 * 1024 * 1024;

/** How many missing blobs an error lists. */
const MISSING_LISTED_MAX = 10;

/** GET and HEAD manifests/<tag or digest>: the bytes that were pushed. */
export async function getManifest(exchange: Exchange): Promise<Response> {
  const { registry, request } = exchange;
  const { version } = requireVersion(exchange);
  const headers = {
    "content-type": version.mediaType,
    "content-length": String(version.manifestBytes),
    "docker-content-digest": version.digest,
    etag: `"${version.digest}"`,
  };
  const isHead = request.method === "HEAD";
  const body = isHead ? null : new Uint8Array(await registry.blobs.read(version.digest));
  return new Response(body, { headers });
}

/**
 * PUT manifests/<tag or digest>: records the manifest, if all that it refers to is there.
 * Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests
 */
export async function putManifest(exchange: Exchange): Promise<Response> {
  const { registry, repository, request, id, name, reference } = exchange;
  requireReference(reference);
  const bytes = await readManifest(request);
  const digest = digestOf(bytes, DIGEST.test(reference) ? reference : "");
  if (DIGEST.test(reference) && reference !== digest) {
    throw registryError("DIGEST_INVALID", "The digest does not match the manifest", {
      detail: { stated: reference, uploaded: digest },
    });
  }
  const manifest = parseManifest(bytes, request.headers.get("content-type"));
  const tag = DIGEST.test(reference) ? null : reference;
  requireAcceptable(exchange, manifest, { tag, digest });
  const settings = await readSettings(exchange, manifest);
  const writer = registry.blobs.create();
  await writer.append(bytes);
  await writer.sync();
  // Other requests ran meanwhile; from here on nothing else does.
  requireAcceptable(exchange, manifest, { tag, digest });
  writer.commit(digest);
  const upload = { digest, manifest, manifestBytes: bytes.byteLength, settings, tag };
  putVersion(registry, repository, { image: id.image, upload });
  const headers = new Headers({
    location: `/v2/${name}/manifests/${digest}`,
    "docker-content-digest": digest,
  });
  if (manifest.subject !== null) {
    headers.set("oci-subject", manifest.subject);
  }
  return new Response(null, { status: 201, headers });
}

/** DELETE manifests/<tag>, which removes the tag alone, and manifests/<digest>. */
export function deleteManifest(exchange: Exchange): Response {
  const { registry, repository, id, reference } = exchange;
  const { held, version } = requireVersion(exchange);
  const image: HeldImage = { registry, repository, id, held };
  const refusal = DIGEST.test(reference)
    ? removeVersion(image, { digest: version.digest, force: false })
    : removeTag(image, reference);
  if (refusal !== null) {
    throw toError(refusal);
  }
  return new Response(null, { status: 202 });
}

/** A refusal in the words of the distribution API. */
function toError(refusal: Refusal): RegistryError {
  switch (refusal.kind) {
    case "immutable-tag":
      // Source: https://cloud.google.com/artifact-registry/docs/docker/troubleshoot#push
      return registryError(
        "MANIFEST_INVALID",
        `cannot ${refusal.verb} tag ${refusal.tag}. The repository has enabled tag immutability`,
      );
    case "tagged":
      return registryError(
        "GOOGLE_MANIFEST_DANGLING_TAG",
        `Manifest is still referenced by one or more tags: ${refusal.tags.join(", ")}`,
      );
    case "has-parent":
      return registryError(
        "GOOGLE_MANIFEST_DANGLING_PARENT_IMAGE",
        `Manifest is still referenced by parent image: ${refusal.parent}`,
      );
  }
}

function requireVersion({ repository, id, reference }: Exchange): {
  readonly held: Package;
  readonly version: Version;
} {
  requireReference(reference);
  const held = repository.packages.get(id.image);
  const version = held === undefined ? null : findVersion(held, reference);
  if (held === undefined || version === null) {
    throw registryError("MANIFEST_UNKNOWN", `Failed to fetch "${reference}"`);
  }
  return { held, version };
}

function requireReference(reference: string): void {
  if (reference.includes(":") ? !DIGEST.test(reference) : !TAG.test(reference)) {
    const code = reference.includes(":") ? "DIGEST_INVALID" : "MANIFEST_INVALID";
    throw registryError(
      code,
      `"${reference}" is neither a tag nor a digest sha256:<64 hex digits> or sha512:<128>`,
    );
  }
}

async function readManifest(request: Request): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunksOf(request)) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > MANIFEST_SIZE_MAX_BYTES) {
      const message = `A manifest may have ${MANIFEST_SIZE_MAX_BYTES} bytes`;
      throw registryError("SIZE_INVALID", message, { status: 413 });
    }
  }
  return Buffer.concat(chunks);
}

type Target = { readonly tag: string | null; readonly digest: string };

function requireAcceptable(exchange: Exchange, manifest: Manifest, { tag, digest }: Target): void {
  const { registry, repository, id } = exchange;
  const place = { repository, image: id.image };
  const blobs = manifest.blobs.filter((blob) => blobSize(registry, place, blob) === null);
  const versions = repository.packages.get(id.image)?.versions;
  // A build cache's index lists layers, which are there as blobs.
  const children = manifest.children.filter(
    ({ digest: child }) =>
      versions?.has(child) !== true && blobSize(registry, place, child) === null,
  );
  const missing = [...blobs, ...children.map((child) => child.digest)];
  if (missing.length > 0) {
    const listed = missing.slice(0, MISSING_LISTED_MAX);
    throw registryError("MANIFEST_BLOB_UNKNOWN", `Upload these first: ${listed.join(", ")}`, {
      detail: { digests: listed },
    });
  }
  const refusal = tag === null ? null : refuseTag(repository, id.image, { tag, digest });
  if (refusal !== null) {
    throw toError(refusal);
  }
}

async function readSettings(exchange: Exchange, manifest: Manifest): Promise<ImageSettings | null> {
  const { registry, repository, id } = exchange;
  const { config } = manifest;
  if (config === null) {
    return null;
  }
  const size = blobSize(registry, { repository, image: id.image }, config) ?? Infinity;
  const isReadable = size <= CONFIG_SIZE_MAX_BYTES;
  return parseSettings(isReadable ? await registry.blobs.read(config) : new Uint8Array());
}
