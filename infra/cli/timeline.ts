import { Command } from "commander";
import { TimelineList } from "../../shared/wire/api/schemas.ts";
import { asServiceList } from "./list-command.ts";
import { relative } from "./time-text.ts";

/** `slipway timeline`: what was where, from when to when. */
export function timelineCommand(): Command {
  const command = new Command("timeline")
    .summary("what was where, from when to when")
    .description("List what was in each environment from when to when, newest first.");
  return asServiceList(command, {
    examples: ["timeline web", "timeline web --json"],
    schema: TimelineList,
    headings: ["ENVIRONMENT", "RELEASE", "FROM", "TO", "CAME BY", "PROMOTION"],
    rows: ({ entries }, nowMs) =>
      entries.map((entry) => [
        entry.environment,
        entry.tag ?? entry.release,
        relative(entry.from, nowMs),
        entry.to === null ? "still there" : relative(entry.to, nowMs),
        entry.kind,
        entry.promotion,
      ]),
    empty: (service) => `Nothing of ${service} has been deployed yet.`,
  });
}
