import { fact } from "./audit-record.ts";
import type { Fact } from "./audit-record.ts";
import { isExpired } from "./hold.ts";
import type { Hold } from "./hold.ts";
import type { ServiceEvent } from "./event.ts";
import { aboutHold, HOLDS_MAX, refuseLift } from "./events/hold.ts";
import type { Refusal } from "./refusal.ts";
import { IGNORED_MAX } from "./state.ts";
import type { Instant } from "./time.ts";

/** What concerns no single service: holds on everything, and messages that belong to none. */
export type ControlState = {
  readonly holds: readonly Hold[];
  /** Images of no service and refused messages told of lately, so that a repeat says nothing. */
  readonly ignored: readonly string[];
};

type HoldLifted = Extract<ServiceEvent, { kind: "hold-lifted" }>;

/** Something that concerns no single service. */
export type ControlEvent =
  | { readonly kind: "hold-placed"; readonly hold: Hold }
  | HoldLifted
  | { readonly kind: "image-unowned"; readonly image: string }
  | { readonly kind: "message-refused"; readonly id: string; readonly reason: string }
  | { readonly kind: "tick" };

/** What a control event leads to. */
export type ControlDecision = {
  readonly next: ControlState;
  readonly facts: readonly Fact[];
  readonly refusal: Refusal | null;
};

/** The control state of a new installation. */
export const NEW_CONTROL: ControlState = { holds: [], ignored: [] };

/** Decides what one event means for the whole installation. Pure and total. */
export function decideControl(
  state: ControlState,
  event: ControlEvent,
  now: Instant,
): ControlDecision {
  const current = dropExpired(state, now);
  const decided = answer(current.next, event);
  return { ...decided, facts: [...current.facts, ...decided.facts] };
}

function dropExpired(state: ControlState, now: Instant): ControlDecision {
  const expired = state.holds.filter((hold) => isExpired(hold, now));
  if (expired.length === 0) {
    return { next: state, facts: [], refusal: null };
  }
  const holds = state.holds.filter((hold) => !isExpired(hold, now));
  const facts = expired.map((hold) => fact("hold.expired", "slipway", aboutHold(hold)));
  return { next: { ...state, holds }, facts, refusal: null };
}

function answer(state: ControlState, event: ControlEvent): ControlDecision {
  switch (event.kind) {
    case "hold-placed":
      return place(state, event.hold);
    case "hold-lifted":
      return lift(state, event);
    case "image-unowned": {
      const reason = `no service has the image ${event.image}`;
      const told = fact("image.ignored", "slipway", { reason, details: { image: event.image } });
      return tellOnce(state, event.image, told);
    }
    case "message-refused": {
      const details = { message: event.id };
      const told = fact("message.refused", "slipway", { reason: event.reason, details });
      return tellOnce(state, event.id, told);
    }
    case "tick":
      return { next: state, facts: [], refusal: null };
  }
}

function place(state: ControlState, hold: Hold): ControlDecision {
  if (state.holds.length >= HOLDS_MAX) {
    const message = `there are ${HOLDS_MAX} holds on everything already; lift some first`;
    return { next: state, facts: [], refusal: { kind: "conflict", message } };
  }
  const facts = [fact("hold.placed", hold.by, aboutHold(hold))];
  return { next: { ...state, holds: [...state.holds, hold] }, facts, refusal: null };
}

function lift(state: ControlState, { hold: id, by, asOncall }: HoldLifted): ControlDecision {
  const hold = state.holds.find((other) => other.id === id);
  const refusal = refuseLift(id, hold, asOncall);
  if (refusal !== null || hold === undefined) {
    return { next: state, facts: [], refusal };
  }
  const holds = state.holds.filter((other) => other.id !== id);
  return {
    next: { ...state, holds },
    facts: [fact("hold.lifted", by, aboutHold(hold))],
    refusal: null,
  };
}

function tellOnce(state: ControlState, name: string, told: Fact): ControlDecision {
  if (state.ignored.includes(name)) {
    return { next: state, facts: [], refusal: null };
  }
  const ignored = [...state.ignored, name].slice(-IGNORED_MAX);
  return { next: { ...state, ignored }, facts: [told], refusal: null };
}
