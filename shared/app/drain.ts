import type { AuditRecord } from "../domain/audit-record.ts";
import { decide } from "../domain/decide.ts";
import { effectId } from "../domain/effect.ts";
import type { ServiceEvent } from "../domain/event.ts";
import type { ServiceId } from "../domain/ids.ts";
import type { Instant } from "../domain/time.ts";
import type { Ports } from "../ports/ports.ts";
import type { PendingEffect, ServiceAggregate, Transaction } from "../ports/store.ts";
import { NO_HISTORY, take, withoutObsolete } from "./aggregate.ts";
import type { Draft } from "./aggregate.ts";
import {
  ATTEMPTS_MAX,
  due,
  isTaken,
  isUnpublished,
  newLease,
  postpone,
  remove,
  removeFollowers,
} from "./pending.ts";
import { performAll } from "./perform.ts";
import { withWindows } from "./windows.ts";
import type { Attempt } from "./perform.ts";
import { publishRecords } from "./publish.ts";

/** How many rounds of work one event may set off before the rest is left to the tick. */
export const ROUNDS_MAX = 20;

/** What there is to do for a service now. */
export type Work = {
  readonly effects: readonly PendingEffect[];
  /** Up to which record the chain is published. */
  readonly published: number;
  readonly head: number;
  /** The newest records, when they were sealed just now; older ones are read from the history. */
  readonly records: readonly AuditRecord[];
};

/** Whose work it is, and in whose name it is done. */
export type Shift = { readonly service: ServiceId; readonly holder: string };

/** What is to be done now, or null when nothing is due. */
export function pendingWork(draft: Draft, now: Instant): Work | null {
  const { outbox, chain } = draft.aggregate;
  const effects = due(outbox, now);
  if (effects.length === 0 && !isUnpublished(chain)) {
    return null;
  }
  const { records } = draft.history;
  return { effects, published: chain.published, head: chain.head.sequence, records };
}

/**
 * Does a service's pending work round by round: effects, then the records that tell of them. Only who
 * holds the service's lease does, so that records are published in order and each once. If this process
 * dies the lease runs out and the tick takes over.
 */
export async function drain(ports: Ports, shift: Shift, first: Work): Promise<void> {
  let work: Work | null = first;
  for (let round = 1; work !== null && round <= ROUNDS_MAX; round += 1) {
    const attempts = await performAll(ports, shift.service, work.effects);
    const published = await publishRecords(ports, shift.service, work);
    const isStuck = published === work.published && published < work.head;
    const isLast: boolean = round === ROUNDS_MAX || isStuck;
    work = await ports.store.transact(
      shift.service,
      () => null,
      (aggregate): Transaction<ServiceAggregate, Work | null> =>
        finishRound(ports, shift, { aggregate, attempts, published, isLast }),
    );
  }
}

type Round = {
  readonly aggregate: ServiceAggregate | null;
  readonly attempts: readonly Attempt[];
  readonly published: number;
  /** Whether the work ends here, whatever is left: after a failure to publish, or too many rounds. */
  readonly isLast: boolean;
};

function finishRound(
  ports: Ports,
  shift: Shift,
  round: Round,
): Transaction<ServiceAggregate, Work | null> {
  const { aggregate, attempts, published } = round;
  if (aggregate === null) {
    return { write: null, value: null };
  }
  const now = ports.clock.now();
  let draft: Draft = { aggregate, history: NO_HISTORY };
  for (const attempt of attempts) {
    draft = finishEffect(ports, draft, attempt);
  }
  const { chain } = draft.aggregate;
  const reached = { ...chain, published: Math.max(chain.published, published) };
  draft = { ...draft, aggregate: { ...draft.aggregate, chain: reached } };
  const isOurs = !isTaken(aggregate.lease, shift.holder, now);
  draft = isOurs ? withoutObsolete(draft) : draft;
  const work = isOurs && !round.isLast ? pendingWork(draft, now) : null;
  const ours = work === null ? null : newLease(shift.holder, now);
  const lease = isOurs ? ours : aggregate.lease;
  const next = { ...draft.aggregate, lease };
  return { write: { aggregate: next, history: draft.history }, value: work };
}

/** Takes one attempt's outcome in. An effect that is no longer pending was told of already. */
function finishEffect(ports: Ports, draft: Draft, attempt: Attempt): Draft {
  const { outbox } = draft.aggregate;
  const name = effectId(attempt.effect);
  const pending = outbox.find(({ effect }) => effectId(effect) === name);
  if (pending === undefined) {
    return draft;
  }
  const now = ports.clock.now();
  const event = toEvent(attempt, pending);
  if (event === null) {
    const postponed = postpone(outbox, attempt.effect, now);
    return { ...draft, aggregate: { ...draft.aggregate, outbox: postponed } };
  }
  const rest =
    event.kind === "effect-failed"
      ? removeFollowers(remove(outbox, attempt.effect), attempt.effect)
      : remove(outbox, attempt.effect);
  const cleared = { ...draft, aggregate: { ...draft.aggregate, outbox: rest } };
  const told = decideNext(ports, cleared, event);
  const shown = attempt.kind === "done" ? attempt.shown : null;
  return shown === null ? told : decideNext(ports, told, shown);
}

function decideNext(ports: Ports, draft: Draft, event: ServiceEvent): Draft {
  const now = ports.clock.now();
  const { state } = withWindows(ports, draft.aggregate, now);
  return take(ports.hash, draft, { decision: decide(state, event, now), now });
}

/** What the attempt means; null: try again later. */
function toEvent(attempt: Attempt, pending: PendingEffect): ServiceEvent | null {
  const { effect } = attempt;
  if (attempt.kind === "done") {
    return { kind: "effect-done", effect };
  }
  if (attempt.kind === "postponed" && pending.attempts + 1 < ATTEMPTS_MAX) {
    return null;
  }
  const { status, message } = attempt.error;
  return { kind: "effect-failed", effect, status, message };
}
