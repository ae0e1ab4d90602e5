import { decide, isUnchanged } from "../domain/decide.ts";
import type { Reply } from "../domain/change.ts";
import type { ServiceEvent } from "../domain/event.ts";
import { releaseId } from "../domain/ids.ts";
import type { ReleaseId, ServiceId } from "../domain/ids.ts";
import type { Ports } from "../ports/ports.ts";
import type { ServiceAggregate, Transaction } from "../ports/store.ts";
import { newAggregate, NO_HISTORY, take, withoutObsolete } from "./aggregate.ts";
import { drain, pendingWork } from "./drain.ts";
import type { Work } from "./drain.ts";
import { withWindows } from "./windows.ts";
import { isTaken, newLease } from "./pending.ts";

/** What became of an event. */
export type Handled = { readonly reply: Reply };

type Stored = Handled & { readonly work: Work | null };

const NOT_FOUND: Stored = {
  reply: { kind: "refused", refusal: { kind: "not-found", message: "there is no such service" } },
  work: null,
};

/**
 * Decides what an event means for a service, stores that in one transaction, then does what was decided.
 * Doing it again, at any time and from anywhere, is harmless.
 * @throws TransientError when the store cannot be reached: nothing was decided, try again.
 */
export async function handle(
  ports: Ports,
  service: ServiceId,
  event: ServiceEvent,
): Promise<Handled> {
  const holder = ports.unique.next();
  const handled = await ports.store.transact(
    service,
    (aggregate) => releaseNamedBy(event, aggregate),
    (stored) => {
      const aggregate = stored ?? firstAggregate(event);
      return aggregate === null
        ? { write: null, value: NOT_FOUND }
        : decideOn(ports, aggregate, { event, holder });
    },
  );
  if (handled.work !== null) {
    await drain(ports, { service, holder }, handled.work);
  }
  return { reply: handled.reply };
}

/** A service begins to exist when its specification is applied for the first time. */
function firstAggregate(event: ServiceEvent): ServiceAggregate | null {
  return event.kind === "service-applied" ? newAggregate(event.service) : null;
}

/** A release that an event names may have left the state: the history has it. */
function releaseNamedBy(event: ServiceEvent, { state }: ServiceAggregate): ReleaseId | null {
  if (event.kind === "image-found") {
    return releaseId(event.candidate.digest, state.service.revision);
  }
  const isNaming =
    event.kind === "promotion-requested" ||
    event.kind === "rollback-requested" ||
    event.kind === "release-marked";
  return isNaming ? event.release : null;
}

function decideOn(
  ports: Ports,
  aggregate: ServiceAggregate,
  { event, holder }: { readonly event: ServiceEvent; readonly holder: string },
): Transaction<ServiceAggregate, Stored> {
  const now = ports.clock.now();
  const { state } = withWindows(ports, aggregate, now);
  const decision = decide(state, event, now);
  const { reply } = decision;
  const isIdle = isTaken(aggregate.lease, holder, now);
  const taken = take(ports.hash, { aggregate, history: NO_HISTORY }, { decision, now });
  const draft = isIdle ? taken : withoutObsolete(taken);
  const work = isIdle ? null : pendingWork(draft, now);
  if (work === null && isUnchanged(state, decision)) {
    return { write: null, value: { reply, work: null } };
  }
  const lease = work === null ? aggregate.lease : newLease(holder, now);
  const next = { ...draft.aggregate, lease };
  return { write: { aggregate: next, history: draft.history }, value: { reply, work } };
}
