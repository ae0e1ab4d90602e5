import { arrivalOf } from "./arrival.ts";
import type { Arrival } from "./arrival.ts";
import { closedSince, howToOpen, watching } from "./gate.ts";
import type { Advice, Opening } from "./gate.ts";
import type { GateContext } from "../gates/context.ts";
import { closedText, judgeGates } from "../gates/judge.ts";
import type { GateReport } from "../gates/verdict.ts";
import { BREAKABLE, isClosed } from "../gates/verdict.ts";
import { promotionId } from "../ids.ts";
import { isForward } from "../promotion.ts";
import type { ReleaseThere } from "../next-step.ts";
import type { Promotion } from "../promotion.ts";
import type { Actor, Release } from "../release.ts";
import type { Environment } from "../service.ts";
import { environmentState, openPromotions } from "../state.ts";
import type { Deployment, IgnoredImage, ServiceState } from "../state.ts";
import type { Instant } from "../time.ts";

/** How a release stands to an environment. */
export type Standing = "THERE" | "UNDER_WAY" | "WAITING" | "READY" | "BLOCKED" | "NO_RELEASE";

/** A gate's verdict, and for a closed gate what would open it. */
export type ExplainedGate = {
  readonly report: GateReport;
  /** Since when the gate has said so; null when that cannot be said. */
  readonly since: Instant | null;
  /** What would open the gate; null if the gate is open. */
  readonly opening: Opening | null;
};

/** Whether a release is in an environment, why or why not, and what would help. */
export type Explanation = {
  readonly standing: Standing;
  /** The answer in one sentence. */
  readonly summary: string;
  readonly release: Release | null;
  /** What is in the environment now. */
  readonly current: Deployment | null;
  /** The release's open promotion into the environment, else its last one there; null when it had none. */
  readonly promotion: Promotion | null;
  /** When its open promotion will probably be there; null when it has none. */
  readonly arrival: Arrival | null;
  readonly gates: readonly ExplainedGate[];
  readonly advice: readonly Advice[];
  /** The last pushes that changed nothing, the newest first. */
  readonly ignored: readonly IgnoredImage[];
};

/** How many of the pushes that changed nothing an explanation lists. */
const IGNORED_TOLD_MAX = 10;

/** What is to be explained, to whom, and what is known of it. */
export type Question = {
  readonly state: ServiceState;
  readonly environment: Environment;
  /** Null when the service has no release yet. */
  readonly release: Release | null;
  /** The release's last promotion into the environment that has ended, or null. */
  readonly last: Promotion | null;
  /** Who asks: which approvals count depends on who would request the promotion. */
  readonly by: Actor;
  readonly now: Instant;
};

/** Says whether a release is in an environment, why not, what every gate says, and what would help. */
export function explain(question: Question): Explanation {
  const { state, environment, release, now } = question;
  const { current } = environmentState(state, environment.id);
  const ignored = state.ignored.slice(-IGNORED_TOLD_MAX).toReversed();
  if (release === null) {
    return {
      standing: "NO_RELEASE",
      summary: nothingText(question),
      release: null,
      current,
      promotion: null,
      arrival: null,
      gates: [],
      advice: [],
      ignored,
    };
  }
  const open = openOf(question, release);
  const context: GateContext = {
    state,
    environment,
    release,
    promotion: open ?? imagined(question, release),
    now,
  };
  const gates = judgeGates(context, open?.gates ?? []).map((report) =>
    explainGate(report, context, open !== null),
  );
  const standing = standingOf(question, { release, open, gates });
  const seen: Seen = { release, open, gates, standing };
  return {
    standing,
    summary: summarize(question, seen),
    release,
    current,
    promotion: open ?? question.last,
    arrival: open === null ? null : arrivalOf(state, open, now),
    gates,
    advice: advise(question, seen),
    ignored,
  };
}

function nothingText({ state, environment }: Question): string {
  const { deploy } = environment;
  return deploy.kind === "rollout"
    ? `service ${state.service.id} has no release yet: push an image`
    : `${environment.id} is deployed from the tag ${deploy.tag}, and no release has it yet: put it on an image`;
}

type Seen = {
  readonly release: Release;
  readonly open: Promotion | null;
  readonly gates: readonly ExplainedGate[];
  readonly standing: Standing;
};

function openOf({ state, environment }: Question, release: Release): Promotion | null {
  return (
    openPromotions(state).find(
      (promotion) =>
        promotion.environment === environment.id &&
        promotion.release === release.id &&
        promotion.kind !== "restore",
    ) ?? null
  );
}

/** The promotion that would be made if the person who asks requested it now. */
function imagined(
  { state, environment, by }: Question,
  release: Release,
): GateContext["promotion"] {
  const { promotionCount } = environmentState(state, environment.id);
  const id = promotionId(release.id, environment.id, promotionCount + 1);
  return { id, kind: "manual", requestedBy: by, approvals: [] };
}

function explainGate(report: GateReport, context: GateContext, isAsked: boolean): ExplainedGate {
  if (!isClosed(report)) {
    return { report, since: isAsked ? report.since : null, opening: null };
  }
  const since = isAsked ? report.since : closedSince(report.gate, context);
  return { report, since, opening: howToOpen(report.gate, context, isAsked) };
}

function standingOf(
  { state, environment }: Question,
  { release, open, gates }: Omit<Seen, "standing">,
): Standing {
  if (open !== null) {
    return open.state === "RUNNING" ? "UNDER_WAY" : "WAITING";
  }
  if (environmentState(state, environment.id).current?.release === release.id) {
    return "THERE";
  }
  return gates.some(({ report }) => isClosed(report)) ? "BLOCKED" : "READY";
}

function summarize(question: Question, seen: Seen): string {
  const { environment, state, last } = question;
  const { release, open, gates, standing } = seen;
  const name = nameOf(release);
  const place = environment.id;
  const { drift } = environmentState(state, environment.id);
  const why = tellClosed(gates);
  switch (standing) {
    case "THERE":
      return drift === null
        ? `${name} runs in ${place}`
        : `${name} was deployed to ${place}, but ${drift.running} runs there now`;
    case "UNDER_WAY":
      return `${name} is on its way into ${place}: ${stepText(open)}`;
    case "WAITING":
      return `${name} waits to go to ${place}: ${why}`;
    case "READY":
      return `${name} is not in ${place}, although every gate is open: ${whyNot(environment, last)}`;
    case "BLOCKED":
      return `${name} is not in ${place} and cannot go there now: ${why}${pastText(last)}`;
    case "NO_RELEASE":
      return `there is no release for ${place}`;
  }
}

function nameOf({ id, tag }: Release): string {
  return tag === null ? `release ${id}` : `release ${tag} (${id})`;
}

function stepText(promotion: Promotion | null): string {
  const step = promotion?.steps.find(({ state }) => state === "RUNNING");
  if (step === undefined) {
    return "it goes on";
  }
  return `the step ${step.name} runs${step.message === null ? "" : `, ${step.message}`}`;
}

/** Up to how many closed gates are told of with their reasons; if there are more, only their names are. */
const TOLD_MAX = 2;

function tellClosed(gates: readonly ExplainedGate[]): string {
  const closed = gates.filter(({ report }) => isClosed(report)).map(({ report }) => report);
  return closed.length <= TOLD_MAX
    ? closedText(closed)
    : `the gates ${closed.map(({ gate }) => gate).join(", ")} are closed`;
}

function whyNot(environment: Environment, last: Promotion | null): string {
  if (last !== null) {
    return pastOf(last);
  }
  return environment.policy.promotion === "manual"
    ? "nobody has requested it yet"
    : "it has not been requested yet";
}

function pastText(last: Promotion | null): string {
  return last === null ? "" : `; ${pastOf(last)}`;
}

function pastOf(last: Promotion): string {
  if (last.state === "SUCCEEDED") {
    return `it was there before, by promotion ${last.id}`;
  }
  const message = last.steps.findLast((step) => step.message !== null)?.message ?? null;
  return `its last promotion, ${last.id}, ended ${last.state}${message === null ? "" : `: ${message}`}`;
}

function advise(question: Question, seen: Seen): readonly Advice[] {
  const { state, environment, last } = question;
  const { release, open, gates, standing } = seen;
  const there = { service: state.service.id, environment: environment.id, release: release.id };
  const promote = { kind: "promote" as const, ...there };
  const again = { step: promote, does: "requests the promotion" };
  const openings = gates.flatMap(({ opening }) => opening?.advice ?? []);
  switch (standing) {
    case "THERE":
      return environmentState(state, environment.id).drift === null
        ? []
        : [{ ...again, does: "deploys it again" }];
    case "UNDER_WAY":
      return open === null ? [] : [watching(open.id, "follows it to its end")];
    case "WAITING":
      return open === null
        ? openings
        : [...openings, watching(open.id, "follows it to its end"), ...glass(seen, there)];
    case "READY":
      return [last === null ? again : retrying(last, again)];
    case "BLOCKED":
      return [
        ...openings,
        { ...again, does: "requests the promotion, which waits until every gate is open" },
        ...glass(seen, there),
      ].filter(isFirst);
    case "NO_RELEASE":
      return [];
  }
}

function retrying(last: Promotion, again: Advice): Advice {
  const isRetried = isForward(last.kind) && (last.state === "FAILED" || last.state === "CANCELLED");
  return isRetried
    ? {
        step: { kind: "retry", promotion: last.id },
        does: "tries it again; remove the cause first",
      }
    : again;
}

/** Advice to break the glass; none if no closed gate can be broken. */
function glass({ gates, open }: Seen, there: ReleaseThere): readonly Advice[] {
  const closed = new Set(
    gates
      .map(({ report }) => report)
      .filter(isClosed)
      .map(({ gate }) => gate),
  );
  const breakable = BREAKABLE.filter((gate) => closed.has(gate));
  if (breakable.length === 0 || open?.kind === "rollback") {
    return [];
  }
  const step = { kind: "break-glass" as const, gates: breakable, ...there };
  return [
    { step, does: "passes the closed gates, on the record; needs the right to break the glass" },
  ];
}

function isFirst(advice: Advice, index: number, all: readonly Advice[]): boolean {
  const same = JSON.stringify(advice.step);
  return all.findIndex(({ step }) => JSON.stringify(step) === same) === index;
}
