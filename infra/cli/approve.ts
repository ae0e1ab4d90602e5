import { Command } from "commander";
import { PromotionView } from "../../shared/wire/api/schemas.ts";
import { openApi, pathOf } from "./api.ts";
import type { Api } from "./api.ts";
import { readChanges } from "./changes.ts";
import { timeOf } from "./clock.ts";
import { printChanges } from "./changes-text.ts";
import type { Changes } from "../../shared/wire/api/changes-words.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import { decidePromotion } from "./promotion-verb.ts";

type Options = GlobalOptions & { readonly comment?: string; readonly validateOnly?: boolean };

/** `slipway approve`: approves a promotion. */
export function approveCommand(): Command {
  return new Command("approve")
    .summary("approve a promotion")
    .description(
      "Approve a promotion that waits for approval. Each person counts once. Whoever requested it may not approve it, unless the specification says so.",
    )
    .argument("<promotion>", "the promotion's id")
    .option("--comment <text>", "a comment for the record")
    .option("--validate-only", "only show what would be approved")
    .addHelpText(
      "after",
      examples('approve r-0123456789abcdef-0a1b2c-to-prod-0001 --comment "seen in dev"'),
    )
    .action(async (id: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const api = await openApi(options);
      const changes = await changesOf(api, id);
      if (options.validateOnly === true) {
        show(changes, options);
        return;
      }
      if (options.json !== true) {
        show(changes, options);
        print("");
      }
      const body = {
        ...(options.comment !== undefined && { comment: options.comment }),
        ...(changes !== null && { shown: changes.material }),
      };
      await decidePromotion(api, options, { id, verb: "approve", body });
    });
}

/** What is to be approved; null for a restore, which moves data and no release. */
async function changesOf(api: Api, id: string): Promise<Changes | null> {
  const { service, environment, release, kind } = await api.get(
    pathOf("promotions", id),
    PromotionView,
  );
  return kind === "restore" ? null : readChanges(api, { service, environment, release });
}

function show(changes: Changes | null, options: Options): void {
  if (options.json === true) {
    printJson(changes);
  } else if (changes !== null) {
    printChanges(changes, timeOf(options));
  }
}
