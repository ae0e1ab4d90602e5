import { Command } from "commander";
import { PromotionView } from "../../shared/wire/api/schemas.ts";
import { openApi, pathOf } from "./api.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";

/** A service, an environment, options without the global ones, and the command itself. */
type Words = [service: string, environment: string, own: unknown, command: Command];

/** `slipway migrate`: starts the migration that waits for a person. */
export function migrateCommand(): Command {
  return new Command("migrate")
    .summary("start the migration that waits for you")
    .description(
      "Start the migration that waits for a person (migrations.after with start: manual). slipway status shows whether one waits.",
    )
    .argument("<service>", "the service's id")
    .argument("<environment>", "the environment's id")
    .addHelpText("after", examples("migrate web prod"))
    .action(async (...words: Words) => {
      const [service, environment, , command] = words;
      const options = command.optsWithGlobals<GlobalOptions>();
      const api = await openApi(options);
      const path = `${pathOf("services", service, "environments", environment)}:migrate`;
      const promotion = await api.post(path, {}, PromotionView);
      if (options.json === true) {
        printJson(promotion);
      } else {
        print(`the migration of ${promotion.release} in ${promotion.environment} is started`);
      }
    });
}
