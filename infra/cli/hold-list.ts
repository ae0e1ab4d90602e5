import { Command } from "commander";
import { HoldList } from "../../shared/wire/api/schemas.ts";
import { openApi, pathOf } from "./api.ts";
import { timeOf } from "./clock.ts";
import { scopeText } from "./hold-text.ts";
import type { GlobalOptions } from "./options.ts";
import { printJson } from "./output.ts";
import { printTable } from "./table.ts";
import { relative } from "./time-text.ts";

const HEADINGS = ["HOLD", "STOPS", "BY", "SINCE", "ENDS", "REASON"];

/** `slipway hold list`: the holds in force. */
export function holdListCommand(): Command {
  return new Command("list")
    .summary("the holds in force")
    .description("List the holds in force, those on everything first.")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      const api = await openApi(options);
      const page = await api.get(pathOf("holds"), HoldList);
      if (options.json === true) {
        printJson(page);
        return;
      }
      const now = timeOf(options);
      const rows = page.holds.map((hold) => [
        hold.id,
        scopeText(hold),
        hold.by,
        relative(hold.createTime, now),
        hold.until === null ? "when lifted" : relative(hold.until, now),
        hold.reason,
      ]);
      printTable(HEADINGS, rows, "Nothing is held.");
    });
}
