import { idOf } from "../kit/collection-names.ts";
import { badRequest } from "../kit/google-error.ts";
import type { ImageSettings, Manifest } from "./manifest.ts";
import { DIGEST, dockerImageName, imageIn, packageOf, uriOf } from "./names.ts";
import { RegistryError } from "./registry-error.ts";
import type { Held, Registry, Tag, Version } from "./state.ts";

/** A manifest that is about to be recorded, its content being stored already. */
export type Pushed = {
  readonly digest: string;
  readonly manifest: Manifest;
  readonly bytes: number;
  readonly settings: ImageSettings | null;
  /** The tag it was pushed under; null when it was pushed by digest. */
  readonly tag: string | null;
};

/** The version of a package that a tag or a digest names, or null. */
export function findVersion(
  { versions, tags }: Registry,
  inPackage: string,
  reference: string,
): Held<Version> | null {
  const tag = tags.records.get(`${inPackage}/tags/${reference}`);
  return versions.records.get(tag?.version ?? `${inPackage}/versions/${reference}`) ?? null;
}

/** All versions of a package. */
export function versionsIn({ versions }: Registry, inPackage: string): readonly Held<Version>[] {
  const own = `${inPackage}/versions/`;
  return [...versions.records.values()].filter(({ name }) => name.startsWith(own));
}

/** Looks through all tags once, and gives the names of those of any version, sorted. */
export function tagsByVersion({ tags }: Registry): (version: string) => readonly string[] {
  const byVersion = Map.groupBy(tags.records.values(), ({ version }) => version);
  return (version) => (byVersion.get(version) ?? []).map(({ name }) => name).toSorted();
}

/** The size of a blob or manifest that may be pulled of a package, in bytes; null when there is none. */
export function sizeOf(registry: Registry, inPackage: string, digest: string): number | null {
  const size = registry.contents.get(`${inPackage}/blobs/${digest}`);
  return size !== undefined && registry.blobs.has(digest) ? size : null;
}

/**
 * Records a manifest and its tag. The same manifest again keeps its time of creation, but is announced again.
 */
export function putVersion(registry: Registry, inPackage: string, pushed: Pushed): void {
  const { packages, versions, tags, contents } = registry;
  const { digest, tag, bytes, manifest, settings } = pushed;
  const { mediaType, blobs, children, subject } = manifest;
  const now = registry.nextTime();
  const name = `${inPackage}/versions/${digest}`;
  const imageSizeBytes = String(imageBytes(registry, inPackage, manifest));
  versions.records.set(name, {
    name,
    createTime: versions.records.get(name)?.createTime ?? now,
    updateTime: now,
    metadata: { name: dockerImageName(name), imageSizeBytes, mediaType },
    hidden: { blobs, children, subject, settings },
  });
  contents.set(`${inPackage}/blobs/${digest}`, bytes);
  packages.records.set(inPackage, {
    name: inPackage,
    displayName: imageIn(inPackage),
    createTime: packages.records.get(inPackage)?.createTime ?? now,
    updateTime: now,
  });
  const tagName = tag === null ? undefined : `${inPackage}/tags/${tag}`;
  if (tagName !== undefined) {
    tags.records.set(tagName, { name: tagName, version: name });
  }
  notify(registry, "INSERT", { version: name, tag: tagName });
}

/** Bytes of configuration and layers; of an index, those of its children. */
function imageBytes(
  { versions }: Registry,
  inPackage: string,
  { children, contentBytes }: Manifest,
): number {
  const held = children.map(({ digest }) =>
    versions.records.get(`${inPackage}/versions/${digest}`),
  );
  return held.reduce((sum, one) => sum + Number(one?.metadata.imageSizeBytes ?? 0), contentBytes);
}

/** Announces a tag that is pointed to a version, like a push. @throws GoogleError for a version of another package */
export function pointTag(registry: Registry, tag: string, version: string): Tag {
  const { name } = registry.versions.find(version);
  if (packageOf(name) !== packageOf(tag)) {
    throw badRequest("tag.version", "The version must be one of the package that has the tag");
  }
  touch(registry, name);
  notify(registry, "INSERT", { version: name, tag });
  return { version: name };
}

/** Removes a tag that is there; the version that it named stays. */
export function removeTag(registry: Registry, tag: string): null {
  const version = registry.tags.find(tag).version;
  registry.tags.records.delete(tag);
  touch(registry, version);
  notify(registry, "DELETE", { tag });
  return null;
}

/**
 * Removes a version. With `force` its tags go first. The blobs that only it needed go too, and the package with its last
 * version.
 * @throws RegistryError while a tag or another manifest needs it.
 */
export function removeVersion(registry: Registry, version: string, force: boolean): null {
  const tags = tagsByVersion(registry)(version);
  if (tags.length > 0 && !force) {
    throw new RegistryError(
      "GOOGLE_MANIFEST_DANGLING_TAG",
      `Manifest is still referenced by one or more tags: ${tags.map(idOf).join(", ")}`,
    );
  }
  const digest = idOf(version);
  const parent = versionsIn(registry, packageOf(version)).find(
    ({ hidden: { children, subject } }) =>
      subject === digest || children.some((child) => child.digest === digest),
  );
  if (parent !== undefined) {
    throw new RegistryError(
      "GOOGLE_MANIFEST_DANGLING_PARENT_IMAGE",
      `Manifest is still referenced by parent image: ${idOf(parent.name)}`,
    );
  }
  tags.forEach((tag) => removeTag(registry, tag));
  dropVersions(registry, packageOf(version), [registry.versions.find(version)]);
  return null;
}

/** Removes a package with all its versions and tags. */
export function removePackage(registry: Registry, name: string): null {
  const versions = versionsIn(registry, name);
  const tagsOf = tagsByVersion(registry);
  versions
    .flatMap(({ name: version }) => tagsOf(version))
    .forEach((tag) => removeTag(registry, tag));
  dropVersions(registry, name, versions);
  return null;
}

/** Drops versions of one package, all at once: what else needs their contents is looked for among everything. */
function dropVersions(
  registry: Registry,
  inPackage: string,
  versions: readonly Held<Version>[],
): void {
  versions.forEach(({ name }) => registry.versions.records.delete(name));
  const others = versionsIn(registry, inPackage);
  const needed = new Set(others.flatMap(({ hidden: { blobs } }) => blobs));
  const unneeded = versions
    .flatMap(({ name, hidden }) => [idOf(name), ...hidden.blobs])
    .filter((digest) => !needed.has(digest));
  unneeded.forEach((digest) => registry.contents.delete(`${inPackage}/blobs/${digest}`));
  if (others.length === 0) {
    registry.packages.records.delete(inPackage);
  }
  removeUnused(registry, unneeded);
  versions.forEach(({ name }) => notify(registry, "DELETE", { version: name }));
}

/** Forgets all that is in a repository, without a notification for each; or in every one, for the parent `projects`. */
export function dropBelow(registry: Registry, parent: string): null {
  const { packages, versions, tags, contents } = registry;
  const gone = [packages.records, versions.records, tags.records, contents].flatMap((records) => {
    const below = [...records.keys()].filter((name) => name.startsWith(`${parent}/`));
    below.forEach((name) => records.delete(name));
    return below.map(idOf);
  });
  removeUnused(
    registry,
    gone.filter((id) => DIGEST.test(id)),
  );
  return null;
}

/** Forgets the versions whose content is not in the store: somebody removed the files, or kept none. */
export function dropLost({ packages, versions, tags, blobs }: Registry): void {
  const lost = [...versions.records.keys()].filter((name) => !blobs.has(idOf(name)));
  lost.forEach((name) => versions.records.delete(name));
  const loose = [...tags.records.values()].filter(({ version }) => !versions.records.has(version));
  loose.forEach(({ name }) => tags.records.delete(name));
  const remaining = new Set([...versions.records.keys()].map(packageOf));
  const empty = [...packages.records.keys()].filter((name) => !remaining.has(name));
  empty.forEach((name) => packages.records.delete(name));
}

/** Removes contents from the store that nothing may pull any more. */
function removeUnused({ contents, blobs }: Registry, digests: readonly string[]): void {
  const used = new Set([...contents.keys()].map(idOf));
  digests.filter((digest) => !used.has(digest)).forEach(blobs.remove);
}

function touch({ packages, versions, nextTime }: Registry, version: string): void {
  const updateTime = nextTime();
  versions.change(versions.find(version), { updateTime });
  packages.change(packages.find(packageOf(version)), { updateTime });
}

/**
 * Publishes a change to the topic `gcr` of the project that owns the repository. The message has no
 * attributes; its references are complete, with the host.
 * Source: https://cloud.google.com/artifact-registry/docs/configure-notifications
 */
function notify(
  { publisher }: Registry,
  action: "INSERT" | "DELETE",
  { version, tag }: { readonly version?: string; readonly tag?: string | undefined },
): void {
  const name = version ?? tag ?? "";
  const body = {
    action,
    ...(version !== undefined && { digest: `${uriOf(version)}@${idOf(version)}` }),
    ...(tag !== undefined && { tag: `${uriOf(tag)}:${idOf(tag)}` }),
  };
  const project = name.split("/", 2).join("/");
  publisher.publish(`${project}/topics/gcr`, { data: Buffer.from(JSON.stringify(body)) });
}
