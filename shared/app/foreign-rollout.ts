import type { ServiceEvent } from "../domain/event.ts";
import { asPromotionId, asReleaseId } from "../domain/ids.ts";
import { isSettled } from "../domain/events/foreign-rollout.ts";
import { isUnderWay } from "../domain/rollout.ts";
import type { ForeignRollout, RolloutView } from "../domain/rollout.ts";
import type { Environment } from "../domain/service.ts";
import { environmentState } from "../domain/state.ts";
import type { ServiceState } from "../domain/state.ts";
import type { Ports } from "../ports/ports.ts";
import { lookAtRunningBesides } from "./running.ts";

/** A rollout as somebody names it; where it goes and how it stands is read afresh. */
export type NamedRollout = {
  readonly pipeline: string;
  readonly release: string;
  readonly rollout: string;
};

/**
 * Looks at a rollout that no open promotion asked for, and at what runs where it goes. One that is not there, goes
 * to no target of the service, or has made what is recorded shows nothing.
 */
export async function lookAtNamedRollout(
  ports: Ports,
  { service, environments }: ServiceState,
  named: NamedRollout,
): Promise<readonly ServiceEvent[]> {
  const own = service.environments.filter(({ pipeline }) => pipeline.id === named.pipeline);
  const isKnown = Object.values(environments).some((known) => isSettled(known, named.rollout));
  const [first] = own;
  if (first === undefined || isKnown) {
    return [];
  }
  const rollout = await readRollout(ports, first, { id: named.rollout, release: named.release });
  const environment = own.find(({ target }) => target === rollout?.target);
  return rollout === null || environment === undefined
    ? []
    : [toEvent(environment, rollout), ...(await lookAtRunningBesides(ports, environment))];
}

/** Looks at the rollouts of others that were under way when they were last seen. */
export async function lookAtForeignRollouts(
  ports: Ports,
  state: ServiceState,
  environment: Environment,
): Promise<readonly ServiceEvent[]> {
  const open = environmentState(state, environment.id).foreign.filter(isUnderWay);
  const events: ServiceEvent[] = [];
  for (const known of open) {
    const rollout = await readRollout(ports, environment, known);
    events.push(toEvent(environment, rollout ?? gone(environment, known)));
  }
  return events.length === 0
    ? []
    : [...events, ...(await lookAtRunningBesides(ports, environment))];
}

/** How many of a target's newest rollouts are looked through for one of which no notification came. */
const NEWEST_MAX = 3;

/** Looks through the newest rollouts of a target for those of others, in case no notification of them came. */
export async function lookForForeignRollouts(
  ports: Ports,
  state: ServiceState,
  environment: Environment,
): Promise<readonly ServiceEvent[]> {
  const known = environmentState(state, environment.id);
  if (known.current === null) {
    return [];
  }
  const { pipeline, target } = environment;
  const newest = await ports.deploy.targetRollouts(pipeline, target, NEWEST_MAX);
  const others = newest.filter(({ id }) => id !== known.active?.id && !isSettled(known, id));
  return others.toReversed().map((rollout) => toEvent(environment, rollout));
}

function toEvent({ id }: Environment, rollout: RolloutView): ServiceEvent {
  return { kind: "foreign-rollout-observed", environment: id, rollout };
}

async function readRollout(
  ports: Ports,
  { pipeline }: Environment,
  { id, release }: { readonly id: string; readonly release: string },
): Promise<RolloutView | null> {
  const key = { rollout: asPromotionId(id), release: asReleaseId(release) };
  return ports.deploy.getRollout(pipeline, key);
}

/** A rollout that was deleted goes on no more. */
function gone({ target }: Environment, known: ForeignRollout): RolloutView {
  const { id, release, description } = known;
  return {
    id,
    release,
    target,
    state: "CANCELLED",
    rawState: "deleted",
    failure: null,
    nextPhase: null,
    description,
    createdAt: null,
    endedAt: null,
  };
}
