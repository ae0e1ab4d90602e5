import type { Instant } from "../time.ts";
import { judgeBusy } from "./busy.ts";
import type { GateContext } from "./context.ts";
import { judgeHold } from "./hold.ts";
import { judgeOrder } from "./order.ts";
import type { GateName, GateReport, Verdict } from "./verdict.ts";

/** Every gate, in the order in which a person reads them. */
const GATES: readonly (readonly [GateName, (context: GateContext) => Verdict])[] = [
  ["order", judgeOrder],
  ["hold", judgeHold],
  ["busy", judgeBusy],
];

/** Gates that nobody can break: what they protect would be harmed by two promotions at once. */
const UNBREAKABLE: ReadonlySet<GateName> = new Set<GateName>(["busy"]);

/**
 * Every gate's verdict now. A verdict that has not changed keeps the time since when it stands,
 * taken from the reports before.
 */
export function judgeGates(
  context: GateContext,
  before: readonly GateReport[],
): readonly GateReport[] {
  return GATES.map(([gate, judge]) => {
    const verdict = judge(context);
    return { gate, verdict, since: sinceWhen(verdict, previous(gate, before), context.now) };
  });
}

/** The reports that keep a promotion from starting; breaking the glass passes all that can be. */
export function blocking(reports: readonly GateReport[], isBroken: boolean): readonly GateReport[] {
  return reports.filter(
    (report) => report.verdict.kind === "CLOSED" && !(isBroken && !UNBREAKABLE.has(report.gate)),
  );
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
  return verdict.kind === "OPEN" ? "" : verdict.reason;
}
