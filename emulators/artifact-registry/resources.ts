import { tagsOf } from "./images.ts";
import type { ChildManifest } from "./manifest.ts";
import {
  dockerImageName,
  imageUri,
  packageName,
  registryUri,
  repositoryName,
  tagName,
  versionName,
} from "./names.ts";
import type { ImageId } from "./names.ts";
import { toMicrosecondTimestamp } from "./state.ts";
import type { Package, Repository, RepositorySettings, Version } from "./state.ts";

/** A DockerImage of the API as JSON. */
export type DockerImage = {
  readonly name: string;
  readonly uri: string;
  readonly tags: readonly string[];
  readonly imageSizeBytes: string;
  readonly uploadTime: string;
  readonly updateTime: string;
  readonly mediaType: string;
  readonly buildTime?: string;
  readonly artifactType?: string;
  readonly imageManifests?: readonly Partial<ChildManifest>[];
};

/** A Tag of the API as JSON. */
export type TagResource = { readonly name: string; readonly version: string };

/** A Version of the API as JSON. */
export type VersionResource = {
  readonly name: string;
  readonly createTime: string;
  readonly updateTime: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly relatedTags?: readonly TagResource[];
};

/** A Package of the API as JSON. */
export type PackageResource = {
  readonly name: string;
  readonly displayName: string;
  readonly createTime: string;
  readonly updateTime: string;
};

/** A Repository of the API as JSON. */
export type RepositoryResource = RepositorySettings & {
  readonly name: string;
  readonly format: string;
  readonly mode: string;
  readonly createTime: string;
  readonly updateTime: string;
  readonly sizeBytes: string;
  readonly registryUri: string;
};

/** A version lists this many of its tags at most. */
const RELATED_TAGS_MAX = 100;

/** A version with the image that it is of. */
export type PlacedVersion = {
  readonly id: ImageId;
  readonly held: Package;
  readonly version: Version;
};

/** A version as the API's DockerImage. */
export function toDockerImage({ id, held, version }: PlacedVersion): DockerImage {
  const { digest, mediaType, artifactType, settings, children } = version;
  const buildTime = settings?.created ?? null;
  return {
    name: dockerImageName(id, digest),
    uri: `${imageUri(id)}@${digest}`,
    tags: tagsOf(held, digest),
    imageSizeBytes: String(version.imageSizeBytes),
    uploadTime: toMicrosecondTimestamp(version.uploadTime),
    updateTime: toMicrosecondTimestamp(version.updateTime),
    mediaType,
    ...(buildTime === null ? {} : { buildTime }),
    ...(artifactType === null ? {} : { artifactType }),
    ...(children.length === 0 ? {} : { imageManifests: children }),
  };
}

/** A version as the API's Version; only the full view lists its tags. */
export function toVersionResource(
  placed: PlacedVersion,
  view: string | undefined,
): VersionResource {
  const { id, held, version } = placed;
  const { name, imageSizeBytes, mediaType, buildTime, artifactType, imageManifests } =
    toDockerImage(placed);
  const resource = {
    name: versionName(id, version.digest),
    createTime: toMicrosecondTimestamp(version.uploadTime),
    updateTime: toMicrosecondTimestamp(version.updateTime),
    metadata: {
      name,
      imageSizeBytes,
      mediaType,
      ...(buildTime === undefined ? {} : { buildTime }),
      ...(artifactType === undefined ? {} : { artifactType }),
      ...(imageManifests === undefined ? {} : { imageManifests }),
    },
  };
  if (view !== "FULL") {
    return resource;
  }
  const tags = tagsOf(held, version.digest).slice(0, RELATED_TAGS_MAX);
  const relatedTags = tags.map((tag) => toTagResource(id, { tag, digest: version.digest }));
  return { ...resource, relatedTags };
}

/** A tag as the API's Tag. */
export function toTagResource(
  id: ImageId,
  { tag, digest }: { readonly tag: string; readonly digest: string },
): TagResource {
  return { name: tagName(id, tag), version: versionName(id, digest) };
}

/** An image as the API's Package. */
export function toPackageResource(id: ImageId, held: Package): PackageResource {
  return {
    name: packageName(id),
    displayName: id.image,
    createTime: toMicrosecondTimestamp(held.createTime),
    updateTime: toMicrosecondTimestamp(held.updateTime),
  };
}

/** A repository as the API's Repository. */
export function toRepositoryResource(repository: Repository): RepositoryResource {
  const { id, settings, createTime, updateTime } = repository;
  return {
    name: repositoryName(id),
    format: "DOCKER",
    mode: "STANDARD_REPOSITORY",
    ...settings,
    createTime: toMicrosecondTimestamp(createTime),
    updateTime: toMicrosecondTimestamp(updateTime),
    sizeBytes: String(storedBytes(repository)),
    registryUri: registryUri(id),
  };
}

/** Every blob and manifest of a repository counts once, whatever number of images share it. */
function storedBytes({ packages, blobs }: Repository): number {
  const sizes = new Map<string, number>();
  for (const links of blobs.values()) {
    links.forEach((size, digest) => sizes.set(digest, size));
  }
  for (const { versions } of packages.values()) {
    versions.forEach(({ digest, manifestBytes }) => sizes.set(digest, manifestBytes));
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
