import { assert } from "../domain/assert.ts";
import { effectId, isLook } from "../domain/effect.ts";
import type { Effect } from "../domain/effect.ts";
import { sizeOf } from "../domain/size.ts";
import { openPromotions } from "../domain/state.ts";
import type { ServiceState } from "../domain/state.ts";
import { after, duration, minutes } from "../domain/time.ts";
import type { Duration, Instant } from "../domain/time.ts";
import type { Chain, Lease, PendingEffect } from "../ports/store.ts";

/** How many effects may be pending for one service. */
export const OUTBOX_MAX = 500;

/** Beyond this size of what is pending no removal of a backup joins it: the next day finds that backup again. */
const REMOVALS_BYTES_MAX = 32 * 1024;

/** Beyond this size of the looks that are pending no look joins them: the next minute asks for it again. */
const LOOKS_BYTES_MAX = 16 * 1024;

/** How often an effect that fails in passing is tried before it counts as failed for good. */
export const ATTEMPTS_MAX = 20;

/** How long one process may carry out a service's pending work before another may take over. */
export const LEASE_LENGTH: Duration = duration(20_000);

const BACKOFF_FIRST: Duration = duration(5_000);
const BACKOFF_MAX: Duration = minutes(10);

/** Adds effects to an outbox. An effect that stands there already stands there once. */
export function enqueue(
  outbox: readonly PendingEffect[],
  effects: readonly Effect[],
  now: Instant,
): readonly PendingEffect[] {
  const known = new Set(outbox.map(({ effect }) => effectId(effect)));
  let size = sizeOf(outbox);
  let looks = sizeOf(outbox.filter(({ effect }) => isAskedAgain(effect)));
  const added = effects.map(slim).filter((effect) => {
    size += sizeOf(effect);
    looks += isAskedAgain(effect) ? sizeOf(effect) : 0;
    const canWait =
      (effect.kind === "remove-backup" && size > REMOVALS_BYTES_MAX) ||
      (isAskedAgain(effect) && looks > LOOKS_BYTES_MAX);
    return !canWait && !known.has(effectId(effect));
  });
  const next = outbox.concat(added.map((effect) => ({ effect, attempts: 0, notBefore: now })));
  assert(next.length <= OUTBOX_MAX, `at most ${OUTBOX_MAX} effects are pending`);
  return next;
}

/** Whether the effect is a look that every event asks for anew until it was done. */
function isAskedAgain({ kind }: Effect): boolean {
  return kind === "find-databases" || kind === "read-incidents" || kind === "read-provenance";
}

/** The effect without what nobody reads of it when it is done. */
function slim(effect: Effect): Effect {
  if (effect.kind === "take-backup") {
    return { ...effect, backup: { ...effect.backup, floor: { kind: "none" } } };
  }
  if (effect.kind === "create-release") {
    const { release } = effect;
    const tags = release.image.tags.filter(({ commit }) => commit !== null).slice(0, 1);
    const image = { ...release.image, tags, otherTags: [], provenance: [] };
    return { ...effect, release: { ...release, image } };
  }
  return effect;
}

/** The outbox without an effect. */
export function remove(outbox: readonly PendingEffect[], effect: Effect): readonly PendingEffect[] {
  return outbox.filter((pending) => effectId(pending.effect) !== effectId(effect));
}

/** The outbox without the other effects of a failed effect's promotion, except its cancellation. */
export function removeFollowers(
  outbox: readonly PendingEffect[],
  failed: Effect,
): readonly PendingEffect[] {
  return outbox.filter(
    ({ effect }) => effect.promotion !== failed.promotion || effect.kind === "cancel-rollout",
  );
}

/**
 * The outbox without what a promotion that has ended meanwhile would still do to data. Only for who holds
 * the lease and has nothing of it in hand.
 */
export function removeObsolete(
  outbox: readonly PendingEffect[],
  state: ServiceState,
): readonly PendingEffect[] {
  const started = Object.values(state.environments).flatMap(({ contract }) =>
    contract === null || contract.startedBy === null ? [] : [contract.promotion],
  );
  const wanted = new Set([...openPromotions(state).map(({ id }) => id), ...started]);
  return outbox.filter(
    ({ effect }) => !TOUCHES_DATA.has(effect.kind) || wanted.has(effect.promotion),
  );
}

const TOUCHES_DATA: ReadonlySet<Effect["kind"]> = new Set<Effect["kind"]>([
  "take-backup",
  "run-job",
  "restore-backup",
]);

/** The outbox with an effect put off after a failure that may pass: 5 s, doubling, at most 10 minutes. */
export function postpone(
  outbox: readonly PendingEffect[],
  effect: Effect,
  now: Instant,
): readonly PendingEffect[] {
  return outbox.map((pending) =>
    effectId(pending.effect) === effectId(effect) ? later(pending, now) : pending,
  );
}

function later(pending: PendingEffect, now: Instant): PendingEffect {
  const wait = Math.min(BACKOFF_MAX, BACKOFF_FIRST * 2 ** pending.attempts);
  const attempts = pending.attempts + 1;
  return { ...pending, attempts, notBefore: after(now, duration(wait)) };
}

/** The effects to try now. One that waits keeps those of its promotion behind it waiting. */
export function due(outbox: readonly PendingEffect[], now: Instant): readonly PendingEffect[] {
  const blocked = new Set<string>();
  return outbox.filter((pending) => {
    if (pending.notBefore > now) {
      blocked.add(pending.effect.promotion);
    }
    return !blocked.has(pending.effect.promotion);
  });
}

/** The looks that are due now: for each promotion, those before its first act. */
export function looksDue(outbox: readonly PendingEffect[], now: Instant): readonly PendingEffect[] {
  const acting = new Set<string>();
  return due(outbox, now).filter(({ effect }) => {
    if (!isLook(effect)) {
      acting.add(effect.promotion);
    }
    return !acting.has(effect.promotion);
  });
}

/** Whether records of the chain wait to be published. */
export function isUnpublished(chain: Chain): boolean {
  return chain.published < chain.head.sequence;
}

/** Whether somebody else carries out the pending work now. */
export function isTaken(lease: Lease | null, holder: string, now: Instant): boolean {
  return lease !== null && lease.holder !== holder && lease.until > now;
}

/** A lease from now on. */
export function newLease(holder: string, now: Instant): Lease {
  return { holder, until: after(now, LEASE_LENGTH) };
}
