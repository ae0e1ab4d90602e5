import { Command } from "commander";
import { BackupList } from "../../shared/wire/api/recovery.ts";
import { openApi, pathOf } from "./api.ts";
import { examples, toLimit } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import { printTable } from "./table.ts";
import { relative } from "./time-text.ts";

type Options = GlobalOptions & { readonly limit: number; readonly pageToken?: string };

/** A service, an environment, options without the global ones, and the command itself. */
type Words = [service: string, environment: string, own: unknown, command: Command];

const LIMIT_DEFAULT = 20;
const HEADINGS = ["BACKUP", "KEPT BY", "SOURCE", "STATE", "FINISHED", "DATA OF RELEASE"];

/** `slipway backups`: an environment's backups, newest first. */
export function backupsCommand(): Command {
  return new Command("backups")
    .summary("an environment's backups")
    .description(
      "List an environment's backups: Slipway's own, newest first, with the release that ran; then those that Cloud SQL and Backup for GKE took by themselves.",
    )
    .argument("<service>", "the service's id")
    .argument("<environment>", "the environment's id")
    .option("--limit <number>", "how many to list", toLimit, LIMIT_DEFAULT)
    .option("--page-token <token>", "continue where an earlier list ended")
    .addHelpText("after", examples("backups web prod", "backups web prod --json"))
    .action(async (...words: Words) => {
      const [service, environment, , command] = words;
      const options = command.optsWithGlobals<Options>();
      const api = await openApi(options);
      const query = new URLSearchParams({
        pageSize: String(options.limit),
        pageToken: options.pageToken ?? "",
      }).toString();
      const path = `${pathOf("services", service, "environments", environment, "backups")}?${query}`;
      const page = await api.get(path, BackupList);
      if (options.json === true) {
        printJson(page);
        return;
      }
      const now = Date.now();
      const rows = page.backups.map(({ id, name, origin, source, state, endTime, release }) => [
        id ?? name ?? "",
        origin,
        source,
        state,
        endTime === null ? "" : relative(endTime, now),
        release ?? "",
      ]);
      printTable(HEADINGS, rows, `${environment} has no backup yet.`);
      for (const { source, earliest, latest } of page.recovery) {
        print(`${source} can also be recovered to any moment from ${earliest} to ${latest}.`);
      }
      for (const { source, reason } of page.unreadable) {
        print({ text: `${source} could not be read: ${reason}`, tone: "bad" });
      }
    });
}
