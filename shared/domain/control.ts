import { fact } from "./audit-record.ts";
import type { Fact } from "./audit-record.ts";
import { isExpired } from "./hold.ts";
import type { Hold } from "./hold.ts";
import type { ServiceId } from "./ids.ts";
import type { ServiceEvent } from "./event.ts";
import { aboutHold, HOLDS_MAX, refuseLift } from "./events/hold.ts";
import type { Refusal } from "./refusal.ts";
import { IGNORED_MAX } from "./state.ts";
import { shorten } from "./text.ts";
import type { Instant } from "./time.ts";

/** What concerns no single service: holds on everything, and messages that belong to none. */
export type ControlState = {
  readonly holds: readonly Hold[];
  /** Images of no service and refused messages told of lately, so that a repeat says nothing. */
  readonly ignored: readonly string[];
  /** The services that could not be read or decided on, as far as that was told. */
  readonly failing: readonly FailingService[];
};

type HoldLifted = Extract<ServiceEvent, { kind: "hold-lifted" }>;

/** A service that cannot be read or decided on, and the first reasons that were told. */
export type FailingService = { readonly service: ServiceId; readonly reasons: readonly string[] };

/** One service that a sweep or a message met and could not read or decide on. */
export type ServiceFailure = { readonly service: ServiceId; readonly reason: string };

/** How many failing services are told of one by one; those beyond are in the log. */
export const FAILING_MAX = 100;

/** How many reasons of one service are told until it is well again, and how long each may be. */
const REASONS_MAX = 3;
const REASON_LENGTH_MAX = 200;

/** Something that concerns no single service. */
export type ControlEvent =
  | { readonly kind: "hold-placed"; readonly hold: Hold }
  | HoldLifted
  | { readonly kind: "image-unowned"; readonly image: string }
  | { readonly kind: "message-refused"; readonly id: string; readonly reason: string }
  | {
      readonly kind: "services-failed";
      readonly failed: readonly ServiceFailure[];
      /** Whether every service was tried: those that are not among the failed are well. */
      readonly isWhole: boolean;
    }
  | { readonly kind: "tick" };

/** What a control event leads to. */
export type ControlDecision = {
  readonly next: ControlState;
  readonly facts: readonly Fact[];
  readonly refusal: Refusal | null;
};

/** The control state of a new installation. */
export const NEW_CONTROL: ControlState = { holds: [], ignored: [], failing: [] };

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
    return nothing(state);
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
    case "services-failed":
      return tellFailures(
        event.isWhole ? dropWell(state, event.failed) : nothing(state),
        event.failed,
      );
    case "tick":
      return nothing(state);
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
    return nothing(state);
  }
  const ignored = [...state.ignored, name].slice(-IGNORED_MAX);
  return { next: { ...state, ignored }, facts: [told], refusal: null };
}

function nothing(state: ControlState): ControlDecision {
  return { next: state, facts: [], refusal: null };
}

function dropWell(state: ControlState, failed: readonly ServiceFailure[]): ControlDecision {
  const names = new Set(failed.map(({ service }) => service));
  const well = state.failing.filter(({ service }) => !names.has(service));
  const failing = state.failing.filter(({ service }) => names.has(service));
  const facts = well.map(({ service }) =>
    fact("service.recovered", "slipway", { details: { service } }),
  );
  return { next: { ...state, failing }, facts, refusal: null };
}

/** Each reason of each service is told once: a sweep comes every minute. */
function tellFailures(
  decided: ControlDecision,
  failed: readonly ServiceFailure[],
): ControlDecision {
  return failed.reduce((sofar, failure) => tellFailure(sofar, failure), decided);
}

function tellFailure(decided: ControlDecision, failure: ServiceFailure): ControlDecision {
  const { service } = failure;
  const { failing } = decided.next;
  const reason = shorten(failure.reason, REASON_LENGTH_MAX);
  const known = failing.find((other) => other.service === service);
  const reasons = known?.reasons ?? [];
  const hasRoom = known !== undefined || failing.length < FAILING_MAX;
  if (!hasRoom || reasons.length >= REASONS_MAX || reasons.includes(reason)) {
    return decided;
  }
  const others = failing.filter((other) => other.service !== service);
  return {
    ...decided,
    next: { ...decided.next, failing: [...others, { service, reasons: [...reasons, reason] }] },
    facts: [...decided.facts, fact("service.failed", "slipway", { reason, details: { service } })],
  };
}
