import { z } from "zod";
import { digestOf } from "../kit/blob-store.ts";
import { readBytes } from "../kit/body.ts";
import { idOf } from "../kit/collection-names.ts";
import {
  findVersion,
  putVersion,
  removeTag,
  removeVersion,
  sizeOf,
  versionsIn,
} from "./changes.ts";
import {
  type ImageSettings,
  type Manifest,
  MANIFEST_SIZE_MAX_BYTES,
  OCI_INDEX,
  parseManifest,
  parseSettings,
} from "./manifest.ts";
import { DIGEST, packageOf, requireDigest, TAG } from "./names.ts";
import { RegistryError } from "./registry-error.ts";
import type { Exchange, Held, Registry, Version } from "./state.ts";

/** A configuration of more bytes is some artifact's, not an image's, and is not read. */
const CONFIG_SIZE_MAX_BYTES = 4 * 1024 * 1024;

/** How many missing blobs an error lists. */
const MISSING_LISTED_MAX = 10;

/** What is told of a manifest that refers to another. */
const Artifact = z.object({
  artifactType: z.string().optional(),
  config: z.object({ mediaType: z.string() }).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});

/** How many tags a page has at most. */
const TAGS_PAGE_SIZE_MAX = 1000;

/** GET and HEAD manifests/<tag or digest>: the bytes that were pushed. */
export async function getManifest(exchange: Exchange): Promise<Response> {
  const { registry, request } = exchange;
  const { name, metadata } = requireVersion(exchange);
  const digest = idOf(name);
  const headers = {
    "content-type": metadata.mediaType,
    "content-length": String(sizeOf(registry, packageOf(name), digest)),
    "docker-content-digest": digest,
    etag: `"${digest}"`,
  };
  const isHead = request.method === "HEAD";
  const body = isHead ? null : new Uint8Array(await registry.blobs.read(digest));
  return new Response(body, { headers });
}

/**
 * PUT manifests/<tag or digest>: records the manifest, if all that it refers to is there.
 * Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests
 */
export async function putManifest(exchange: Exchange): Promise<Response> {
  const { registry, request, name, inPackage, reference } = exchange;
  requireReference(reference);
  const bytes = await readBytes(request, MANIFEST_SIZE_MAX_BYTES);
  const tag = DIGEST.test(reference) ? null : reference;
  const digest = digestOf(bytes, reference);
  if (tag === null && reference !== digest) {
    throw new RegistryError("DIGEST_INVALID", `The digest of the manifest is ${digest}`);
  }
  const manifest = parseManifest(bytes, request.headers.get("content-type"));
  requireContents(exchange, manifest);
  const settings = await readSettings(exchange, manifest);
  const writer = registry.blobs.create();
  await writer.append(bytes);
  await writer.sync();
  // Other requests ran meanwhile; from here on nothing else does.
  requireContents(exchange, manifest);
  writer.commit(digest);
  putVersion(registry, inPackage, { digest, manifest, bytes: bytes.byteLength, settings, tag });
  const headers = {
    location: `/v2/${name}/manifests/${digest}`,
    "docker-content-digest": digest,
    ...(manifest.subject !== null && { "oci-subject": manifest.subject }),
  };
  return new Response(null, { status: 201, headers });
}

/** DELETE manifests/<tag>, which removes the tag alone, and manifests/<digest>. */
export function deleteManifest(exchange: Exchange): Response {
  const { registry, inPackage, reference } = exchange;
  const { name } = requireVersion(exchange);
  if (DIGEST.test(reference)) {
    removeVersion(registry, name, false);
  } else {
    removeTag(registry, `${inPackage}/tags/${reference}`);
  }
  return new Response(null, { status: 202 });
}

/**
 * GET tags/list?n=&last=: the tags in order, one page of them, with a Link to the next.
 * Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags
 */
export function listTags({ url, name, inPackage, registry }: Exchange): Response {
  if (!registry.packages.records.has(inPackage)) {
    throw new RegistryError("NAME_UNKNOWN", `There is no image "${name}"`);
  }
  const asked = url.searchParams.get("n") ?? String(TAGS_PAGE_SIZE_MAX);
  if (!/^\d{1,9}$/.test(asked)) {
    throw new RegistryError(
      "PAGINATION_NUMBER_INVALID",
      `n must be a number of tags, not "${asked}"`,
    );
  }
  const size = Math.min(Number(asked), TAGS_PAGE_SIZE_MAX);
  const last = url.searchParams.get("last") ?? "";
  const all = [...registry.tags.records.keys()].filter((tag) => packageOf(tag) === inPackage);
  const rest = all
    .map(idOf)
    .toSorted()
    .filter((tag) => tag > last);
  const tags = rest.slice(0, size);
  const end = tags.at(-1);
  const isCut = end !== undefined && rest.length > tags.length;
  const link = `</v2/${name}/tags/list?n=${size}&last=${end ?? ""}>; rel="next"`;
  return Response.json({ name, tags }, { headers: isCut ? { link } : {} });
}

/**
 * GET referrers/<digest>: the manifests whose subject it is, perhaps of one type. What nothing refers to has
 * none, whether it is there or not.
 * Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
 */
export async function listReferrers(exchange: Exchange): Promise<Response> {
  const { registry, inPackage, reference, url } = exchange;
  requireDigest(reference);
  const referring = versionsIn(registry, inPackage).filter(
    ({ hidden: { subject } }) => subject === reference,
  );
  const all = await Promise.all(referring.map(async (version) => toReferrer(registry, version)));
  const wanted = url.searchParams.get("artifactType");
  const manifests = all.filter(({ artifactType }) => wanted === null || artifactType === wanted);
  const headers = {
    "content-type": OCI_INDEX,
    ...(wanted !== null && { "oci-filters-applied": "artifactType" }),
  };
  return Response.json({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }, { headers });
}

type Referrer = { readonly artifactType: unknown; readonly [field: string]: unknown };

/** The type of an artifact is its configuration's, unless it says so itself. */
async function toReferrer(
  registry: Registry,
  { name, metadata }: Held<Version>,
): Promise<Referrer> {
  const digest = idOf(name);
  const size = sizeOf(registry, packageOf(name), digest);
  const bytes = Buffer.from(await registry.blobs.read(digest));
  const { config, annotations, ...manifest } = Artifact.parse(JSON.parse(bytes.toString()));
  const artifactType = manifest.artifactType ?? config?.mediaType;
  return { mediaType: metadata.mediaType, digest, size, artifactType, annotations };
}

function requireVersion({ registry, inPackage, reference }: Exchange): Held<Version> {
  requireReference(reference);
  const version = findVersion(registry, inPackage, reference);
  if (version === null) {
    throw new RegistryError("MANIFEST_UNKNOWN", `Failed to fetch "${reference}"`);
  }
  return version;
}

function requireReference(reference: string): void {
  if (reference.includes(":")) {
    requireDigest(reference);
  } else if (!TAG.test(reference)) {
    throw new RegistryError("MANIFEST_INVALID", `"${reference}" is no tag`);
  }
}

/** An index lists manifests, or as a build cache's does layers: all are among the contents. */
function requireContents({ registry, inPackage }: Exchange, { blobs, children }: Manifest): void {
  const missing = [...blobs, ...children.map(({ digest }) => digest)].filter(
    (digest) => sizeOf(registry, inPackage, digest) === null,
  );
  if (missing.length > 0) {
    const told = missing.slice(0, MISSING_LISTED_MAX).join(", ");
    throw new RegistryError("MANIFEST_BLOB_UNKNOWN", `Upload these first: ${told}`);
  }
}

async function readSettings(
  { registry, inPackage }: Exchange,
  { config }: Manifest,
): Promise<ImageSettings | null> {
  if (config === null) {
    return null;
  }
  const isReadable = (sizeOf(registry, inPackage, config) ?? Infinity) <= CONFIG_SIZE_MAX_BYTES;
  return parseSettings(isReadable ? await registry.blobs.read(config) : new Uint8Array());
}
