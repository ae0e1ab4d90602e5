import { longestGapMs, parseCron } from "../cron.ts";
import { show } from "../explain-issue.ts";
import type { Report } from "../problem.ts";
import type { SpecDraft } from "../schema.ts";
import { environmentsOf } from "./draft-environments.ts";
import type { PlacedEnvironment } from "./draft-environments.ts";

const GAP_MINUTES_MIN = 15;
const GAP_DAYS_MAX = 8;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const EXTENDED_CRON_FIELDS: ReadonlySet<number> = new Set([6, 7]);

/** Schedules and old networking: what is inside the texts. */
export function judgeContent(draft: SpecDraft, report: Report): void {
  for (const placed of environmentsOf(draft)) {
    judgeSchedule(placed, report);
    judgeNetworking(placed, report);
  }
}

/** Upstream has these rules, but its check of an environment does not reach them; rendering does. */
function judgeSchedule({ environment, path }: PlacedEnvironment, report: Report): void {
  const { schedule } = environment;
  const at = [...path, "schedule", "cron"];
  if (schedule === undefined) {
    return;
  }
  const text = schedule.cron ?? "";
  const cron = parseCron(text);
  if (cron === null && EXTENDED_CRON_FIELDS.has(text.trim().split(/\s+/).length)) {
    report.warning(
      at,
      "has more than five fields and is not checked, since Cloud Scheduler takes five: give it five",
    );
    return;
  }
  const gap = cron === null ? null : longestGapMs(cron);
  if (cron === null || gap === null) {
    report.error(at, `must be a schedule such as 0 3 * * *, not ${show(text)}`);
  } else if (gap < GAP_MINUTES_MIN * MINUTE_MS) {
    report.error(
      at,
      `must somewhere leave at least ${GAP_MINUTES_MIN} minutes between two runs; its longest gap is ${gap / MINUTE_MS} minutes`,
    );
  } else if (gap > GAP_DAYS_MAX * DAY_MS) {
    report.error(
      at,
      `must run at least every ${GAP_DAYS_MAX} days; the longest gap is ${Math.ceil(gap / DAY_MS)} days`,
    );
  }
}

function judgeNetworking({ environment, path }: PlacedEnvironment, report: Report): void {
  const identities = environment.privateNetworking?.privateAccessPerimeter?.allowlistedIdentities;
  for (const [index, identity] of (identities ?? []).entries()) {
    if (identity !== undefined && !/^(?:serviceAccount|user):/.test(identity)) {
      report.warning(
        [...path, "privateNetworking", "privateAccessPerimeter", "allowlistedIdentities", index],
        `should start with serviceAccount: or user:, not ${show(identity)}`,
      );
    }
  }
}
