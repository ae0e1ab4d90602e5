import type { Reply } from "../domain/change/change.ts";
import type { ServiceEvent } from "../domain/event.ts";
import { releasesAfterApply } from "../domain/events/service-applied.ts";
import { releaseId } from "../domain/ids.ts";
import type { ReleaseId } from "../domain/ids.ts";
import type { ServiceState } from "../domain/state.ts";
import type { Refusal } from "../domain/refusal.ts";
import type { DecidingPorts } from "../ports/ports.ts";
import type {
  ListedService,
  Meeting,
  SeenService,
  ServiceAggregate,
  Transaction,
} from "../ports/store.ts";
import { newAggregate, NO_HISTORY, withoutObsolete } from "./aggregate.ts";
import { decideNow } from "./decide-now.ts";
import { finishEffects } from "./finish-effects.ts";
import { pendingWork } from "./pending-work.ts";
import type { Work } from "./pending-work.ts";
import { isTaken, newLease } from "./pending.ts";
import type { Attempt } from "./perform.ts";
import { storeDecision } from "./store-decision.ts";
import type { About, LookAround, StoredDecision } from "./store-decision.ts";

/** What became of events. */
export type Handled = {
  /** The answer to the last of them. */
  readonly reply: Reply;
  /** Whether they changed anything. */
  readonly isNews: boolean;
  /** The service after all that they led to, if it is known without reading it. */
  readonly seen: SeenService | null;
};

/** What was stored of events, and what is to be done now that nobody else does. */
export type StoredEvents = Omit<Handled, "seen"> & { readonly work: Work | null };

/** Whoever stores events in order to do at once what they lead to. */
export type Worker = {
  /** In whose name the lease is taken. */
  readonly holder: string;
  readonly look: LookAround;
};

/** What keeps events from being stored: others who are where the service wants to be. */
export type Guard = {
  readonly meeting: Meeting;
  /** Why nothing may be stored while those are there; null when it may. */
  readonly refusal: (others: readonly ListedService[]) => Refusal | null;
};

/** Who stores events, and under which condition. */
export type Storing = {
  readonly events: readonly ServiceEvent[];
  readonly worker: Worker | null;
  readonly guard: Guard | null;
};

const NOT_FOUND: Refusal = { kind: "not-found", message: "there is no such service" };

function refusedWith(refusal: Refusal): StoredEvents {
  return { reply: { kind: "refused", refusal }, isNews: false, work: null };
}

/**
 * Decides what events mean for a service, one after the other, and stores that together. A worker gets the lease with
 * it if there is work and nobody else is at it. Without a worker nothing is looked at and the lease stays as it is.
 */
export async function storeEvents(
  ports: DecidingPorts,
  about: About,
  { events, worker, guard }: Storing,
): Promise<StoredDecision<StoredEvents>> {
  return storeDecision(ports, about, {
    look: worker?.look ?? null,
    named: (aggregate) => releasesNamedBy(events, aggregate),
    meeting: guard?.meeting ?? null,
    decide: (stored, looks, others) => {
      const refusal = guard?.refusal(others) ?? null;
      if (refusal !== null) {
        return { write: null, value: refusedWith(refusal) };
      }
      const aggregate = stored ?? firstAggregate(events);
      if (aggregate === null) {
        return { write: null, value: refusedWith(NOT_FOUND) };
      }
      return worker === null
        ? decideOnly(ports, aggregate, events)
        : decideAndTake(ports, aggregate, { events, looks, holder: worker.holder });
    },
  });
}

/** A service begins to exist when its specification is applied for the first time. */
function firstAggregate(events: readonly ServiceEvent[]): ServiceAggregate | null {
  const applied = events.find((event) => event.kind === "service-applied");
  return applied === undefined ? null : newAggregate(applied.service);
}

/** The releases that events name: they may have left the state. */
export function releasesNamedBy(
  events: readonly ServiceEvent[],
  { state }: ServiceAggregate,
): readonly ReleaseId[] {
  return events.flatMap((event) => releasesOf(event, state));
}

function releasesOf(event: ServiceEvent, state: ServiceState): readonly ReleaseId[] {
  if (event.kind === "image-found") {
    return [releaseId(event.candidate.digest, state.service.revision)];
  }
  if (event.kind === "service-applied") {
    return releasesAfterApply(state, event.service);
  }
  if (event.kind === "retry-requested") {
    return [event.promotion.release];
  }
  const isNaming =
    event.kind === "promotion-requested" ||
    event.kind === "rollback-requested" ||
    event.kind === "release-marked";
  return isNaming && event.release !== null ? [event.release] : [];
}

/** What nobody wants any more stays in the outbox: only who holds the lease knows that nothing of it is in hand. */
function decideOnly(
  ports: DecidingPorts,
  aggregate: ServiceAggregate,
  events: readonly ServiceEvent[],
): Transaction<ServiceAggregate, StoredEvents> {
  const { reply, isNews, draft } = decideNow(ports, { aggregate, history: NO_HISTORY }, events);
  const now = ports.clock.now();
  const isOthers = isTaken(aggregate.lease, "", now);
  const value = { reply, isNews, work: isOthers ? null : pendingWork(draft, now) };
  return { write: isNews ? draft : null, value };
}

type Told = {
  readonly events: readonly ServiceEvent[];
  readonly looks: readonly Attempt[];
  readonly holder: string;
};

function decideAndTake(
  ports: DecidingPorts,
  aggregate: ServiceAggregate,
  { events, looks, holder }: Told,
): Transaction<ServiceAggregate, StoredEvents> {
  const decided = decideNow(ports, { aggregate, history: NO_HISTORY }, events);
  const { reply, isNews } = decided;
  const finished = finishEffects(ports, decided.draft, looks);
  const now = ports.clock.now();
  const isOthers = isTaken(aggregate.lease, holder, now);
  const draft = isOthers ? finished : withoutObsolete(finished);
  const work = isOthers ? null : pendingWork(draft, now);
  const value = { reply, isNews, work };
  if (work === null && !isNews) {
    return { write: null, value };
  }
  const lease = work === null ? aggregate.lease : newLease(holder, now);
  const next = { ...draft.aggregate, lease };
  return { write: { aggregate: next, history: draft.history }, value };
}
