import { Command } from "commander";
import { PromotionView } from "../../shared/wire/api/schemas.ts";
import { openApi, pathOf } from "./api.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { printJson } from "./output.ts";
import { printPromotion } from "./watch.ts";

type Options = GlobalOptions & { readonly reason?: string };

/** `slipway cancel`: takes a promotion back. */
export function cancelCommand(): Command {
  return new Command("cancel")
    .summary("cancel a promotion")
    .description(
      "Cancel a promotion. One that waits ends at once. One that runs stops its rollout.",
    )
    .argument("<promotion>", "the promotion's id")
    .option("--reason <text>", "why, for the record")
    .addHelpText(
      "after",
      examples('cancel r-0123456789abcdef-0a1b2c-to-prod-0001 --reason "wrong release"'),
    )
    .action(async (id: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const api = await openApi(options);
      const body = options.reason === undefined ? {} : { reason: options.reason };
      const promotion = await api.post(`${pathOf("promotions", id)}:cancel`, body, PromotionView);
      if (options.json === true) {
        printJson(promotion);
      } else {
        printPromotion(promotion);
      }
    });
}
