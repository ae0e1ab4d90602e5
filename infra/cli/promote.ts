import { Command } from "commander";
import type { z } from "zod";
import { PromotionPreview } from "../../shared/wire/api/changes.ts";
import { PromotionView } from "../../shared/wire/api/schemas.ts";
import { openApi, pathOf } from "./api.ts";
import { printChanges } from "./changes-text.ts";
import { timeOf } from "./clock.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import { gateText } from "./promotion-text.ts";
import { showPromotion } from "./promotion-verb.ts";
import { parseLength } from "./time-text.ts";
import { follow, printPromotion } from "./watch.ts";

type Options = GlobalOptions & {
  readonly release?: string;
  readonly reason?: string;
  readonly breakGlass?: string | true;
  readonly wait: boolean;
  readonly validateOnly?: boolean;
  readonly watch?: boolean;
  readonly timeout: string;
};

/** A service, an environment, options without the global ones, and the command itself. */
type Words = [service: string, environment: string, own: unknown, command: Command];

/** `slipway promote`: requests a promotion of a release into an environment. */
export function promoteCommand(): Command {
  return new Command("promote")
    .summary("move a release into an environment")
    .description(
      "Move a release into an environment. Without --release it is the one in the stage before.",
    )
    .argument("<service>", "the service's id")
    .argument("<environment>", "the environment's id")
    .option(
      "--release <name>",
      "a release other than the one in the stage before; by id, tag or a part of the id",
    )
    .option("--reason <text>", "why, for the record")
    .option(
      "--break-glass [gates]",
      "pass closed gates: all, or only those named (window,incident); needs --reason, and the right to break the glass",
    )
    .option("--no-wait", "fail at a closed gate instead of waiting for it")
    .option("--validate-only", "only say what would happen")
    .option("--watch", "follow it until it ends; exit with 1 unless it succeeds")
    .option("--timeout <length>", "how long to watch, such as 30m", "60m")
    .addHelpText(
      "after",
      examples(
        "promote web prod --watch",
        "promote web prod --validate-only",
        'promote web prod --release r-0123456789abcdef-0a1b2c --break-glass incident --reason "pages are down"',
      ),
    )
    .action(async (...words: Words) => {
      const [service, environment, , command] = words;
      const options = command.optsWithGlobals<Options>();
      const timeoutMs = parseLength(options.timeout);
      const api = await openApi(options);
      const path = `${pathOf("services", service, "environments", environment)}:promote`;
      if (options.validateOnly === true) {
        preview(await api.post(path, toBody(options), PromotionPreview), options);
        return;
      }
      const promotion = await api.post(path, toBody(options), PromotionView);
      if (options.watch !== true) {
        showPromotion(promotion, options);
        return;
      }
      await follow(api, promotion, { ...options, timeoutMs });
    });
}

function toBody({ release, reason, breakGlass, wait, validateOnly }: Options): object {
  return {
    ...(release !== undefined && { release }),
    ...(reason !== undefined && { reason }),
    ...(breakGlass !== undefined && { breakGlass: toGates(breakGlass) }),
    ...(!wait && { wait }),
    ...(validateOnly === true && { validateOnly }),
  };
}

/** All gates, or those that were named. */
function toGates(named: string | true): true | readonly string[] {
  return named === true ? true : named.split(",").map((gate) => gate.trim());
}

function preview(promotion: z.output<typeof PromotionPreview>, options: Options): void {
  if (options.json === true) {
    printJson(promotion);
    return;
  }
  print("Nothing was started. This would happen:");
  printPromotion(promotion);
  const now = timeOf(options);
  for (const gate of promotion.gates) {
    print("  ", `${gate.verdict} ${gateText(gate, now)}`);
  }
  if (promotion.changes !== null) {
    print("");
    printChanges(promotion.changes, now);
  }
}
