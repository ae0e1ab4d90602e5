import type { ServiceId } from "../domain/ids.ts";
import type { Ports } from "../ports/ports.ts";
import type { SeenService, ServiceAggregate, Transaction } from "../ports/store.ts";
import { NO_HISTORY, withoutObsolete } from "./aggregate.ts";
import { finishEffects } from "./finish-effects.ts";
import { pendingWork } from "./pending-work.ts";
import type { Work } from "./pending-work.ts";
import { isTaken, newLease } from "./pending.ts";
import { performAll } from "./perform.ts";
import type { Attempt } from "./perform.ts";
import { publishRecords } from "./publish.ts";
import { storeDecision } from "./store-decision.ts";
import type { StoredDecision } from "./store-decision.ts";

/** How many rounds of work one event may set off before the rest is left to the tick, if its time lasts so long. */
export const ROUNDS_MAX = 20;

/** Whose work it is, and in whose name it is done. */
export type Shift = { readonly service: ServiceId; readonly holder: string };

/** Work that was found, and the service as it was stored when it was, if that is known. */
export type Found = { readonly work: Work; readonly seen: SeenService | null };

/**
 * Does a service's pending work round by round: effects, then the records that tell of them. Only who
 * holds the service's lease does, so that records are published in order and each once. If this process
 * dies the lease runs out and the tick takes over.
 * @returns the service after it, if that is known without reading it.
 */
export async function drain(ports: Ports, shift: Shift, found: Found): Promise<SeenService | null> {
  let work: Work | null = found.work;
  let { seen } = found;
  for (let round = 1; work !== null && round <= ROUNDS_MAX; round += 1) {
    const attempts = await performAll(ports, shift.service, work.effects);
    const published = await publishRecords(ports, shift.service, work);
    const isStuck = published === work.published && published < work.head;
    const isLast: boolean = round === ROUNDS_MAX || isStuck || ports.deadline.isPast();
    const finished: StoredDecision<Work | null> = await storeDecision(
      ports,
      { service: shift.service, seen },
      {
        look: async (wanted) => performAll(ports, shift.service, wanted),
        named: () => [],
        meeting: null,
        decide: (aggregate, looks) =>
          finishRound(ports, shift, {
            aggregate,
            attempts: [...attempts, ...looks],
            published,
            isLast,
          }),
      },
    );
    work = finished.value;
    seen = finished.seen;
  }
  return seen;
}

type Round = {
  readonly aggregate: ServiceAggregate | null;
  readonly attempts: readonly Attempt[];
  readonly published: number;
  /** Whether the work ends here, even if something is left: publishing failed, or there were too many rounds, or the time is over. */
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
  let draft = finishEffects(ports, { aggregate, history: NO_HISTORY }, attempts);
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
