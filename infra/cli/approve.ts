import { Command } from "commander";
import { openApi } from "./api.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { decidePromotion } from "./promotion-verb.ts";

type Options = GlobalOptions & { readonly comment?: string };

/** `slipway approve`: approves a promotion. */
export function approveCommand(): Command {
  return new Command("approve")
    .summary("approve a promotion")
    .description(
      "Approve a promotion that waits for approval. Each person counts once. Whoever requested it may not approve it, unless the specification says so.",
    )
    .argument("<promotion>", "the promotion's id")
    .option("--comment <text>", "a comment for the record")
    .addHelpText(
      "after",
      examples('approve r-0123456789abcdef-0a1b2c-to-prod-0001 --comment "seen in dev"'),
    )
    .action(async (id: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const body = options.comment === undefined ? {} : { comment: options.comment };
      await decidePromotion(await openApi(options), options, { id, verb: "approve", body });
    });
}
