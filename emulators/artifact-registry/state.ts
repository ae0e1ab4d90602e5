import type { Guard } from "../kit/access/guard.ts";
import type { PolicyKeeper } from "../kit/access/policy-methods.ts";
import type { BlobStore, BlobWriter } from "../kit/blob-store.ts";
import type { Clock } from "../kit/clock.ts";
import type { Collection } from "../kit/collection.ts";
import type { FaultPlan } from "../kit/faults.ts";
import type { Operations } from "../kit/operation.ts";
import type { Publisher } from "../kit/publisher.ts";
import type { Child, ImageSettings } from "./manifest.ts";

/** What a caller may set on a repository. */
export type Repository = {
  readonly format?: string;
  readonly mode?: string;
  readonly description?: string;
  readonly labels?: Readonly<Record<string, string>>;
};

/** One image with everything that was pushed under its name. */
export type Package = {
  readonly displayName: string;
  readonly createTime: string;
  readonly updateTime: string;
};

/** One manifest of an image. */
export type Version = {
  readonly createTime: string;
  readonly updateTime: string;
  readonly metadata: {
    /** `…/dockerImages/IMAGE@DIGEST` */
    readonly name: string;
    readonly imageSizeBytes: string;
    readonly mediaType: string;
  };
  readonly hidden: {
    /** The digests of configuration and layers that it needs. */
    readonly blobs: readonly string[];
    readonly children: readonly Child[];
    readonly subject: string | null;
    /** What the image's configuration says; null for an index. */
    readonly settings: ImageSettings | null;
  };
};

/** A tag, with the name of the version that it names. */
export type Tag = { readonly version: string };

/** What the kit adds to a resource. */
export type Held<Content> = Content & { readonly name: string };

/** The resources that the API shows. */
export type Kinds = {
  readonly repositories: Collection<Repository, object>;
  readonly packages: Collection<Package, object>;
  readonly versions: Collection<Version, object>;
  readonly tags: Collection<Tag, object>;
};

/** Everything that the emulator knows and works with. */
export type Registry = Kinds & {
  /** The manifests and blobs that may be pulled of each package, `…/blobs/DIGEST`, with their size in bytes. */
  readonly contents: Map<string, number>;
  readonly blobs: BlobStore;
  readonly operations: Operations;
  readonly keeper: PolicyKeeper;
  readonly clock: Clock;
  readonly publisher: Publisher;
  /** The time, RFC 3339 with microseconds, and always later than the last one given out. */
  readonly nextTime: () => string;
};

/** A blob that is being uploaded. */
export type Upload = {
  readonly id: string;
  /** The package that it was begun for. */
  readonly inPackage: string;
  readonly writer: BlobWriter;
  usedMs: number;
  /** Whether a request is appending. */
  isBusy: boolean;
};

/** What the routes work on. */
export type Distribution = {
  readonly registry: Registry;
  /** The uploads under way, by id. They do not outlive the process; clients begin again. */
  readonly uploads: Map<string, Upload>;
  /** The largest blob that is taken, in bytes. */
  readonly blobBytesMax: number;
  /** Where a push goes whose name and host have no location. */
  readonly defaultLocation: string;
  readonly faults: FaultPlan;
  /** Undefined asks nobody who they are. */
  readonly guard: Guard | undefined;
};

/** One request of the distribution API, with what its path says worked out. */
export type Exchange = Distribution & {
  readonly request: Request;
  readonly url: URL;
  /** The name as the client wrote it, which goes into every Location. */
  readonly name: string;
  /** The package that it stands for. */
  readonly inPackage: string;
  /** The last part of the path: a digest, a tag or the id of an upload; empty when there is none. */
  readonly reference: string;
};
