import { decide, isUnchanged } from "../domain/decide.ts";
import type { Reply } from "../domain/change/change.ts";
import { retainReferenced } from "../domain/change/retain.ts";
import { entryOf } from "../domain/entry-of.ts";
import type { ServiceEvent } from "../domain/event.ts";
import type { WindowReading } from "../domain/policy.ts";
import type { Release } from "../domain/release.ts";
import type { Service } from "../domain/service.ts";
import type { ServiceState } from "../domain/state.ts";
import type { Instant } from "../domain/time.ts";
import type { DecidingPorts } from "../ports/ports.ts";
import { take } from "./aggregate.ts";
import { withBoundedTexts } from "./bounded-event.ts";
import type { Draft } from "./aggregate.ts";
import { highestRank } from "./highest-rank.ts";

/** A draft after a few events. */
export type Decided = {
  readonly draft: Draft;
  /** The answer to the last of them. */
  readonly reply: Reply;
  /** Whether any of them changed anything. */
  readonly isNews: boolean;
};

/**
 * Decides events one after the other, as things are now. Nothing is stored. A release that was brought back for
 * one of them is there for each: the events before it leave in the state only what the state refers to.
 */
export function decideNow(
  ports: DecidingPorts,
  draft: Draft,
  events: readonly ServiceEvent[],
): Decided {
  const brought = draft.aggregate.state.releases;
  let decided: Decided = { draft, reply: { kind: "none" }, isNews: false };
  for (const event of events) {
    decided = decideOne(
      ports,
      withState(decided, (state) => withReleases(state, brought)),
      event,
    );
  }
  return withState(decided, retainReferenced);
}

function withState(decided: Decided, change: (state: ServiceState) => ServiceState): Decided {
  const { draft } = decided;
  const state = change(draft.aggregate.state);
  return state === draft.aggregate.state
    ? decided
    : { ...decided, draft: { ...draft, aggregate: { ...draft.aggregate, state } } };
}

function withReleases(state: ServiceState, brought: ServiceState["releases"]): ServiceState {
  const isComplete = Object.keys(brought).every((id) => entryOf(state.releases, id) !== undefined);
  return isComplete ? state : { ...state, releases: { ...brought, ...state.releases } };
}

function decideOne(ports: DecidingPorts, { draft, isNews }: Decided, event: ServiceEvent): Decided {
  const now = ports.clock.now();
  const { state: stored } = draft.aggregate;
  const service = event.kind === "service-applied" ? event.service : stored.service;
  const state = withRanks(ports, service, withWindows(ports, stored, now));
  const decision = decide(state, withBoundedTexts(event), now);
  return {
    draft: take(ports.hash, draft, { decision, now }),
    reply: decision.reply,
    isNews: isNews || !isUnchanged(state, decision),
  };
}

/** The state with what the calendar says now of each environment that has windows. */
export function withWindows(ports: DecidingPorts, state: ServiceState, now: Instant): ServiceState {
  const windows: Record<string, WindowReading> = {};
  for (const { id, policy } of state.service.environments) {
    if (policy.windows !== null) {
      windows[id] = ports.calendar.read(policy.windows, now);
    }
  }
  return { ...state, windows };
}

/** The state with the place that each release has by its tags, under a specification that is to be applied if one is. */
function withRanks(ports: DecidingPorts, service: Service, state: ServiceState): ServiceState {
  if (service.order === "pushed" && state.service.order === "pushed") {
    return state;
  }
  const releases: Record<string, Release> = {};
  for (const [id, release] of Object.entries(state.releases)) {
    const tags = release.image.tags.map(({ tag }) => tag);
    const rank = highestRank(ports.tags, service, tags);
    releases[id] = rank === release.rank ? release : { ...release, rank };
  }
  return { ...state, releases };
}
