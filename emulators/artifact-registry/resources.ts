import type { Message } from "../kit/call.ts";
import { googleError } from "../kit/google-error.ts";
import { findImage, type HeldImage, tagsOf } from "./images.ts";
import {
  dockerImageName,
  type ImageId,
  imageUri,
  packageName,
  parseName,
  repositoryName,
  tagName,
  versionName,
} from "./names.ts";
import { requireRepository } from "./repositories.ts";
import { type Registry, toMicrosecondTimestamp, type Version } from "./state.ts";

/** A resource of the API as JSON. */
export type Named = Message & { readonly name: string };

/** A version lists this many of its tags at most. */
const RELATED_TAGS_MAX = 100;

/** A version with the image that it is of. */
export type PlacedVersion = Pick<HeldImage, "id" | "held"> & { readonly version: Version };

/** A tag of an image with the digest that it names. */
export type PlacedTag = {
  readonly id: ImageId;
  readonly tag: string;
  readonly digest: string;
};

/** An image with all its manifests. @throws GoogleError NOT_FOUND when the repository or the image in it is not there. */
export function requireImage(registry: Registry, name: string | undefined): HeldImage {
  return imageOf(registry, parseName("package", name));
}

/** One manifest of an image. @throws GoogleError NOT_FOUND */
export function requireVersion(
  registry: Registry,
  name: string | undefined,
  kind: "version" | "dockerImage" = "version",
): HeldImage & PlacedVersion {
  const { reference, ...id } = parseName(kind, name);
  const image = imageOf(registry, id);
  const version = image.held.versions.get(reference);
  return { ...image, version: version ?? notFound("Version", versionName(id, reference)) };
}

/** A tag of an image. @throws GoogleError NOT_FOUND */
export function requireTag(registry: Registry, name: string | undefined): HeldImage & PlacedTag {
  const { reference: tag, ...id } = parseName("tag", name);
  const image = imageOf(registry, id);
  const digest = image.held.tags.get(tag);
  return { ...image, tag, digest: digest ?? notFound("Tag", tagName(id, tag)) };
}

/** A version as the API's DockerImage. */
export function toDockerImage({ id, held, version }: PlacedVersion): Named {
  return {
    uri: `${imageUri(id)}@${version.digest}`,
    tags: tagsOf(held, version.digest),
    ...toMetadata(id, version),
    uploadTime: toMicrosecondTimestamp(version.uploadTime),
    updateTime: toMicrosecondTimestamp(version.updateTime),
  };
}

/** A version as the API's Version; only the full view lists its tags. */
export function toVersionResource({ id, held, version }: PlacedVersion, view = ""): Named {
  const { digest } = version;
  const tags = tagsOf(held, digest).slice(0, RELATED_TAGS_MAX);
  return {
    name: versionName(id, digest),
    createTime: toMicrosecondTimestamp(version.uploadTime),
    updateTime: toMicrosecondTimestamp(version.updateTime),
    metadata: toMetadata(id, version),
    ...(view === "FULL" && { relatedTags: tags.map((tag) => toTagResource({ id, tag, digest })) }),
  };
}

/** A tag as the API's Tag. */
export function toTagResource({ id, tag, digest }: PlacedTag): Named {
  return { name: tagName(id, tag), version: versionName(id, digest) };
}

/** An image as the API's Package. */
export function toPackageResource({ id, held }: Pick<HeldImage, "id" | "held">): Named {
  return {
    name: packageName(id),
    displayName: id.image,
    createTime: toMicrosecondTimestamp(held.createTime),
    updateTime: toMicrosecondTimestamp(held.updateTime),
  };
}

function imageOf(registry: Registry, id: ImageId): HeldImage {
  requireRepository(registry, repositoryName(id));
  return findImage(registry, id) ?? notFound("Package", packageName(id));
}

/** What a DockerImage and the metadata of a Version have in common. */
function toMetadata(id: ImageId, { digest, imageSizeBytes, mediaType, settings }: Version): Named {
  const buildTime = settings?.created ?? null;
  return {
    name: dockerImageName(id, digest),
    imageSizeBytes: String(imageSizeBytes),
    mediaType,
    ...(buildTime !== null && { buildTime }),
  };
}

function notFound(kind: string, name: string): never {
  throw googleError("NOT_FOUND", `${kind} "${name}" not found`);
}
