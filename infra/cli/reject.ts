import { Command } from "commander";
import { openApi } from "./api.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { decidePromotion } from "./promotion-verb.ts";

type Options = GlobalOptions & { readonly reason: string };

/** `slipway reject`: rejects a promotion. */
export function rejectCommand(): Command {
  return new Command("reject")
    .summary("reject a promotion")
    .description("Reject a promotion that waits. It ends.")
    .argument("<promotion>", "the promotion's id")
    .requiredOption("--reason <text>", "why, for the record")
    .addHelpText(
      "after",
      examples('reject r-0123456789abcdef-0a1b2c-to-prod-0001 --reason "the load test failed"'),
    )
    .action(async (id: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const body = { reason: options.reason };
      await decidePromotion(await openApi(options), options, { id, verb: "reject", body });
    });
}
