import { z } from "zod";

import type { ImageDescription } from "../domain/image.ts";
import { accepted, refused } from "../domain/result.ts";
import type { Parsed } from "./parsed.ts";

/** What a manifest or index says of a file that belongs to it. */
export type Descriptor = z.infer<typeof Descriptor>;

/** A manifest that may be of an image, as far as it is read. */
export type ReadManifest =
  | { readonly kind: "image"; readonly config: Descriptor }
  /** The manifests of an index that may be of an image for linux/amd64, the likeliest first. */
  | { readonly kind: "index"; readonly candidates: readonly Descriptor[] };

/** What an index lists is looked at up to here; the platforms of an image are a handful. */
export const CANDIDATES_MAX = 8;

const INDEXES: ReadonlySet<string> = new Set([
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
]);
const MANIFESTS: ReadonlySet<string> = new Set([
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
]);
const CONFIGURATIONS: ReadonlySet<string> = new Set([
  "application/vnd.oci.image.config.v1+json",
  "application/vnd.docker.container.image.v1+json",
]);

/** What is asked for as a manifest. */
export const MANIFEST_TYPES: readonly string[] = [...INDEXES, ...MANIFESTS];

const BUILD_CACHE = "application/vnd.buildkit.cacheconfig.v0";

/** What other configurations stand for, where it is well known. */
const OTHERS: ReadonlyMap<string, string> = new Map([
  [BUILD_CACHE, "a build cache"],
  ["application/vnd.cncf.helm.config.v1+json", "a Helm chart"],
  ["application/vnd.docker.plugin.v1+json", "a Docker plugin"],
  ["application/vnd.oci.empty.v1+json", "an artifact without a configuration"],
  ["application/vnd.wasm.config.v0+json", "a WebAssembly module"],
]);

const SCHEMA_1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+/;

/**
 * The layers that a container's file system is made of, whatever their compression.
 * Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/media-types.md
 */
const LAYER =
  /^application\/vnd\.(?:oci\.image\.layer\.(?:nondistributable\.)?v1\.tar|docker\.image\.rootfs\.(?:foreign\.)?diff\.tar)(?:[.+](?:gzip|zstd))?$/;

/** An attestation that BuildKit keeps in an image's index. */
const ATTESTATION = "attestation-manifest";

const Platform = z.object({ os: z.string().catch(""), architecture: z.string().catch("") });
const Descriptor = z.object({
  mediaType: z.string().catch(""),
  digest: z.string().catch(""),
  platform: Platform.nullish().catch(null),
  annotations: z.record(z.string(), z.unknown()).nullish().catch(null),
});

/**
 * A manifest, or an index of manifests.
 * Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md and image-index.md
 */
const Manifest = z.object({
  mediaType: z.string().nullish().catch(null),
  artifactType: z.string().nullish().catch(null),
  subject: z.unknown().optional(),
  config: Descriptor.nullish().catch(null),
  layers: z.array(Descriptor).nullish().catch(null),
  manifests: z.array(Descriptor).nullish().catch(null),
});
type Manifest = z.infer<typeof Manifest>;

/** Reads a manifest as the registry served it: what may be an image, or why it is none. */
export function readManifest(json: unknown, contentType: string | null): Parsed<ReadManifest> {
  const parsed = Manifest.safeParse(json);
  if (!parsed.success) {
    return refused("it is no manifest");
  }
  const manifest = parsed.data;
  const type = manifest.mediaType ?? contentType?.replace(/;.*/s, "").trim() ?? "";
  const other = attachment(manifest);
  if (other !== null) {
    return refused(other);
  }
  if (SCHEMA_1.test(type)) {
    return refused("it is a manifest of Docker's schema 1, which is no longer run");
  }
  if (INDEXES.has(type)) {
    return readIndex(manifest);
  }
  return MANIFESTS.has(type)
    ? readImage(manifest)
    : refused(`it is of the type ${shown(type)}, not a container image`);
}

/** Signatures, bills of materials and the like belong to an image and are none. */
function attachment({ artifactType, subject }: Manifest): string | null {
  if (subject !== undefined && subject !== null) {
    return "it is attached to another image";
  }
  const isArtifact = typeof artifactType === "string" && artifactType !== "";
  return isArtifact && !CONFIGURATIONS.has(artifactType)
    ? `it is an artifact of the type ${shown(artifactType)}`
    : null;
}

function readImage({ config, layers }: Manifest): Parsed<ReadManifest> {
  const type = config?.mediaType ?? "";
  if (config === null || config === undefined || !CONFIGURATIONS.has(type)) {
    return refused(`it is ${OTHERS.get(type) ?? `configured as ${shown(type)}`}`);
  }
  const strange = layers?.find(({ mediaType }) => !LAYER.test(mediaType));
  return strange === undefined
    ? accepted({ kind: "image", config })
    : refused(`it holds ${shown(strange.mediaType)}, not the layers of a container image`);
}

function readIndex({ manifests }: Manifest): Parsed<ReadManifest> {
  const listed = manifests ?? [];
  if (listed.some(({ mediaType }) => mediaType === BUILD_CACHE)) {
    return refused("it is a build cache");
  }
  const images = listed.filter(
    ({ mediaType, annotations }) =>
      MANIFESTS.has(mediaType) && annotations?.["vnd.docker.reference.type"] !== ATTESTATION,
  );
  const named = images.filter(({ platform }) => isTarget(platform));
  const unnamed = images.filter(({ platform }) => platform === null || platform === undefined);
  const candidates = [...named, ...unnamed].slice(0, CANDIDATES_MAX);
  return candidates.length === 0
    ? refused(`it has no image for linux/amd64, but ${platformsOf(listed)}`)
    : accepted({ kind: "index", candidates });
}

/** Cloud Run and the nodes of a cluster run linux/amd64; its variants are the same to them. */
function isTarget(platform: z.infer<typeof Platform> | null | undefined): boolean {
  return platform?.os === "linux" && platform.architecture === "amd64";
}

const SHOWN_MAX = 5;

function platformsOf(listed: readonly Descriptor[]): string {
  const names = new Set(
    listed.map(({ platform, mediaType }) =>
      platform === null || platform === undefined
        ? shown(mediaType)
        : shown(`${platform.os}/${platform.architecture}`),
    ),
  );
  return names.size === 0 ? "lists none" : [...names].slice(0, SHOWN_MAX).join(", ");
}

/**
 * An image's configuration.
 * Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md
 */
const Configuration = Platform.extend({
  config: z
    .object({ Labels: z.record(z.string(), z.unknown()).nullish().catch(null) })
    .nullish()
    .catch(null),
});

/** What an image's configuration says: that it runs on linux/amd64, who made it and of what. */
export function describeImage(json: unknown): ImageDescription {
  const parsed = Configuration.safeParse(json);
  if (!parsed.success) {
    return { kind: "other", reason: "its configuration is none of a container image" };
  }
  const { os, architecture, config } = parsed.data;
  if (!isTarget({ os, architecture })) {
    const platform = os === "" ? "no platform" : shown(`${os}/${architecture}`);
    return { kind: "other", reason: `it is for ${platform}, not for linux/amd64` };
  }
  const labels = config?.Labels ?? {};
  return {
    kind: "runnable",
    authors: parseAuthors(labels["org.opencontainers.image.authors"]),
    commit: parseCommit(labels["org.opencontainers.image.revision"]),
  };
}

/** The longest label of authors that is read; a longer one says nothing, so that it cannot hide somebody. */
const AUTHORS_LENGTH_MAX = 2048;
/** The most authors that are told apart; with more of them none is, for the same reason. */
const AUTHORS_MAX = 20;
/** Source: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1 */
const ADDRESS_LENGTH_MAX = 254;

/** What stands in no address of a person: it parts them. */
const BETWEEN = /[^\p{Letter}\p{Number}@._+'-]+/u;
/** Marks at the ends of a word belong to the sentence. */
const OUTER = new Set([".", "'", "-"]);

/** Every e-mail address in a label, lower case, each once. Takes linear time for any text. */
export function parseAuthors(label: unknown): readonly string[] {
  if (typeof label !== "string" || label.length > AUTHORS_LENGTH_MAX) {
    return [];
  }
  const addresses = new Set(label.toWellFormed().toLowerCase().split(BETWEEN).flatMap(toAddresses));
  return addresses.size > AUTHORS_MAX ? [] : [...addresses];
}

/** The addresses of a word: one around each `@`. */
function toAddresses(word: string): readonly string[] {
  const parts = trim(word).split("@");
  return parts.slice(1).flatMap((domain, index) => {
    const name = parts[index] ?? "";
    const address = `${name}@${domain}`;
    const isAddress = name !== "" && domain !== "" && address.length <= ADDRESS_LENGTH_MAX;
    return isAddress ? [address] : [];
  });
}

function trim(word: string): string {
  let from = 0;
  let to = word.length;
  while (from < to && OUTER.has(word.charAt(from))) {
    from += 1;
  }
  while (to > from && OUTER.has(word.charAt(to - 1))) {
    to -= 1;
  }
  return word.slice(from, to);
}

const COMMIT_LENGTH_MAX = 128;

/** A commit's name: visible ASCII of a bounded length. Anything else says nothing. */
export function parseCommit(label: unknown): string | null {
  return typeof label === "string" && label.length <= COMMIT_LENGTH_MAX && /^[!-~]+$/.test(label)
    ? label
    : null;
}

const SHOWN_LENGTH_MAX = 100;

/** What came from outside, fit to stand in a sentence. */
function shown(text: string): string {
  const plain = text
    .slice(0, SHOWN_LENGTH_MAX)
    .toWellFormed()
    .replace(/[^!-~]/gu, "?");
  return plain === "" ? "no known type" : plain;
}
