import type { BlobStore } from "../kit/blob-store.ts";
import type { ImageSettings, Manifest } from "./manifest.ts";
import { repositoryName } from "./names.ts";
import type { ImageId } from "./names.ts";
import { notify } from "./notify.ts";
import type { Microseconds, Package, Registry, Repository, Version } from "./state.ts";

/** Why an image is left as it is. Each face of the registry words it in its own errors. */
export type Refusal =
  | { readonly kind: "immutable-tag"; readonly verb: "update" | "delete"; readonly tag: string }
  | { readonly kind: "tagged"; readonly tags: readonly string[] }
  | { readonly kind: "has-parent"; readonly parent: string };

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

/** Why a tag cannot be moved to a digest, or null when it can. Naming the same digest is no move. */
export function refuseTag(
  repository: Repository,
  image: string,
  { tag, digest }: { readonly tag: string; readonly digest: string },
): Refusal | null {
  const named = repository.packages.get(image)?.tags.get(tag) ?? digest;
  return named !== digest && hasImmutableTags(repository)
    ? { kind: "immutable-tag", verb: "update", tag }
    : null;
}

/**
 * Records an uploaded manifest and its tag. The same manifest again keeps its upload time, but is
 * announced again.
 */
export function putVersion(
  registry: Registry,
  repository: Repository,
  { image, upload }: { readonly image: string; readonly upload: Upload },
): void {
  const { digest, tag } = upload;
  const now = registry.nextTime();
  const held = repository.packages.get(image) ?? emptyPackage(now);
  const version = held.versions.get(digest) ?? toVersion(held, upload, now);
  held.versions.set(digest, { ...version, updateTime: now });
  if (tag !== null) {
    held.tags.set(tag, digest);
  }
  repository.packages.set(image, { ...held, updateTime: now });
  const id = { ...repository.id, image };
  notify(registry, id, { action: "INSERT", digest, ...(tag === null ? {} : { tag }) });
}

/** Points a tag, new or old, to a version that is there. */
export function putTag(
  image: HeldImage,
  { tag, digest }: { readonly tag: string; readonly digest: string },
): void {
  image.held.tags.set(tag, digest);
  touch(image, digest);
  notify(image.registry, image.id, { action: "INSERT", digest, tag });
}

/** Removes a tag; the version that it named stays. */
export function removeTag(image: HeldImage, tag: string): Refusal | null {
  if (hasImmutableTags(image.repository)) {
    return { kind: "immutable-tag", verb: "delete", tag };
  }
  const digest = image.held.tags.get(tag);
  if (digest !== undefined) {
    image.held.tags.delete(tag);
    touch(image, digest);
    notify(image.registry, image.id, { action: "DELETE", tag });
  }
  return null;
}

/**
 * Removes a version, unless a tag or another manifest needs it. With `force` its tags go first. The
 * blobs that only it needed go too, and the image with its last version.
 */
export function removeVersion(
  image: HeldImage,
  { digest, force }: { readonly digest: string; readonly force: boolean },
): Refusal | null {
  const refusal = refuseRemoval(image, { digest, force });
  if (refusal === null) {
    tagsOf(image.held, digest).forEach((tag) => removeTag(image, tag));
    dropVersion(image, digest);
  }
  return refusal;
}

/** Removes an image with all its versions and tags. */
export function removePackage(image: HeldImage): Refusal | null {
  const [tag] = image.held.tags.keys();
  if (tag !== undefined && hasImmutableTags(image.repository)) {
    return { kind: "immutable-tag", verb: "delete", tag };
  }
  [...image.held.tags.keys()].forEach((each) => removeTag(image, each));
  [...image.held.versions.keys()].forEach((digest) => dropVersion(image, digest));
  return null;
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

function hasImmutableTags(repository: Repository): boolean {
  return repository.settings.dockerConfig?.immutableTags === true;
}

function refuseRemoval(
  { repository, held }: HeldImage,
  { digest, force }: { readonly digest: string; readonly force: boolean },
): Refusal | null {
  const tags = tagsOf(held, digest);
  const [tag] = tags;
  if (tag !== undefined && !force) {
    return { kind: "tagged", tags };
  }
  if (tag !== undefined && hasImmutableTags(repository)) {
    return { kind: "immutable-tag", verb: "delete", tag };
  }
  const parent = [...held.versions.values()].find(
    ({ children, subject }) =>
      subject === digest || children.some((child) => child.digest === digest),
  );
  return parent === undefined ? null : { kind: "has-parent", parent: parent.digest };
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

function emptyPackage(now: Microseconds): Package {
  return { createTime: now, updateTime: now, versions: new Map(), tags: new Map() };
}

function toVersion(held: Package, upload: Upload, now: Microseconds): Version {
  const { digest, manifest, manifestBytes, settings } = upload;
  const { mediaType, artifactType, blobs, children, subject, contentBytes } = manifest;
  const childBytes = children.map((child) => held.versions.get(child.digest)?.imageSizeBytes ?? 0);
  return {
    digest,
    mediaType,
    artifactType,
    manifestBytes,
    imageSizeBytes: childBytes.reduce((sum, bytes) => sum + bytes, contentBytes),
    blobs,
    children,
    subject,
    settings,
    uploadTime: now,
    updateTime: now,
  };
}
