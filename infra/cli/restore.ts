import { Command } from "commander";
import { RestoreView } from "../../shared/wire/api/recovery.ts";
import { openApi, pathOf } from "./api.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import { showPromotion } from "./promotion-verb.ts";

type Options = GlobalOptions & {
  readonly into?: string;
  readonly reason: string;
  readonly dryRun?: boolean;
};

/** A service, an environment, a backup, options without the global ones, and the command itself. */
type Words = [service: string, environment: string, backup: string, own: unknown, command: Command];

/** `slipway restore`: brings a backup's data back. */
export function restoreCommand(): Command {
  return new Command("restore")
    .summary("bring a backup's data back")
    .description(
      "Bring a backup's data back into its environment, or into another one of the category test. The data that is there is backed up first.",
    )
    .argument("<service>", "the service's id")
    .argument("<environment>", "the environment whose backup it is")
    .argument("<backup>", "the backup's id, or a promotion's id for all of its backups")
    .requiredOption("--reason <text>", "why, for the record")
    .option("--into <environment>", "an environment other than the backup's own")
    .option("--dry-run", "only say what would be restored, and what would be lost")
    .addHelpText(
      "after",
      examples(
        'restore web prod r-0123456789abcdef-0a1b2c-to-prod-0001-b1 --reason "rows are gone" --dry-run',
        'restore web prod r-0123456789abcdef-0a1b2c-to-prod-0001-b1 --into dev --reason "reproduce"',
      ),
    )
    .action(async (...words: Words) => {
      const [service, environment, backup, , command] = words;
      const options = command.optsWithGlobals<Options>();
      const { into, reason, dryRun, json } = options;
      const api = await openApi(options);
      const path = `${pathOf("services", service, "environments", environment)}:restore`;
      const body = {
        backup,
        reason,
        ...(into !== undefined && { into }),
        ...(dryRun === true && { validateOnly: true }),
      };
      const restore = await api.post(path, body, RestoreView);
      if (json === true) {
        printJson(restore);
        return;
      }
      if (dryRun === true) {
        print("Nothing was started. This would happen:");
      }
      showPromotion(restore, options);
      for (const point of restore.restores) {
        print("  ", `${point.backup} from ${point.from} into ${point.into}`);
      }
      print({ text: restore.dataLoss.message, tone: "waiting" });
    });
}
