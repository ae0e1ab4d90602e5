import { asReleaseId, imageId, isDigest, digest as asDigest } from "../domain/ids.ts";
import type { ReleaseId } from "../domain/ids.ts";
import { hasTag, putAt } from "../domain/image.ts";
import type { Image } from "../domain/image.ts";
import { noRelease } from "../domain/refusal.ts";
import type { Refusal } from "../domain/refusal.ts";
import type { Release } from "../domain/release.ts";
import { accepted, refused } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import type { ServiceState } from "../domain/state.ts";
import type { DecidingPorts } from "../ports/ports.ts";

/** A release as a person names it, and which of an image's releases they mean where it has several. */
export type ReleaseName = {
  /** The release's id, a tag of its image, its digest, or as much of the id or the digest as is enough. */
  readonly name: string;
  /** Whether a release is rather meant than others of its image; the one made last is meant otherwise. */
  readonly isMeant: (release: Release) => boolean;
};

/** How few characters may name a release that is not named in full. */
const PREFIX_LENGTH_MIN = 4;

/** Finds the release that somebody names, or says which ones the name could mean. */
export async function nameRelease(
  ports: DecidingPorts,
  state: ServiceState,
  { name, isMeant }: ReleaseName,
): Promise<Result<ReleaseId, Refusal>> {
  const id = asReleaseId(name);
  if (Object.hasOwn(state.releases, id) || (await hasRelease(ports, state, id))) {
    return accepted(id);
  }
  const tagged = await imageTagged(ports, state, name);
  if (tagged !== null) {
    return accepted((await releaseOf(ports, state, { image: tagged, isMeant })) ?? tagged.release);
  }
  return byPrefix(ports, state, { name, isMeant });
}

async function hasRelease(
  ports: DecidingPorts,
  { service }: ServiceState,
  id: ReleaseId,
): Promise<boolean> {
  return id.startsWith("r-") && (await ports.store.release(service.id, id)) !== null;
}

/** The image that has the tag, or had it last. What the state knows of an image is newer than its history. */
async function imageTagged(
  ports: DecidingPorts,
  state: ServiceState,
  tag: string,
): Promise<Image | null> {
  const stored = await ports.store.imagesTagged(state.service.id, tag);
  const images = new Map(stored.map((image) => [image.id, image]));
  for (const { image } of Object.values(state.releases)) {
    images.set(image.id, image);
  }
  const had = [...images.values()].filter((image) => hasTag(image, tag));
  const place = (image: Image): string => `${putAt(image, tag)} ${image.tags[0]?.at ?? ""}`;
  return had.toSorted((one, other) => (place(one) < place(other) ? 1 : -1))[0] ?? null;
}

/** The release of an image that is meant, the newest of them; null when none is. */
async function releaseOf(
  ports: DecidingPorts,
  { service }: ServiceState,
  { image, isMeant }: { readonly image: Image } & Pick<ReleaseName, "isMeant">,
): Promise<ReleaseId | null> {
  const releases = await ports.store.releasesFrom(service.id, `r-${image.id}-`);
  const meant = releases.filter(isMeant).toSorted((one, other) => other.createdAt - one.createdAt);
  const last = meant.find(({ id }) => id === image.release) ?? meant[0];
  return last?.id ?? null;
}

async function byPrefix(
  ports: DecidingPorts,
  state: ServiceState,
  { name, isMeant }: ReleaseName,
): Promise<Result<ReleaseId, Refusal>> {
  const { id } = state.service;
  const prefix = toIdPrefix(name);
  const found = prefix === null ? [] : await ports.store.releasesFrom(id, prefix);
  const images = new Map(found.map(({ image }) => [image.id, image]));
  const [image] = images.values();
  if (image === undefined) {
    return refused(noRelease(id, name));
  }
  if (images.size > 1) {
    const ids = found.map((release) => release.id).join(", ");
    return refused({
      kind: "invalid",
      message: `${name} could be any of ${ids}: give more of the id`,
    });
  }
  const meant = await releaseOf(ports, state, { image, isMeant });
  return accepted(found.length === 1 ? (found[0]?.id ?? image.release) : (meant ?? image.release));
}

/** What the ids of the releases that are meant begin with; null when the name is too short to say, or no part of one. */
function toIdPrefix(name: string): string | null {
  if (isDigest(name)) {
    return `r-${imageId(asDigest(name))}-`;
  }
  const [, digits] = /^(?:sha256:)?([0-9a-f]+)$/.exec(name) ?? [];
  if (digits !== undefined) {
    return digits.length < PREFIX_LENGTH_MIN ? null : `r-${digits.slice(0, IMAGE_DIGITS)}`;
  }
  const isPart = /^r-[0-9a-f]{1,16}(?:-[0-9a-f]*)?$/.test(name);
  return isPart && name.length >= "r-".length + PREFIX_LENGTH_MIN ? name : null;
}

/** Digits of a digest in a release's id. */
const IMAGE_DIGITS = 16;
