import type { Reply } from "../domain/change/change.ts";
import type { ServiceEvent } from "../domain/event.ts";
import { releasesAfterApply } from "../domain/events/service-applied.ts";
import { releaseId } from "../domain/ids.ts";
import type { ReleaseId, ServiceId } from "../domain/ids.ts";
import type { ServiceState } from "../domain/state.ts";
import type { Ports } from "../ports/ports.ts";
import type { SeenService, ServiceAggregate, Transaction } from "../ports/store.ts";
import { newAggregate, NO_HISTORY, withoutObsolete } from "./aggregate.ts";
import { decideNow } from "./decide-now.ts";
import { drain, pendingWork } from "./drain.ts";
import type { Work } from "./drain.ts";
import { finishEffects } from "./finish-effects.ts";
import { isTaken, newLease } from "./pending.ts";
import type { Attempt } from "./perform.ts";
import { storeDecision } from "./store-decision.ts";
import type { About } from "./store-decision.ts";

/** What became of events. */
export type Handled = {
  /** The answer to the last of them. */
  readonly reply: Reply;
  /** Whether they changed anything. */
  readonly isNews: boolean;
  /** The service after all that they led to, if it is known without reading it. */
  readonly seen: SeenService | null;
};

type Stored = Omit<Handled, "seen"> & { readonly work: Work | null };

const NOT_FOUND: Stored = {
  reply: { kind: "refused", refusal: { kind: "not-found", message: "there is no such service" } },
  isNews: false,
  work: null,
};

/**
 * Decides what an event means for a service, stores that, then does what was decided.
 * Doing it again, at any time and from anywhere, is harmless.
 * @throws TransientError when the store cannot be reached: nothing was decided, try again.
 */
export async function handle(
  ports: Ports,
  service: ServiceId,
  event: ServiceEvent,
): Promise<Handled> {
  return handleAll(ports, { service, seen: await ports.store.read(service) }, [event]);
}

/** The same for events of a service that was just read: they are decided one after the other, and stored together. */
export async function handleSeen(
  ports: Ports,
  seen: SeenService,
  events: readonly ServiceEvent[],
): Promise<Handled> {
  return handleAll(ports, { service: seen.state.service.id, seen }, events);
}

async function handleAll(
  ports: Ports,
  about: About,
  events: readonly ServiceEvent[],
): Promise<Handled> {
  const holder = ports.unique.next();
  const { value, seen } = await storeDecision(ports, about, {
    named: (aggregate) => releasesNamedBy(events, aggregate),
    decide: (stored, looks) => {
      const aggregate = stored ?? firstAggregate(events);
      return aggregate === null
        ? { write: null, value: NOT_FOUND }
        : decideAll(ports, aggregate, { events, looks, holder });
    },
  });
  const { reply, isNews, work } = value;
  const shift = { service: about.service, holder };
  const after = work === null ? seen : await drain(ports, shift, { work, seen });
  return { reply, isNews, seen: after };
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

type Told = {
  readonly events: readonly ServiceEvent[];
  readonly looks: readonly Attempt[];
  readonly holder: string;
};

function decideAll(
  ports: Ports,
  aggregate: ServiceAggregate,
  { events, looks, holder }: Told,
): Transaction<ServiceAggregate, Stored> {
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
