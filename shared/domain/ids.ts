import { assert } from "./assert.ts";

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** `service.id` of a service.yaml: 1 to 20 of `[a-z0-9-]`. */
export type ServiceId = Branded<"ServiceId">;
/** An environment's id within its service. */
export type EnvironmentId = Branded<"EnvironmentId">;
/** The content address of an image manifest: `sha256:` and 64 hex digits. */
export type Digest = Branded<"Digest">;
/** An image among those of its service: the digits of its digest that its releases carry in their ids. */
export type ImageId = Branded<"ImageId">;
/** A release: derived from an image digest and a revision of the specification. */
export type ReleaseId = Branded<"ReleaseId">;
/** A promotion: derived from its release, its environment and the count of promotions there. */
export type PromotionId = Branded<"PromotionId">;
/** A hold's id. */
export type HoldId = Branded<"HoldId">;
/** The content address of the part of a service.yaml that changes what is deployed: 6 hex digits. */
export type SpecRevision = Branded<"SpecRevision">;

/** Cloud Deploy's rule for the ids of pipelines, targets, releases and rollouts (gcp.md 3.2). */
const RESOURCE_ID = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const DIGEST_DIGITS_IN_RELEASE_ID = 16;
const RELEASE_ID = /^r-(?<image>[0-9a-f]{16})-/;
const ATTEMPT_DIGITS = 4;

// Each constructor below is the one place that gives its brand; the casts are sound because nothing else does.

/** Brands a service id that has been validated at the edge. */
export function serviceId(text: string): ServiceId {
  return text as ServiceId;
}

/** Brands an environment id that has been validated at the edge. */
export function environmentId(text: string): EnvironmentId {
  return text as EnvironmentId;
}

/** Brands a hold's id. */
export function holdId(text: string): HoldId {
  return text as HoldId;
}

/** Brands a revision of a specification. */
export function specRevision(text: string): SpecRevision {
  return text as SpecRevision;
}

/** Brands a release id read from outside; whether it exists is for the store to say. */
export function asReleaseId(text: string): ReleaseId {
  return text as ReleaseId;
}

/** Brands a promotion id read from outside; whether it exists is for the store to say. */
export function asPromotionId(text: string): PromotionId {
  return text as PromotionId;
}

/** Whether the text is a complete `sha256:` digest. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

/**
 * Brands a digest.
 * @throws AssertionError when it is not `sha256:` and 64 hex digits.
 */
export function digest(text: string): Digest {
  assert(isDigest(text), `a digest is sha256: and 64 hex digits, not ${text}`);
  return text as Digest;
}

/** The image of a digest. */
export function imageId(image: Digest): ImageId {
  const start = "sha256:".length;
  return image.slice(start, start + DIGEST_DIGITS_IN_RELEASE_ID) as ImageId;
}

/** The image of a release; null when the text is no release's id. */
export function imageIdOf(release: ReleaseId): ImageId | null {
  const digits = RELEASE_ID.exec(release)?.groups?.["image"];
  return digits === undefined ? null : (digits as ImageId);
}

/** Brands an image's id read from outside; whether it exists is for the store to say. */
export function asImageId(text: string): ImageId {
  return text as ImageId;
}

/** The release of a digest under a revision of the specification: the same causes give the same id. */
export function releaseId(image: Digest, revision: SpecRevision): ReleaseId {
  return checked(`r-${imageId(image)}-${revision}`) as ReleaseId;
}

/**
 * The promotion of a release into an environment, and at once the id of its Cloud Deploy rollout.
 * `attempt` counts the promotions of that environment, from 1.
 */
export function promotionId(
  release: ReleaseId,
  environment: EnvironmentId,
  attempt: number,
): PromotionId {
  const number = String(attempt).padStart(ATTEMPT_DIGITS, "0");
  return checked(`${release}-to-${environment}-${number}`) as PromotionId;
}

function checked(id: string): string {
  assert(RESOURCE_ID.test(id), `an id fits Cloud Deploy's rule, which ${id} does not`);
  return id;
}
