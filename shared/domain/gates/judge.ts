import type { BreakGlass, PromotionKind } from "../promotion.ts";
import { shorten } from "../text.ts";
import type { Instant } from "../time.ts";
import { judgeApproval } from "./approval.ts";
import { judgeBadRelease } from "./bad-release.ts";
import { judgeBusy } from "./busy.ts";
import type { GateContext } from "./context.ts";
import { judgeHold } from "./hold.ts";
import { judgeIncident } from "./incident.ts";
import { judgeOrder } from "./order.ts";
import { judgeProvenance } from "./provenance.ts";
import { judgeSoak } from "./soak.ts";
import { isClosed } from "./verdict.ts";
import type { GateName, GateReport, Verdict } from "./verdict.ts";
import { judgeWindow } from "./window.ts";

type Gate = {
  readonly name: GateName;
  readonly judge: (context: GateContext) => Verdict;
  /** The kinds of promotions that the gate judges. */
  readonly kinds: ReadonlySet<PromotionKind>;
};

const FORWARD: ReadonlySet<PromotionKind> = new Set(["automatic", "manual", "scheduled"]);
const BUT_ROLLBACK: ReadonlySet<PromotionKind> = new Set([...FORWARD, "restore"]);
const ALL: ReadonlySet<PromotionKind> = new Set([...BUT_ROLLBACK, "rollback"]);

/** Every gate, in the order in which people are told of them. Only `busy` stops a rollback. */
const GATES: readonly Gate[] = [
  { name: "order", judge: judgeOrder, kinds: FORWARD },
  { name: "bad-release", judge: judgeBadRelease, kinds: FORWARD },
  { name: "provenance", judge: judgeProvenance, kinds: FORWARD },
  { name: "hold", judge: judgeHold, kinds: BUT_ROLLBACK },
  { name: "window", judge: judgeWindow, kinds: FORWARD },
  { name: "incident", judge: judgeIncident, kinds: FORWARD },
  { name: "soak", judge: judgeSoak, kinds: FORWARD },
  { name: "approval", judge: judgeApproval, kinds: BUT_ROLLBACK },
  { name: "busy", judge: judgeBusy, kinds: ALL },
];

/**
 * Every gate's verdict now. `before` are the reports of the last judgement: a verdict that has not changed since keeps
 * its time.
 */
export function judgeGates(
  context: GateContext,
  before: readonly GateReport[],
): readonly GateReport[] {
  return GATES.filter(({ kinds }) => kinds.has(context.promotion.kind)).map(({ name, judge }) => {
    const verdict = judge(context);
    return { gate: name, verdict, since: sinceWhen(verdict, previous(name, before), context.now) };
  });
}

/** The reports that keep a promotion from starting: those of closed gates that nobody broke. */
export function blocking(
  reports: readonly GateReport[],
  glass: BreakGlass | null,
): readonly GateReport[] {
  const broken = new Set<GateName>(glass?.gates);
  return reports.filter((report) => isClosed(report) && !broken.has(report.gate));
}

/** How long the line about a promotion's closed gates may be. */
const CLOSED_TEXT_LENGTH_MAX = 500;

/** The reasons of the closed gates in one line; empty if none is closed. */
export function closedText(reports: readonly GateReport[]): string {
  const told = reports.flatMap(({ gate, verdict }) =>
    verdict.kind === "CLOSED" ? [`${gate}: ${verdict.reason}`] : [],
  );
  return shorten(told.join("; "), CLOSED_TEXT_LENGTH_MAX);
}

function previous(gate: GateName, before: readonly GateReport[]): GateReport | null {
  return before.find((report) => report.gate === gate) ?? null;
}

function sinceWhen(verdict: Verdict, report: GateReport | null, now: Instant): Instant {
  const isSame =
    report !== null &&
    report.verdict.kind === verdict.kind &&
    reasonOf(report.verdict) === reasonOf(verdict);
  return isSame ? report.since : now;
}

function reasonOf(verdict: Verdict): string {
  return verdict.reason ?? "";
}
