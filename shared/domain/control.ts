import { fact } from "./audit-record.ts";
import type { Fact } from "./audit-record.ts";
import { checkpointFacts } from "./checkpoint.ts";
import type { ChainHead } from "./checkpoint.ts";
import { isExpired } from "./hold.ts";
import type { Hold } from "./hold.ts";
import type { ServiceId } from "./ids.ts";
import type { ServiceEvent } from "./event.ts";
import { aboutHold, refuseHold, refuseLift } from "./events/hold.ts";
import { compareTroubled } from "./notices/troubled.ts";
import type { ComparedChannels, TroubledChannel } from "./notices/troubled.ts";
import type { Refusal } from "./refusal.ts";
import { IGNORED_MAX } from "./state.ts";
import { shorten } from "./text.ts";
import { after, instant, minutes } from "./time.ts";
import type { Instant } from "./time.ts";

/** What concerns no single service: holds on everything, messages of no service, and failing services. */
export type ControlState = {
  readonly holds: readonly Hold[];
  /** The images of no service and the refused messages that were recorded lately, so that no repeat is recorded. */
  readonly ignored: readonly string[];
  /** How many of each were recorded in the present hour. */
  readonly refused: Quota;
  readonly unowned: Quota;
  /** The services that could not be read or decided on, as far as that was recorded. */
  readonly failing: readonly FailingService[];
  /** The installation's own channels that take no notices, as far as that was recorded. */
  readonly troubled: readonly TroubledChannel[];
  /** Where a sweep whose time was over goes on: the page's token; empty for the first page. */
  readonly resume: Readonly<Record<TickKind, string>>;
};

/** The clock struck: a minute, an hour, a day. */
export type TickKind = "minute" | "hour" | "day";

type HoldLifted = Extract<ServiceEvent, { kind: "hold-lifted" }>;

/** How many things of a kind were recorded since a moment, and how many were only counted. */
export type Quota = {
  readonly since: Instant;
  readonly told: number;
  readonly leftOut: number;
};

/** The quota of a kind of which nothing was recorded yet. */
export const NEW_QUOTA: Quota = { since: instant(0), told: 0, leftOut: 0 };

/** How many refused messages, and how many images of no service, are recorded in an hour; others are only counted. */
export const TOLD_MAX = 20;

const HOUR = minutes(60);

/** How much of a message's id or an image's name is kept. */
const NAME_LENGTH_MAX = 300;

/** A service that cannot be read or decided on, and the first reasons that were recorded. */
export type FailingService = { readonly service: ServiceId; readonly reasons: readonly string[] };

/** One service that a sweep or a message met and could not read or decide on. */
export type ServiceFailure = { readonly service: ServiceId; readonly reason: string };

/** How many failing services are recorded one by one; further ones are only in the log. */
export const FAILING_MAX = 100;

/** How many reasons of one service are recorded until it is well again, and how long each may be. */
const REASONS_MAX = 3;
const REASON_LENGTH_MAX = 200;

/** Something that nobody asked for. `besides`: how many more of its kind came before and were only counted. */
export type UnaskedEvent =
  | { readonly kind: "image-unowned"; readonly image: string; readonly besides: number }
  | {
      readonly kind: "message-refused";
      readonly id: string;
      readonly reason: string;
      readonly besides: number;
    };

/** Something that concerns no single service. */
export type ControlEvent =
  | { readonly kind: "hold-placed"; readonly hold: Hold }
  | HoldLifted
  | UnaskedEvent
  | {
      readonly kind: "services-failed";
      readonly failed: readonly ServiceFailure[];
      /** Whether every service was tried: then the services that are not among the failed are well. */
      readonly isWhole: boolean;
    }
  | { readonly kind: "sweep-ended"; readonly tick: TickKind; readonly resume: string }
  | { readonly kind: "checkpoint"; readonly heads: readonly ChainHead[] }
  | { readonly kind: "channels-observed"; readonly troubled: readonly TroubledChannel[] }
  | { readonly kind: "tick" };

/** What a control event leads to. */
export type ControlDecision = {
  readonly next: ControlState;
  readonly facts: readonly Fact[];
  readonly refusal: Refusal | null;
};

/** The control state of a new installation. */
export const NEW_CONTROL: ControlState = {
  holds: [],
  ignored: [],
  refused: NEW_QUOTA,
  unowned: NEW_QUOTA,
  failing: [],
  troubled: [],
  resume: { minute: "", hour: "", day: "" },
};

/** Decides what one event means for the whole installation. Pure and total. */
export function decideControl(
  state: ControlState,
  event: ControlEvent,
  now: Instant,
): ControlDecision {
  const current = dropExpired(state, now);
  const decided = answer(current.next, event, now);
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

function answer(state: ControlState, event: ControlEvent, now: Instant): ControlDecision {
  switch (event.kind) {
    case "hold-placed":
      return place(state, event.hold);
    case "hold-lifted":
      return lift(state, event);
    case "image-unowned":
      return tellOnce(state, toUnowned(event), now);
    case "message-refused":
      return tellOnce(state, toRefused(event), now);
    case "services-failed":
      return tellFailures(
        event.isWhole ? dropWell(state, event.failed) : nothing(state),
        event.failed,
      );
    case "sweep-ended":
      return nothing({ ...state, resume: { ...state.resume, [event.tick]: event.resume } });
    case "checkpoint":
      return { next: state, facts: checkpointFacts(event.heads), refusal: null };
    case "channels-observed":
      return withTroubled(state, compareTroubled(state.troubled, event.troubled));
    case "tick":
      return closeQuotas(state, now);
  }
}

function place(state: ControlState, hold: Hold): ControlDecision {
  const refusal = refuseHold(state.holds, hold, "everything has");
  if (refusal !== null) {
    return { next: state, facts: [], refusal };
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

type Told = {
  readonly quota: QuotaName;
  readonly name: string;
  readonly fact: Fact;
  readonly besides: number;
};

function toUnowned({ image, besides }: Extract<ControlEvent, { kind: "image-unowned" }>): Told {
  const name = shorten(image, NAME_LENGTH_MAX);
  const reason = `no service has the image ${name}`;
  const told = fact("image.ignored", "slipway", { reason, details: { image: name } });
  return { quota: "unowned", name, fact: told, besides };
}

function toRefused(event: Extract<ControlEvent, { kind: "message-refused" }>): Told {
  const { id, reason: full, besides } = event;
  const name = shorten(id, NAME_LENGTH_MAX);
  const reason = shorten(full, NAME_LENGTH_MAX);
  const told = fact("message.refused", "slipway", { reason, details: { message: name } });
  return { quota: "refused", name, fact: told, besides };
}

type QuotaName = "refused" | "unowned";

/** Whether the hour's quota for the event's kind is used up, so that further ones are only counted. */
export function isSpent(state: ControlState, kind: UnaskedEvent["kind"]): boolean {
  const quota = kind === "message-refused" ? state.refused : state.unowned;
  return quota.told >= TOLD_MAX;
}

/** Records something, unless it was recorded lately; beyond the hour's quota it is only counted. */
function tellOnce(before: ControlState, told: Told, now: Instant): ControlDecision {
  const { quota } = told;
  const closed = closeQuotas(before, now);
  const state = closed.next;
  const spent = { ...state[quota], leftOut: state[quota].leftOut + told.besides };
  if (state.ignored.includes(told.name)) {
    return told.besides === 0 ? closed : { ...closed, next: { ...state, [quota]: spent } };
  }
  if (spent.told >= TOLD_MAX) {
    const counted = { ...spent, leftOut: spent.leftOut + 1 };
    return { ...closed, next: { ...state, [quota]: counted } };
  }
  const ignored = [...state.ignored, told.name].slice(-IGNORED_MAX);
  const since = spent.told === 0 ? now : spent.since;
  const next = { ...state, ignored, [quota]: { ...spent, since, told: spent.told + 1 } };
  return { ...closed, next, facts: [...closed.facts, told.fact] };
}

/** A quota whose hour is over begins anew, and the record says how many things were left out. */
function closeQuotas(state: ControlState, now: Instant): ControlDecision {
  const names = (["refused", "unowned"] as const).filter(
    (name) => state[name].told > 0 && after(state[name].since, HOUR) <= now,
  );
  const facts = names.flatMap((name) => tellLeftOut(name, state[name]));
  const begun = Object.fromEntries(names.map((name) => [name, NEW_QUOTA]));
  return names.length === 0
    ? nothing(state)
    : { next: { ...state, ...begun }, facts, refusal: null };
}

function tellLeftOut(name: QuotaName, { leftOut }: Quota): readonly Fact[] {
  const [kind, what] =
    name === "refused"
      ? (["message.refused", "messages were refused in this hour"] as const)
      : (["image.ignored", "pushes in this hour were of images that no service has"] as const);
  const reason = `${leftOut} more ${what}; the log has each of them`;
  return leftOut === 0
    ? []
    : [fact(kind, "slipway", { reason, details: { leftOut: String(leftOut) } })];
}

function withTroubled(state: ControlState, { next, facts }: ComparedChannels): ControlDecision {
  return { next: facts.length === 0 ? state : { ...state, troubled: next }, facts, refusal: null };
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

/** Each reason of each service is recorded once, because a sweep comes every minute. */
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
