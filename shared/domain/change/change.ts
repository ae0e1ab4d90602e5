import type { Fact } from "../audit-record.ts";
import type { Backup } from "../backup.ts";
import type { SpecText } from "../changes/kept-specs.ts";
import type { Effect } from "../effect.ts";
import type { EnvironmentId, PromotionId, ReleaseId } from "../ids.ts";
import type { Image } from "../image.ts";
import { isEnded } from "../promotion.ts";
import type { Promotion } from "../promotion.ts";
import type { Refusal } from "../refusal.ts";
import type { Release } from "../release.ts";
import { environmentState } from "../state.ts";
import type { EnvironmentState, ServiceState } from "../state.ts";
import type { Instant } from "../time.ts";
import type { TimelineEntry } from "../timeline.ts";

/** The answer to a caller who waits for one. */
export type Reply =
  | { readonly kind: "none" }
  | { readonly kind: "promotion"; readonly promotion: PromotionId }
  | { readonly kind: "release"; readonly release: ReleaseId }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/**
 * A decision in the making: the state as it will be, the effects to perform once it is stored, the facts for the
 * record, and the history to write with it. Each rule takes a change and returns a new one.
 */
export type Change = {
  readonly now: Instant;
  readonly state: ServiceState;
  readonly effects: readonly Effect[];
  readonly facts: readonly Fact[];
  /** Promotions as they are now, for the history; if an id is there twice, the last one counts. */
  readonly promotions: readonly Promotion[];
  /** Releases as they are now, for the history; if an id is there twice, the last one counts. */
  readonly releases: readonly Release[];
  /** Images as they are known now, for the history; if an id is there twice, the last one counts. */
  readonly images: readonly Image[];
  /** Timeline entries to write; if an id is there twice, the last one counts. */
  readonly timeline: readonly TimelineEntry[];
  /** Backups as they are now, for the history; if an id is there twice, the last one counts. */
  readonly backups: readonly Backup[];
  /** Texts of the specification to keep; if a place is there twice, the last one counts. */
  readonly specs: readonly SpecText[];
  readonly reply: Reply;
};

/** A decision in which nothing has happened yet. */
export function begin(state: ServiceState, now: Instant): Change {
  return {
    now,
    state,
    effects: [],
    facts: [],
    promotions: [],
    releases: [],
    images: [],
    timeline: [],
    backups: [],
    specs: [],
    reply: { kind: "none" },
  };
}

/** Adds facts for the record. */
export function record(change: Change, ...facts: readonly Fact[]): Change {
  return { ...change, facts: [...change.facts, ...facts] };
}

/** Adds effects, to be done in this order. */
export function perform(change: Change, ...effects: readonly Effect[]): Change {
  return { ...change, effects: [...change.effects, ...effects] };
}

/** Sets the answer to the caller. */
export function reply(change: Change, answer: Reply): Change {
  return { ...change, reply: answer };
}

/** Refuses the request: only the answer changes. */
export function refuse(change: Change, refusal: Refusal): Change {
  return { ...change, reply: { kind: "refused", refusal } };
}

/** Changes parts of an environment's state. */
export function putEnvironment(
  change: Change,
  id: EnvironmentId,
  parts: Partial<EnvironmentState>,
): Change {
  const environment = { ...environmentState(change.state, id), ...parts };
  const environments = { ...change.state.environments, [id]: environment };
  return { ...change, state: { ...change.state, environments } };
}

/** Remembers a release in its present form, in the state and in the history. */
export function putRelease(change: Change, release: Release): Change {
  const releases = { ...change.state.releases, [release.id]: release };
  return {
    ...change,
    state: { ...change.state, releases },
    releases: [...change.releases, release],
  };
}

/** Remembers what is known of an image, in each of its releases that the state holds, and in the history. */
export function putImage(change: Change, image: Image): Change {
  const entries = Object.entries(change.state.releases).map(
    ([id, release]) =>
      [id, release.digest === image.digest ? { ...release, image } : release] as const,
  );
  return {
    ...change,
    state: { ...change.state, releases: Object.fromEntries(entries) },
    images: [...change.images, image],
  };
}

/** Adds an entry to the timeline, or replaces the entry with the same id. */
export function putTimeline(change: Change, entry: TimelineEntry): Change {
  return { ...change, timeline: [...change.timeline, entry] };
}

/**
 * Puts a promotion in the place that its state asks for: among the waiting, as the active one, or,
 * once it has ended, in the history alone.
 */
export function putPromotion(change: Change, promotion: Promotion): Change {
  const { active, waiting } = environmentState(change.state, promotion.environment);
  const placed = putEnvironment(change, promotion.environment, {
    active: placeActive(active, promotion),
    waiting: placeWaiting(waiting, promotion),
  });
  return { ...placed, promotions: [...placed.promotions, promotion] };
}

function placeActive(active: Promotion | null, promotion: Promotion): Promotion | null {
  if (promotion.state === "RUNNING") {
    return promotion;
  }
  return active?.id === promotion.id ? null : active;
}

function placeWaiting(waiting: readonly Promotion[], promotion: Promotion): readonly Promotion[] {
  if (isEnded(promotion) || promotion.state === "RUNNING") {
    return waiting.filter((other) => other.id !== promotion.id);
  }
  if (waiting.some((other) => other.id === promotion.id)) {
    return waiting.map((other) => (other.id === promotion.id ? promotion : other));
  }
  return [...waiting, promotion];
}
