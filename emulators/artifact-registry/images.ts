import type { BlobStore } from "../kit/blob-store.ts";
import type { ImageSettings, Manifest } from "./manifest.ts";
import { type ImageId, imageUri, repositoryName } from "./names.ts";
import { registryError } from "./registry-error.ts";
import type { Microseconds, Package, Registry, Repository, Version } from "./state.ts";

/** A manifest that is about to be recorded, its content being stored already. */
export type Upload = {
  readonly digest: string;
  readonly manifest: Manifest;
  readonly manifestBytes: number;
  readonly settings: ImageSettings | null;
  /** The tag it was pushed under; null when it was pushed by digest. */
  readonly tag: string | null;
};

/** An image that is there, with where it is. */
export type HeldImage = {
  readonly registry: Registry;
  readonly repository: Repository;
  readonly id: ImageId;
  readonly held: Package;
};

/** The image, or null when it or its repository is not there. */
export function findImage(registry: Registry, id: ImageId): HeldImage | null {
  const repository = registry.repositories.get(repositoryName(id));
  const held = repository?.packages.get(id.image);
  return repository === undefined || held === undefined ? null : { registry, repository, id, held };
}

/** The version that a tag or a digest names, or null. */
export function findVersion(held: Package, reference: string): Version | null {
  return held.versions.get(held.tags.get(reference) ?? reference) ?? null;
}

/** The tags of a version, sorted. */
export function tagsOf(held: Package, digest: string): string[] {
  return [...held.tags].flatMap(([tag, named]) => (named === digest ? [tag] : [])).toSorted();
}

/**
 * Records an uploaded manifest and its tag. The same manifest again keeps its upload time, but is
 * announced again.
 */
export function putVersion(
  { registry, repository, id }: Omit<HeldImage, "held">,
  upload: Upload,
): void {
  const { digest, tag } = upload;
  const now = registry.nextTime();
  const held = repository.packages.get(id.image) ?? emptyPackage(now);
  const version = held.versions.get(digest) ?? toVersion(held, upload, now);
  held.versions.set(digest, { ...version, updateTime: now });
  if (tag !== null) {
    held.tags.set(tag, digest);
  }
  repository.packages.set(id.image, { ...held, updateTime: now });
  notify(registry, id, { action: "INSERT", digest, ...(tag === null ? {} : { tag }) });
}

/** Points a tag, new or old, to a version that is there. */
export function putTag(image: HeldImage, tag: string, digest: string): void {
  image.held.tags.set(tag, digest);
  touch(image, digest);
  notify(image.registry, image.id, { action: "INSERT", digest, tag });
}

/** Removes a tag that is there; the version that it named stays. */
export function removeTag(image: HeldImage, tag: string): void {
  const digest = image.held.tags.get(tag) ?? "";
  image.held.tags.delete(tag);
  touch(image, digest);
  notify(image.registry, image.id, { action: "DELETE", tag });
}

/**
 * Removes a version. With `force` its tags go first. The blobs that only it needed go too, and the image with its last
 * version.
 * @throws RegistryError while a tag or another manifest needs it.
 */
export function removeVersion(
  image: HeldImage,
  { digest, force }: { readonly digest: string; readonly force: boolean },
): void {
  const { held } = image;
  const tags = tagsOf(held, digest);
  if (tags.length > 0 && !force) {
    throw registryError(
      "GOOGLE_MANIFEST_DANGLING_TAG",
      `Manifest is still referenced by one or more tags: ${tags.join(", ")}`,
    );
  }
  const parent = [...held.versions.values()].find(
    ({ children, subject }) =>
      subject === digest || children.some((child) => child.digest === digest),
  );
  if (parent !== undefined) {
    throw registryError(
      "GOOGLE_MANIFEST_DANGLING_PARENT_IMAGE",
      `Manifest is still referenced by parent image: ${parent.digest}`,
    );
  }
  tags.forEach((tag) => removeTag(image, tag));
  dropVersion(image, digest);
}

/** Removes an image with all its versions and tags. */
export function removePackage(image: HeldImage): void {
  [...image.held.tags.keys()].forEach((tag) => removeTag(image, tag));
  [...image.held.versions.keys()].forEach((digest) => dropVersion(image, digest));
}

/** The digests of all blobs and manifests of a repository, some more than once. */
export function* contentsOf({ packages, blobs }: Repository): Iterable<string> {
  for (const { versions } of packages.values()) {
    yield* versions.keys();
  }
  for (const links of blobs.values()) {
    yield* links.keys();
  }
}

/** Forgets the contents that nothing refers to any more. */
export function dropContents(registry: Registry, digests: Iterable<string>): void {
  const repositories = [...registry.repositories.values()];
  for (const digest of digests) {
    const isNeeded = repositories.some(
      ({ packages, blobs }) =>
        [...packages.values()].some((held) => held.versions.has(digest)) ||
        [...blobs.values()].some((links) => links.has(digest)),
    );
    if (!isNeeded) {
      registry.blobs.remove(digest);
    }
  }
}

/** Forgets the manifests whose content is not in the store: somebody removed the files, or kept none. */
export function dropLost({ packages }: Repository, blobs: BlobStore): void {
  for (const [image, { versions, tags }] of packages) {
    const lost = new Set([...versions.keys()].filter((digest) => !blobs.has(digest)));
    lost.forEach((digest) => versions.delete(digest));
    const lostTags = [...tags].filter(([, digest]) => lost.has(digest));
    lostTags.forEach(([tag]) => tags.delete(tag));
    if (versions.size === 0) {
      packages.delete(image);
    }
  }
}

function dropVersion({ registry, repository, id, held }: HeldImage, digest: string): void {
  const dropped = held.versions.get(digest);
  held.versions.delete(digest);
  const needed = new Set([...held.versions.values()].flatMap(({ blobs }) => blobs));
  const unneeded = dropped?.blobs.filter((blob) => !needed.has(blob)) ?? [];
  unneeded.forEach((blob) => repository.blobs.get(id.image)?.delete(blob));
  if (held.versions.size === 0) {
    repository.packages.delete(id.image);
  }
  dropContents(registry, [digest, ...unneeded]);
  notify(registry, id, { action: "DELETE", digest });
}

function touch({ registry, repository, id, held }: HeldImage, digest: string): void {
  const updateTime = registry.nextTime();
  const version = held.versions.get(digest);
  if (version !== undefined) {
    held.versions.set(digest, { ...version, updateTime });
  }
  repository.packages.set(id.image, { ...held, updateTime });
}

/**
 * Publishes a change to the topic `gcr` of the project that owns the repository. The message has no
 * attributes; its references are complete, with the host.
 * Source: https://cloud.google.com/artifact-registry/docs/configure-notifications
 */
function notify(
  registry: Registry,
  id: ImageId,
  {
    action,
    digest,
    tag,
  }: { readonly action: string; readonly digest?: string; readonly tag?: string },
): void {
  const uri = imageUri(id);
  const body = {
    action,
    ...(digest !== undefined && { digest: `${uri}@${digest}` }),
    ...(tag !== undefined && { tag: `${uri}:${tag}` }),
  };
  registry.publisher.publish(`projects/${id.project}/topics/gcr`, {
    data: Buffer.from(JSON.stringify(body)),
  });
}

function emptyPackage(now: Microseconds): Package {
  return { createTime: now, updateTime: now, versions: new Map(), tags: new Map() };
}

function toVersion(held: Package, upload: Upload, now: Microseconds): Version {
  const { manifest, tag: _tag, ...facts } = upload;
  const { config: _config, contentBytes, ...kept } = manifest;
  const childBytes = kept.children.map(
    ({ digest }) => held.versions.get(digest)?.imageSizeBytes ?? 0,
  );
  const imageSizeBytes = childBytes.reduce((sum, bytes) => sum + bytes, contentBytes);
  return { ...facts, ...kept, imageSizeBytes, uploadTime: now, updateTime: now };
}
