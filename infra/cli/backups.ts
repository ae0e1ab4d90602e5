import { Command } from "commander";
import { BackupList } from "../../shared/wire/api/recovery.ts";
import { pathOf } from "./api.ts";
import { timeOf } from "./clock.ts";
import { examples } from "./options.ts";
import { print } from "./output.ts";
import { addPageOptions, readPage } from "./page-options.ts";
import type { PageOptions } from "./page-options.ts";
import { printTable } from "./table.ts";
import { relative } from "./time-text.ts";

/** A service, an environment, options without the global ones, and the command itself. */
type Words = [service: string, environment: string, own: unknown, command: Command];

const HEADINGS = ["BACKUP", "KEPT BY", "SOURCE", "STATE", "FINISHED", "DATA OF RELEASE"];

/** `slipway backups`: an environment's backups, newest first. */
export function backupsCommand(): Command {
  return addPageOptions(new Command("backups"))
    .summary("an environment's backups")
    .description(
      "List an environment's backups: Slipway's own, newest first, with the release that ran; then those that Cloud SQL and Backup for GKE took by themselves.",
    )
    .argument("<service>", "the service's id")
    .argument("<environment>", "the environment's id")
    .addHelpText("after", examples("backups web prod", "backups web prod --json"))
    .action(async (...words: Words) => {
      const [service, environment, , command] = words;
      const path = pathOf("services", service, "environments", environment, "backups");
      const options = command.optsWithGlobals<PageOptions>();
      const page = await readPage(options, path, BackupList);
      if (page === null) {
        return;
      }
      const now = timeOf(options);
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
