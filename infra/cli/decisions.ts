import { Command } from "commander";
import { DecisionList } from "../../shared/wire/api/decisions.ts";
import { pathOf } from "./api.ts";
import { timeOf } from "./clock.ts";
import { examples } from "./options.ts";
import { addPageOptions, readPage } from "./page-options.ts";
import type { PageOptions } from "./page-options.ts";
import type { Tone } from "./output.ts";
import { printTable } from "./table.ts";
import { relative } from "./time-text.ts";

const TONES: Readonly<Record<string, Tone>> = {
  DECIDED: "good",
  IGNORED: "faint",
  REFUSED: "bad",
  FAILED: "bad",
};

/** `slipway decisions`: what came in, and what became of it. */
export function decisionsCommand(): Command {
  return addPageOptions(new Command("decisions"))
    .summary("what came in, and what became of it")
    .description(
      "List the events of the last 30 days, newest first: what was decided, and what was passed over and why.",
    )
    .addHelpText("after", examples("decisions", "decisions --limit 100 --json"))
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<PageOptions>();
      const page = await readPage(options, pathOf("decisions"), DecisionList);
      if (page === null) {
        return;
      }
      const now = timeOf(options);
      const rows = page.decisions.map(({ time, trigger, outcome, why }) => [
        relative(time, now),
        trigger,
        { text: outcome, tone: TONES[outcome] ?? "faint" },
        why,
      ]);
      printTable(["WHEN", "TAKEN BY", "OUTCOME", "WHY"], rows, "Nothing has come in yet.");
    });
}
