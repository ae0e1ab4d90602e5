import { show } from "../explain-issue.ts";
import { customAlertId, minutesOf } from "../monitoring-section.ts";
import type { Path, Report } from "../problem.ts";
import type { SpecDraft } from "../schema.ts";

const WHOLE_CODE_CLASS = /^[1-5]xx$/;

/** Alerts that must differ from each other, and what they count. */
export function judgeMonitoring(draft: SpecDraft, report: Report): void {
  judgeRatios(draft, report);
  judgeCustomAlerts(draft, report);
}

function judgeRatios(draft: SpecDraft, report: Report): void {
  const ids = new Set<string>();
  for (const [index, alert] of (draft.monitoring?.alerts?.responseCodeRatios ?? []).entries()) {
    const path = ["monitoring", "alerts", "responseCodeRatios", index];
    const { id, duration } = alert ?? {};
    if (id !== undefined && ids.has(id)) {
      report.error([...path, "id"], `is used twice: ${show(id)}; give each alert an id of its own`);
    }
    ids.add(id ?? "");
    judgeCodes(alert ?? {}, path, report);
    judgeOldDuration(duration, [...path, "duration"], report);
  }
}

/** Upstream's newest passes the older key over, whatever it holds. */
function judgeOldDuration(duration: string | undefined, at: Path, report: Report): void {
  if (duration !== undefined && minutesOf(duration) === null) {
    const message = `is not a number of whole minutes up to a day, so it has no effect: ${show(duration)}`;
    report.warning(at, message);
  }
}

type Codes = { readonly code?: number | undefined; readonly codeClass?: string | undefined };

function judgeCodes({ code, codeClass }: Codes, path: Path, report: Report): void {
  if (codeClass === undefined) {
    return;
  }
  if (code !== undefined) {
    report.error([...path, "codeClass"], "must not be there together with code: keep one");
  }
  if (!WHOLE_CODE_CLASS.test(codeClass)) {
    report.warning(
      [...path, "codeClass"],
      `should be 1xx to 5xx; upstream accepts ${show(codeClass)}, but no response has it`,
    );
  }
}

function judgeCustomAlerts(draft: SpecDraft, report: Report): void {
  const ids = new Map<string, string>();
  for (const [index, alert] of (draft.monitoring?.alerts?.customAlerts ?? []).entries()) {
    const name = alert?.name;
    if (name === undefined) {
      continue;
    }
    const other = ids.get(customAlertId(name));
    if (other !== undefined) {
      report.error(
        ["monitoring", "alerts", "customAlerts", index, "name"],
        `is the same as ${show(other)} but for case and spaces: choose another`,
      );
    }
    ids.set(customAlertId(name), other ?? name);
  }
}
