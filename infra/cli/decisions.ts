import { Command } from "commander";
import { DecisionList } from "../../shared/wire/api/decisions.ts";
import { openApi } from "./api.ts";
import { examples, toLimit } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { printJson } from "./output.ts";
import type { Tone } from "./output.ts";
import { printTable } from "./table.ts";
import { relative } from "./time-text.ts";

type Options = GlobalOptions & { readonly limit: number; readonly pageToken?: string };

const LIMIT_DEFAULT = 20;

const TONES: Readonly<Record<string, Tone>> = {
  DECIDED: "good",
  IGNORED: "faint",
  REFUSED: "bad",
  FAILED: "bad",
};

/** `slipway decisions`: what came in, and what became of it. */
export function decisionsCommand(): Command {
  return new Command("decisions")
    .summary("what came in, and what became of it")
    .description(
      "List the events of the last 30 days, newest first: what was decided, and what was passed over and why.",
    )
    .option("--limit <number>", "how many to list", toLimit, LIMIT_DEFAULT)
    .option("--page-token <token>", "continue where an earlier list ended")
    .addHelpText("after", examples("decisions", "decisions --limit 100 --json"))
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const api = await openApi(options);
      const query = new URLSearchParams({
        pageSize: String(options.limit),
        pageToken: options.pageToken ?? "",
      }).toString();
      const page = await api.get(`/v1/decisions?${query}`, DecisionList);
      if (options.json === true) {
        printJson(page);
        return;
      }
      const now = Date.now();
      const rows = page.decisions.map(({ time, trigger, outcome, why }) => [
        relative(time, now),
        trigger,
        { text: outcome, tone: TONES[outcome] ?? "faint" },
        why,
      ]);
      printTable(["WHEN", "TAKEN BY", "OUTCOME", "WHY"], rows, "Nothing has come in yet.");
    });
}
