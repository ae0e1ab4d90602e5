import { releaseId } from "./ids.ts";
import type { Digest, EnvironmentId, ReleaseId, ServiceId, SpecRevision } from "./ids.ts";
import type { Service } from "./service.ts";
import type { Instant } from "./time.ts";

/** Who or what acted: a principal such as `user:ann@example.com`, or `slipway` itself. */
export type Actor = string;

/** An image of the registry that the tag policy lets become a release. */
export type Candidate = {
  readonly digest: Digest;
  readonly tag: string | null;
  readonly commit: string | null;
  /** Who wrote the change, from the image's labels; null when the image does not say. */
  readonly author: string | null;
  /** The upload time as fixed-width RFC 3339 with nanoseconds, so that text order is time order. */
  readonly order: string;
};

/** Why a release must not be deployed again. */
export type BadMark = {
  readonly reason: string;
  readonly by: Actor;
  readonly at: Instant;
  /** Whether they made it as on-call: then it takes on-call, or who may break the glass, to take it away. */
  readonly asOncall: boolean;
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
  readonly tag: string | null;
  readonly commit: string | null;
  readonly author: string | null;
  /** Place among the service's releases: the image's upload, then when the release was made. */
  readonly order: string;
  readonly revision: SpecRevision;
  readonly sourceUri: string;
  /** The pipelines in which Cloud Deploy has this release. */
  readonly pipelines: readonly string[];
  readonly createdAt: Instant;
  readonly createdBy: Actor;
  readonly state: ReleaseState;
  readonly bad: BadMark | null;
  /** Whether a signature or attestation was seen beside the image; null before anybody looked. */
  readonly isAttested: boolean | null;
  /** Since when the release has been proved in an environment, by environment. */
  readonly succeededIn: Readonly<Record<string, Instant>>;
};

/** The release that a candidate becomes under the service's present specification. */
export function toRelease(
  service: Service,
  candidate: Candidate,
  created: { readonly at: Instant; readonly by: Actor },
): Release {
  return {
    id: releaseId(candidate.digest, service.revision),
    service: service.id,
    repository: service.image,
    digest: candidate.digest,
    tag: candidate.tag,
    commit: candidate.commit,
    author: candidate.author,
    order: placeOf(candidate, created.at),
    revision: service.revision,
    sourceUri: service.sourceUri,
    pipelines: [],
    createdAt: created.at,
    createdBy: created.by,
    state: "CREATED",
    bad: null,
    isAttested: null,
    succeededIn: {},
  };
}

const INSTANT_DIGITS = 15;

/** The same image released again under a later revision comes after; the digest settles what is left. */
function placeOf(candidate: Candidate, createdAt: Instant): string {
  const created = String(createdAt).padStart(INSTANT_DIGITS, "0");
  return `${candidate.order} ${created} ${candidate.digest}`;
}

/** A release's image as a candidate again. */
export function toCandidate(release: Release): Candidate {
  const { digest, tag, commit, author, order } = release;
  return { digest, tag, commit, author, order: order.split(" ", 1).join("") };
}

/** The image by digest, as it is deployed. */
export function imageOf(release: Release): string {
  return `${release.repository}@${release.digest}`;
}

/** Whether the first was uploaded after the second. */
export function isNewer(release: Release, other: Release): boolean {
  return release.order > other.order;
}

/** When the release was proved in the environment, or null. */
export function succeededIn(release: Release, environment: EnvironmentId): Instant | null {
  return release.succeededIn[environment] ?? null;
}
