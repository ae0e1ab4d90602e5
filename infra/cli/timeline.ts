import { Command } from "commander";
import { TimelineList } from "../../shared/wire/api/schemas.ts";
import { openApi, pathOf } from "./api.ts";
import { examples, toLimit } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { printJson } from "./output.ts";
import { printTable } from "./table.ts";
import { relative } from "./time-text.ts";

type Options = GlobalOptions & { readonly limit: number; readonly pageToken?: string };

const LIMIT_DEFAULT = 20;
const HEADINGS = ["ENVIRONMENT", "RELEASE", "FROM", "TO", "CAME BY", "PROMOTION"];

/** `slipway timeline`: what was where, from when to when. */
export function timelineCommand(): Command {
  return new Command("timeline")
    .summary("what was where, from when to when")
    .description("List what was in each environment from when to when, newest first.")
    .argument("<service>", "the service's id")
    .option("--limit <number>", "how many", toLimit, LIMIT_DEFAULT)
    .option("--page-token <token>", "go on where a list before ended")
    .addHelpText("after", examples("timeline web", "timeline web --json"))
    .action(async (service: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const api = await openApi(options);
      const query = new URLSearchParams({
        pageSize: String(options.limit),
        pageToken: options.pageToken ?? "",
      }).toString();
      const path = `${pathOf("services", service, "timeline")}?${query}`;
      const page = await api.get(path, TimelineList);
      if (options.json === true) {
        printJson(page);
        return;
      }
      const now = Date.now();
      const rows = page.entries.map((entry) => [
        entry.environment,
        entry.tag ?? entry.release,
        relative(entry.from, now),
        entry.to === null ? "still there" : relative(entry.to, now),
        entry.kind,
        entry.promotion,
      ]);
      printTable(HEADINGS, rows, `Nothing of ${service} was deployed yet.`);
    });
}
