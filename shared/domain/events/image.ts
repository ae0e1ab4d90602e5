import { fact } from "../audit-record.ts";
import type { Fact } from "../audit-record.ts";
import { addRelease } from "../change/add-release.ts";
import { putImage, putRelease, record, reply } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import { keepIgnored } from "../change/ignored.ts";
import type { UnmovedPush } from "../change/ignored.ts";
import { requestPromotion } from "../change/request.ts";
import { supersedeOlder } from "../change/supersede.ts";
import { releaseId } from "../ids.ts";
import type { ServiceEvent } from "../event.ts";
import type { Digest } from "../ids.ts";
import { putAt, TAGS_MAX, withOtherTags } from "../image.ts";
import type { Image, TagPut } from "../image.ts";
import { isForward } from "../promotion.ts";
import { isNewer, newImage, pushedAgain, toRelease, withCandidate } from "../release.ts";
import type { Actor, Candidate, Release } from "../release.ts";
import type { Environment, Service } from "../service.ts";
import { environmentState, findImage, releaseOf } from "../state.ts";
import { entryOf } from "../entry-of.ts";

/**
 * An image that may become a release is in the registry, perhaps not for the first time. It becomes a release, once,
 * whose place is the last time when its tag was put on it. A push that gives the release a later place sets off the
 * automatic promotion into the first stage. Each push sets off promotions into environments that follow its tag.
 */
export function onImageFound(change: Change, candidate: Candidate, by: Actor): Change {
  const standing = standingOf(change, candidate);
  if (standing.kind === "overtaken") {
    const moved = `the tag has moved on to ${standing.by}`;
    return candidate.isAnnounced ? ignore(change, candidate, moved) : change;
  }
  const { service } = change.state;
  const before = change.state.releases[releaseId(candidate.digest, service.revision)] ?? null;
  if (before === null && standing.kind === "repeated" && isOldNews(service, candidate, by)) {
    return change;
  }
  const { release, next } = take(change, { ...candidate, put: standing.put }, by);
  const entered = enter(next, { candidate, before, release, by });
  const isQuiet = before !== null && standing.kind !== "repeated" && entered.state === next.state;
  const told = isQuiet ? ignore(next, candidate, `it is release ${release.id} already`) : entered;
  return reply(told, { kind: "release", release: release.id });
}

/**
 * Whether a look or a message tells of an image that was known under an earlier revision. There is nothing to do for it:
 * when a specification is applied, each environment gets its image under the new revision. A tag that an environment
 * follows still counts, because the environment may be new.
 */
function isOldNews({ environments }: Service, candidate: Candidate, by: Actor): boolean {
  const { put, isAnnounced } = candidate;
  const isFollowed = environments.some(
    ({ deploy }) => deploy.kind === "subscription" && deploy.tag === put?.tag,
  );
  return (isAnnounced || by === "slipway") && !isFollowed;
}

/** What the candidate's tag is: newly put, announced again, the same put again, or put on another image since. */
type Standing =
  | { readonly kind: "new"; readonly put: TagPut | null }
  | { readonly kind: "announced" | "repeated"; readonly put: TagPut }
  | { readonly kind: "overtaken"; readonly by: Digest };

/**
 * What a candidate means for a tag that the image had already. The tag was put again if another image had it in
 * between, or if a later message says so and the registry has changed the image since. Everything else is a repeat of
 * the same push: a message that comes again must not make an older image the newest.
 */
function standingOf(change: Change, candidate: Candidate): Standing {
  const { digest, put, isAnnounced, changedAt } = candidate;
  if (put === null) {
    return { kind: "new", put };
  }
  const tags = tagsOf(change, digest);
  const known = tags.find(({ tag }) => tag === put.tag);
  const rival = lastOther(change, digest, put.tag);
  if (rival !== null && rival.at > put.at) {
    return { kind: "overtaken", by: rival.digest };
  }
  if (known === undefined) {
    return { kind: "new", put: firstPut(tags, put, changedAt) };
  }
  if (rival !== null && rival.at > known.at) {
    return { kind: "new", put };
  }
  return isAnnounced && put.at > known.at
    ? announced(known, noLater(put, changedAt))
    : { kind: "repeated", put: known };
}

function tagsOf({ state }: Change, digest: Digest): readonly TagPut[] {
  return findImage(state, digest)?.tags ?? [];
}

/** The put of a tag that is not known. If so many tags were put that some are forgotten, it may be an old one. */
function firstPut(tags: readonly TagPut[], put: TagPut, changedAt: string): TagPut {
  return tags.length < TAGS_MAX ? put : noLater(put, changedAt);
}

function announced(known: TagPut, put: TagPut): Standing {
  return put.at > known.at ? { kind: "new", put } : { kind: "announced", put: known };
}

/**
 * The put with a time no later than the registry's last change of the image. So a message that comes again, however
 * late, puts no older image over one that was pushed since.
 */
function noLater(put: TagPut, changedAt: string): TagPut {
  return put.at > changedAt ? { ...put, at: changedAt } : put;
}

/** The other image that got the tag last, among the images that the state knows. */
function lastOther(
  change: Change,
  digest: Digest,
  tag: string,
): { readonly digest: Digest; readonly at: string } | null {
  const others = Object.values(change.state.releases)
    .map(({ image }) => ({ digest: image.digest, at: putAt(image, tag) }))
    .filter((other) => other.digest !== digest && other.at !== "");
  return others.toSorted((one, other) => (one.at < other.at ? 1 : -1))[0] ?? null;
}

type Taken = { readonly release: Release; readonly next: Change };

/** Takes the image in: it is known with its tag, and is a release at its place. */
function take(change: Change, candidate: Candidate, by: Actor): Taken {
  const id = releaseId(candidate.digest, change.state.service.revision);
  const before = findImage(change.state, candidate.digest);
  const image = before === null ? newImage(candidate, id) : withCandidate(before, candidate);
  const known = entryOf(change.state.releases, id);
  return known === undefined
    ? makeRelease(change, image, { candidate, by })
    : placeRelease(change, { ...known, image }, { candidate, known });
}

function makeRelease(
  change: Change,
  image: Image,
  { candidate, by }: { readonly candidate: Candidate; readonly by: Actor },
): Taken {
  const { put, uploadedAt, rank, isChosen } = candidate;
  const found = { image, tag: put?.tag ?? null, pushedAt: put?.at ?? uploadedAt, rank };
  const release = toRelease(change.state.service, found, { at: change.now, by });
  return { release, next: asNewest(addRelease(change, release), release, isChosen) };
}

/** A release that is known keeps its place unless its tag was put later, or is a higher version or build. */
function placeRelease(
  change: Change,
  release: Release,
  { candidate, known }: { readonly candidate: Candidate; readonly known: Release },
): Taken {
  const { put, rank, isChosen } = candidate;
  const isPushedAgain = isChosen && put !== null;
  const moved = isPushedAgain ? pushedAgain(release, put.tag, put.at) : release;
  const placed = { ...moved, rank: higher(known.rank, rank) };
  const isMoved = moved !== release || placed.rank !== known.rank;
  if (!isMoved && sameImage(known.image, release.image)) {
    return { release: known, next: change };
  }
  const kept = isMoved ? putRelease(change, placed) : change;
  return { release: placed, next: asNewest(putImage(kept, placed.image), placed, isChosen) };
}

function higher(one: string | null, other: string | null): string | null {
  return (one ?? "") < (other ?? "") ? other : one;
}

function sameImage(one: Image, other: Image): boolean {
  const { tags, ...rest } = one;
  const { tags: others, ...otherRest } = other;
  return tags === others && JSON.stringify(rest) === JSON.stringify(otherRest);
}

/** The change in which the release is the newest, if it is. What a followed tag alone brought in never is: no stage takes it. */
function asNewest(change: Change, release: Release, isChosen: boolean): Change {
  const { newest } = change.state;
  const isNewest =
    isChosen && (newest === null || isNewer(release, releaseOf(change.state, newest)));
  return isNewest ? { ...change, state: { ...change.state, newest: release.id } } : change;
}

type Entry = {
  readonly candidate: Candidate;
  /** The release as it was before this push; null when it is new. */
  readonly before: Release | null;
  readonly release: Release;
  readonly by: Actor;
};

/** Asks for the promotions that the push sets off. */
function enter(change: Change, entry: Entry): Change {
  const { release, by } = entry;
  const environments = change.state.service.environments.filter((environment) =>
    isEntry(environment, entry),
  );
  const { bad } = release.image;
  if (bad !== null && environments.length > 0) {
    const why = `it was marked bad by ${bad.by}: ${bad.reason}; it goes nowhere by itself until somebody takes the mark away`;
    return ignore(change, entry.candidate, why);
  }
  let next = change;
  for (const environment of environments) {
    next = isThere(next, environment, release)
      ? supersedeOlder(next, environment, release)
      : requestPromotion(next, {
          environment,
          release,
          kind: "automatic",
          by,
          reason: null,
          breakGlass: null,
          wait: true,
          restores: [],
        });
  }
  return next;
}

/**
 * Whether the push goes into the environment by itself. Into the first stage every push does that gives its release a
 * later place.
 */
function isEntry(environment: Environment, { candidate, before, release }: Entry): boolean {
  switch (environment.deploy.kind) {
    case "rollout":
      return (
        candidate.isChosen &&
        environment.stage === 0 &&
        environment.policy.promotion === "automatic" &&
        (before === null || isNewer(release, before))
      );
    case "subscription":
      return (
        environment.policy.promotion === "automatic" &&
        candidate.put?.tag === environment.deploy.tag
      );
    case "manual":
      return false;
  }
}

/**
 * Whether the environment has and runs the release and nothing is about to replace it, or the release is on its way.
 */
function isThere(change: Change, environment: Environment, release: Release): boolean {
  const { current, active, drift } = environmentState(change.state, environment.id);
  return active === null
    ? drift === null && current?.release === release.id
    : active.release === release.id && isForward(active.kind);
}

/**
 * An image that the tag policy refuses, or that cannot become a release. A known image gets the tag as one more name.
 */
export function onImageRefused(
  change: Change,
  { digest, tag, reason, otherTags }: Extract<ServiceEvent, { kind: "image-refused" }>,
): Change {
  const known = Object.values(change.state.releases).find((one) => one.digest === digest)?.image;
  const image = known === undefined ? null : withOtherTags(known, otherTags);
  const named = image === null || image === known ? change : putImage(change, image);
  return remember(named, { digest, tag, reason });
}

function ignore(change: Change, { digest, put }: Candidate, reason: string): Change {
  return remember(change, { digest, tag: put?.tag ?? null, reason });
}

/** A push that changes nothing is recorded once, so that nobody wonders why nothing happened. */
function remember(change: Change, push: UnmovedPush): Change {
  const kept = keepIgnored(change, push);
  return kept === change ? change : record(kept, tellIgnored(push));
}

function tellIgnored({ digest, tag, reason }: UnmovedPush): Fact {
  const details = tag === null ? { digest } : { digest, tag };
  return fact("image.ignored", "slipway", { reason, details });
}
