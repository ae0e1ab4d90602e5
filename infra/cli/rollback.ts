import { Command } from "commander";
import type { z } from "zod";
import { RollbackPreview } from "../../shared/wire/api/changes.ts";
import { RollbackView } from "../../shared/wire/api/recovery.ts";
import { openApi, pathOf } from "./api.ts";
import { printChanges } from "./changes-text.ts";
import type { Api } from "./api.ts";
import { timeOf } from "./clock.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import type { Tone } from "./output.ts";
import { showPromotion } from "./promotion-verb.ts";
import { parseLength } from "./time-text.ts";
import { follow } from "./watch.ts";

type Options = GlobalOptions & {
  readonly release?: string;
  readonly reason: string;
  readonly restoreData?: boolean;
  readonly hold: boolean;
  readonly dryRun?: boolean;
  readonly watch?: boolean;
  readonly timeout: string;
};

/** A service, an environment, options without the global ones, and the command itself. */
type Words = [service: string, environment: string, own: unknown, command: Command];

/** `slipway rollback`: takes an environment back to an earlier release. */
export function rollbackCommand(): Command {
  return new Command("rollback")
    .summary("take an environment back to an earlier release")
    .description(
      "Take an environment back to the release before, or to --release. The release that it leaves is marked bad and the environment is held, so that nothing undoes the rollback.",
    )
    .argument("<service>", "the service's id")
    .argument("<environment>", "the environment's id")
    .requiredOption("--reason <text>", "why, for the record")
    .option(
      "--release <name>",
      "a release other than the one before; by id, tag or a part of the id",
    )
    .option("--restore-data", "also bring back the data from before the current release")
    .option("--no-hold", "do not hold the environment, and do not mark the release bad")
    .option("--dry-run", "only say whether it is safe; exit with 1 if it is not")
    .option("--watch", "follow it until it ends; exit with 1 unless it succeeds")
    .option("--timeout <length>", "how long to watch, such as 30m", "60m")
    .addHelpText(
      "after",
      examples(
        'rollback web prod --reason "errors since noon" --dry-run',
        'rollback web prod --reason "errors since noon" --watch',
      ),
    )
    .action(async (...words: Words) => {
      const [service, environment, , command] = words;
      const options = command.optsWithGlobals<Options>();
      const timeoutMs = parseLength(options.timeout);
      const api = await openApi(options);
      const path = `${pathOf("services", service, "environments", environment)}:rollback`;
      if (options.dryRun === true) {
        await judge(api, path, options);
        return;
      }
      const promotion = await api.post(path, toBody(options), RollbackView);
      if (options.watch !== true) {
        showPromotion(promotion, options);
      }
      if (promotion.dataLoss !== null && options.json !== true) {
        print({ text: promotion.dataLoss.message, tone: "waiting" });
      }
      if (options.watch !== true) {
        return;
      }
      await follow(api, promotion, { ...options, timeoutMs });
    });
}

function toBody({ release, reason, restoreData, hold }: Options): object {
  return {
    reason,
    ...(release !== undefined && { release }),
    ...(restoreData === true && { restoreData }),
    ...(!hold && { hold }),
  };
}

const TONES: Readonly<Record<string, Tone>> = {
  safe: "good",
  "needs-data-restore": "waiting",
  unsafe: "bad",
};

/** @throws CliError when going back is not safe as it is asked for. */
async function judge(api: Api, path: string, options: Options): Promise<void> {
  const body = { ...toBody(options), validateOnly: true };
  const judged = await api.post(path, body, RollbackPreview);
  const { verdict } = judged;
  if (options.json === true) {
    printJson(judged);
  } else {
    show(judged, timeOf(options));
  }
  if (verdict === "unsafe" || (verdict !== "safe" && options.restoreData !== true)) {
    throw new CliError(EXIT.refused, "");
  }
}

function show(judged: z.output<typeof RollbackPreview>, now: number): void {
  const { verdict, release, reasons, backups, dataLoss, changes } = judged;
  const what = release === null ? "" : `  back to ${release}`;
  print({ text: verdict, tone: TONES[verdict] ?? "bad" }, what);
  for (const reason of reasons) {
    print("  ", reason);
  }
  for (const { backup, into } of backups) {
    print("  --restore-data would bring back ", backup, " into ", into);
  }
  if (dataLoss !== null) {
    print("  ", { text: `with --restore-data, ${dataLoss.message}`, tone: "waiting" });
  }
  if (changes !== null) {
    print("");
    printChanges(changes, now);
  }
}
