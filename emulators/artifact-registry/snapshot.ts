import type { BlobStore } from "./blob-store.ts";
import type { Microseconds, Package, Repository, Version } from "./state.ts";

/** Raised whenever the shape below changes; a file of another version is not read. */
const FORMAT_VERSION = 1;

type PackageSnapshot = Omit<Package, "versions" | "tags"> & {
  readonly versions: readonly (readonly [string, Version])[];
  readonly tags: readonly (readonly [string, string])[];
};

type RepositorySnapshot = Omit<Repository, "packages" | "blobs"> & {
  readonly packages: readonly (readonly [string, PackageSnapshot])[];
  readonly blobs: readonly (readonly [string, readonly (readonly [string, number])[]])[];
};

type Snapshot = {
  readonly formatVersion: number;
  readonly lastTime: Microseconds;
  readonly repositories: readonly (readonly [string, RepositorySnapshot])[];
};

/** What is read back after a restart. */
export type Restored = {
  readonly lastTime: Microseconds;
  readonly repositories: Map<string, Repository>;
};

/** The registry's state as JSON. The contents of blobs are not in it. */
export function toSnapshot(
  repositories: ReadonlyMap<string, Repository>,
  lastTime: Microseconds,
): unknown {
  const snapshot: Snapshot = {
    formatVersion: FORMAT_VERSION,
    lastTime,
    repositories: [...repositories].map(([name, repository]) => [name, fromRepository(repository)]),
  };
  return snapshot;
}

/**
 * The state that a snapshot holds, without the manifests whose content is not in the store.
 * @throws Error when the snapshot was written by another version of this emulator.
 */
export function fromSnapshot(json: unknown, blobs: BlobStore): Restored {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only toSnapshot writes this, and the version tells whether it was this one
  const snapshot = json as Snapshot;
  if (snapshot.formatVersion !== FORMAT_VERSION) {
    throw new Error(`The kept state is not of version ${FORMAT_VERSION}; remove it to start anew`);
  }
  const { lastTime } = snapshot;
  const repositories = new Map(
    snapshot.repositories.map(([name, kept]) => [name, toRepository(kept)]),
  );
  for (const repository of repositories.values()) {
    dropLost(repository, blobs);
  }
  return { lastTime, repositories };
}

function fromRepository(repository: Repository): RepositorySnapshot {
  return {
    ...repository,
    packages: [...repository.packages].map(([image, held]) => [
      image,
      { ...held, versions: [...held.versions], tags: [...held.tags] },
    ]),
    blobs: [...repository.blobs].map(([image, links]) => [image, [...links]]),
  };
}

function toRepository(kept: RepositorySnapshot): Repository {
  return {
    ...kept,
    packages: new Map(
      kept.packages.map(([image, held]) => [
        image,
        { ...held, versions: new Map(held.versions), tags: new Map(held.tags) },
      ]),
    ),
    blobs: new Map(kept.blobs.map(([image, links]) => [image, new Map(links)])),
  };
}

function dropLost({ packages }: Repository, blobs: BlobStore): void {
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
