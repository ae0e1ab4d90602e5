import { fact } from "../audit-record.ts";
import type { Fact } from "../audit-record.ts";
import type { Promotion } from "../promotion.ts";
import { isClosed } from "./verdict.ts";
import type { GateName, GateReport } from "./verdict.ts";

/** The fact that a promotion passes closed gates because somebody broke the glass; empty if it passes none. */
export function tellBroken(
  { environment, release, id, breakGlass }: Promotion,
  reports: readonly GateReport[],
): readonly Fact[] {
  const chosen = new Set<GateName>(breakGlass?.gates);
  const broken = reports.filter((report) => isClosed(report) && chosen.has(report.gate));
  return breakGlass === null || broken.length === 0
    ? []
    : [
        fact("gates.broken", breakGlass.by, {
          environment,
          release,
          promotion: id,
          reason: breakGlass.reason,
          verdicts: reports,
          details: { gates: broken.map(({ gate }) => gate).join(" ") },
        }),
      ];
}
