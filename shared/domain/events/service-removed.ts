import { fact } from "../audit-record.ts";
import { record, refuse } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import type { ServiceEvent } from "../event.ts";
import { isUnderWay } from "../rollout.ts";
import { openPromotions } from "../state.ts";
import type { ServiceState } from "../state.ts";
import { nameSome } from "../text.ts";

type ServiceRemoved = Extract<ServiceEvent, { kind: "service-removed" }>;

/** How many things that are under way a refusal names. */
const NAMED_MAX = 3;

/**
 * Somebody ends a service: nothing of it is delivered from then on. Its record stays, and what runs goes on running. It
 * is refused while something is under way.
 */
export function onServiceRemoved(change: Change, { by, reason }: ServiceRemoved): Change {
  const { service } = change.state;
  const busy = underWay(change.state);
  if (busy.length > 0) {
    const message = `service ${service.id} cannot be removed while something is under way: ${nameSome(busy, NAMED_MAX, ", ")}; cancel it or wait for its end`;
    return refuse(change, { kind: "conflict", message });
  }
  return record(
    { ...change, state: { ...change.state, removedAt: change.now } },
    fact("service.removed", by, { reason, details: { revision: service.revision } }),
  );
}

/** What of a service is under way, each thing in a few words. */
export function underWay(state: ServiceState): readonly string[] {
  const open = openPromotions(state).map(({ id }) => `promotion ${id}`);
  const environments = Object.entries(state.environments);
  const migrations = environments
    .filter(([, { contract }]) => contract !== null && contract.startedBy !== null)
    .map(([id]) => `the migration in ${id}`);
  const rollouts = environments.flatMap(([id, { foreign }]) =>
    foreign.filter(isUnderWay).map((rollout) => `rollout ${rollout.id} into ${id}`),
  );
  return [...open, ...migrations, ...rollouts];
}

/** The events that still matter once a service was removed: it is applied again, or an effect has ended. */
const GOES_ON: ReadonlySet<ServiceEvent["kind"]> = new Set<ServiceEvent["kind"]>([
  "service-applied",
  "effect-done",
  "effect-failed",
]);

/** Whether the service was removed and the event no longer matters. */
export function isOver({ removedAt }: ServiceState, { kind }: ServiceEvent): boolean {
  return removedAt !== null && !GOES_ON.has(kind);
}

/** Refuses what somebody asks of a removed service. */
export function refuseRemoved(change: Change): Change {
  const { id } = change.state.service;
  const message = `service ${id} was removed; to deliver it again, apply its specification`;
  return refuse(change, { kind: "conflict", message });
}
