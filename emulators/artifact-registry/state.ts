import type { Clock } from "../kit/clock.ts";
import type { Publisher } from "../kit/publisher.ts";
import type { BlobStore } from "../kit/blob-store.ts";
import type { ChildManifest, ImageSettings } from "./manifest.ts";
import type { RepositoryId } from "./names.ts";

/** Microseconds since the epoch. No two of the registry's times are equal. */
export type Microseconds = number;

/** One manifest of an image. */
export type Version = {
  readonly digest: string;
  readonly mediaType: string;
  /** Bytes of the manifest itself. */
  readonly manifestBytes: number;
  /** Bytes of configuration and layers; of an index, those of its children. */
  readonly imageSizeBytes: number;
  readonly blobs: readonly string[];
  readonly children: readonly ChildManifest[];
  readonly subject: string | null;
  /** What the image's configuration says; null for an index. */
  readonly settings: ImageSettings | null;
  readonly uploadTime: Microseconds;
  readonly updateTime: Microseconds;
};

/** One image with everything that was pushed under its name. */
export type Package = {
  readonly createTime: Microseconds;
  readonly updateTime: Microseconds;
  /** By digest. */
  readonly versions: Map<string, Version>;
  /** The digest that each tag names. */
  readonly tags: Map<string, string>;
};

/** What a caller may set on a repository; the names are those of the API. */
export type RepositorySettings = {
  readonly description?: string;
  readonly labels?: Readonly<Record<string, string>>;
};

/** One Docker repository. */
export type Repository = {
  readonly id: RepositoryId;
  readonly settings: RepositorySettings;
  readonly createTime: Microseconds;
  readonly updateTime: Microseconds;
  /** By image name. */
  readonly packages: Map<string, Package>;
  /** The blobs that may be pulled under each image name, with their size in bytes. */
  readonly blobs: Map<string, Map<string, number>>;
};

/** Everything that the emulator knows and works with. */
export type Registry = {
  /** By resource name. */
  readonly repositories: Map<string, Repository>;
  readonly blobs: BlobStore;
  readonly publisher: Publisher;
  readonly clock: Clock;
  /** The clock's time, and always later than the last one given out. */
  readonly nextTime: () => Microseconds;
};

/** RFC 3339 with six digits of the second, so that texts sort as their times do. */
export function toMicrosecondTimestamp(time: Microseconds): string {
  const seconds = new Date(Math.floor(time / 1_000_000) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(time % 1_000_000).padStart(6, "0")}Z`;
}
