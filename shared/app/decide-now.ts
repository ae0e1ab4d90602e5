import { decide, isUnchanged } from "../domain/decide.ts";
import type { Reply } from "../domain/change/change.ts";
import type { ServiceEvent } from "../domain/event.ts";
import type { WindowReading } from "../domain/policy.ts";
import type { ServiceState } from "../domain/state.ts";
import type { Instant } from "../domain/time.ts";
import type { Ports } from "../ports/ports.ts";
import { take } from "./aggregate.ts";
import type { Draft } from "./aggregate.ts";

/** A draft after a few events. */
export type Decided = {
  readonly draft: Draft;
  /** The answer to the last of them. */
  readonly reply: Reply;
  /** Whether any of them changed anything. */
  readonly isNews: boolean;
};

/** Decides events one after the other, as things are now. Nothing is stored. */
export function decideNow(ports: Ports, draft: Draft, events: readonly ServiceEvent[]): Decided {
  let decided: Decided = { draft, reply: { kind: "none" }, isNews: false };
  for (const event of events) {
    decided = decideOne(ports, decided, event);
  }
  return decided;
}

function decideOne(ports: Ports, { draft, isNews }: Decided, event: ServiceEvent): Decided {
  const now = ports.clock.now();
  const state = withWindows(ports, draft.aggregate.state, now);
  const decision = decide(state, event, now);
  return {
    draft: take(ports.hash, draft, { decision, now }),
    reply: decision.reply,
    isNews: isNews || !isUnchanged(state, decision),
  };
}

/** The state with what the calendar says now of each environment that has windows. */
export function withWindows(ports: Ports, state: ServiceState, now: Instant): ServiceState {
  const windows: Record<string, WindowReading> = {};
  for (const { id, policy } of state.service.environments) {
    if (policy.windows !== null) {
      windows[id] = ports.calendar.read(policy.windows, now);
    }
  }
  return { ...state, windows };
}
