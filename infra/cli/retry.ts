import { Command } from "commander";
import { openApi } from "./api.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { decidePromotion } from "./promotion-verb.ts";

type Options = GlobalOptions;

/** `slipway retry`: requests a promotion again that failed. */
export function retryCommand(): Command {
  return new Command("retry")
    .summary("request a promotion again that failed")
    .description(
      "Request a promotion again that failed or was cancelled. The new promotion moves the same release and goes on where the old one stopped. Approvals of the last day, a young backup and a finished migration hold.",
    )
    .argument("<promotion>", "the promotion's id")
    .addHelpText("after", examples("retry r-0123456789abcdef-0a1b2c-to-prod-0001"))
    .action(async (id: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const body = {};
      await decidePromotion(await openApi(options), options, { id, verb: "retry", body });
    });
}
