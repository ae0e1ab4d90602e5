import { imageId, releaseId } from "./ids.ts";
import type { Digest, EnvironmentId, ReleaseId, ServiceId, SpecRevision } from "./ids.ts";
import { commitOf, putTag, withOtherTags } from "./image.ts";
import type { Actor, Image, TagPut } from "./image.ts";
import type { Service } from "./service.ts";
import type { Duration, Instant } from "./time.ts";
import { entryOf } from "./entry-of.ts";

export type { Actor } from "./image.ts";

/** An image of the registry that may become a release. */
export type Candidate = {
  readonly digest: Digest;
  /** The tag under which it is offered, and when that was put on it; null for an image named by its digest. */
  readonly put: TagPut | null;
  /** The tags that the registry shows on it beside that one and that make no release. */
  readonly otherTags: readonly string[];
  /** Whether the tag policy takes the tag, or somebody named the image; otherwise an environment follows the tag. */
  readonly isChosen: boolean;
  /** Whether a message says that it was pushed; otherwise a look found it, or somebody named it. */
  readonly isAnnounced: boolean;
  /** The tag's place under the service's order; see `Release`. */
  readonly rank: string | null;
  /** Fixed-width RFC 3339 with nanoseconds: the place of an image without a tag. */
  readonly uploadedAt: string;
  /** When the registry changed the image last, in the same form. */
  readonly changedAt: string;
  /** The commit that the image's labels name, or null. */
  readonly commit: string | null;
  /** Who wrote the change, as the image's labels say. */
  readonly authors: readonly string[];
};

/** How far a release came. */
export type ReleaseState = "CREATED" | "SUPERSEDED" | "DEPLOYED" | "FAILED";

/** One image digest under one revision of the specification. */
export type Release = {
  readonly id: ReleaseId;
  readonly service: ServiceId;
  /** The image's repository without tag or digest. */
  readonly repository: string;
  readonly digest: Digest;
  /** What is known of the image: the same for every release of it. */
  readonly image: Image;
  /** The tag that names the release: of the tags that the tag policy takes, the one that was put last. */
  readonly tag: string | null;
  /**
   * Place among the service's releases in the order of pushes: when that tag was put, then when the release was made.
   */
  readonly order: string;
  /**
   * Place by version or build number, written so that text order is their order; of several tags the highest counts.
   * Null where the service goes by the order of pushes, and where no tag has a number. Read anew whenever the state is
   * loaded.
   */
  readonly rank: string | null;
  readonly revision: SpecRevision;
  readonly sourceUri: string;
  /** The pipelines in which Cloud Deploy has this release. */
  readonly pipelines: readonly string[];
  readonly createdAt: Instant;
  readonly createdBy: Actor;
  readonly state: ReleaseState;
  /** Since when the release has been proved in an environment, by environment. */
  readonly succeededIn: Readonly<Record<string, Instant>>;
  /** The longest time, among those that are over, for which the release ran and was proved, by environment. */
  readonly soaked: Readonly<Record<string, Duration>>;
};

type Creation = { readonly at: Instant; readonly by: Actor };

/** The release that an image becomes under the service's present specification. */
export function toRelease(
  service: Service,
  found: {
    readonly image: Image;
    readonly tag: string | null;
    /** When its tag was put on it, or when it was uploaded. */
    readonly pushedAt: string;
    readonly rank: string | null;
  },
  created: Creation,
): Release {
  const { image, tag, pushedAt, rank } = found;
  return {
    id: releaseId(image.digest, service.revision),
    service: service.id,
    repository: service.image,
    digest: image.digest,
    image: { ...image, release: releaseId(image.digest, service.revision) },
    tag,
    order: orderOf(pushedAt, created.at, image.digest),
    rank,
    revision: service.revision,
    sourceUri: service.sourceUri,
    pipelines: [],
    createdAt: created.at,
    createdBy: created.by,
    state: "CREATED",
    succeededIn: {},
    soaked: {},
  };
}

/** An image that was not known before, with what its first candidate says of it. */
export function newImage(candidate: Candidate, release: ReleaseId): Image {
  const { digest, put, otherTags, commit, authors } = candidate;
  const known = { id: imageId(digest), digest, release, commit, authors };
  const tags = put === null ? [] : [put];
  return withOtherTags({ ...known, tags, otherTags: [], bad: null, provenance: [] }, otherTags);
}

/** A known image, with what a further candidate says of it. */
export function withCandidate(image: Image, candidate: Candidate): Image {
  const { put, otherTags, commit, authors } = candidate;
  return {
    ...withOtherTags(image, otherTags),
    tags: put === null ? image.tags : putTag(image.tags, put),
    commit: commit ?? image.commit,
    authors: authors.length > 0 ? authors : image.authors,
  };
}

const INSTANT_DIGITS = 15;

/** An image that is released again under a later revision comes after its first release. The digest settles ties. */
function orderOf(pushedAt: string, createdAt: Instant, digest: Digest): string {
  const created = String(createdAt).padStart(INSTANT_DIGITS, "0");
  return `${pushedAt} ${created} ${digest}`;
}

/** When the release's image was pushed: the first part of its place. */
export function pushedAtOf({ order }: Release): string {
  return order.split(" ", 1).join("");
}

/** The release at the place of another push of its image, if that push is later; else the release as it is. */
export function pushedAgain(release: Release, tag: string | null, pushedAt: string): Release {
  return pushedAt > pushedAtOf(release)
    ? { ...release, tag, order: orderOf(pushedAt, release.createdAt, release.digest) }
    : release;
}

/** The image by digest, as it is deployed. */
export function imageOf(release: Release): string {
  return `${release.repository}@${release.digest}`;
}

/** The commit of which the release's image was made, or null. */
export function releaseCommit({ image }: Release): string | null {
  return commitOf(image);
}

/** Whether the first release is newer: by version or build number where that decides, else by the time of the push. */
export function isNewer(release: Release, other: Release): boolean {
  const [rank, otherRank] = [release.rank ?? "", other.rank ?? ""];
  return rank === otherRank ? release.order > other.order : rank > otherRank;
}

/** When a release was made: the second part of its place, which no later push changes. */
export function madeAt(order: string): string {
  return order.split(" ", 2).at(1) ?? "";
}

/** When the release was proved in the environment, or null. */
export function succeededIn(release: Release, environment: EnvironmentId): Instant | null {
  return entryOf(release.succeededIn, environment) ?? null;
}
