import { Command } from "commander";
import { PromotionList } from "../../shared/wire/api/schemas.ts";
import { openApi, pathOf } from "./api.ts";
import { examples, toLimit } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { printJson } from "./output.ts";
import { situation, stateText } from "./promotion-text.ts";
import { printTable } from "./table.ts";
import { relative } from "./time-text.ts";

type Options = GlobalOptions & { readonly limit: number; readonly pageToken?: string };

const LIMIT_DEFAULT = 20;
const HEADINGS = ["PROMOTION", "ENVIRONMENT", "STATE", "ASKED", "BY", "SITUATION"];

/** `slipway promotions`: a service's promotions, newest first. */
export function promotionsCommand(): Command {
  return new Command("promotions")
    .summary("a service's promotions, newest first")
    .description("List a service's promotions, newest first.")
    .argument("<service>", "the service's id")
    .option("--limit <number>", "how many", toLimit, LIMIT_DEFAULT)
    .option("--page-token <token>", "go on where a list before ended")
    .addHelpText("after", examples("promotions web", "promotions web --limit 5 --json"))
    .action(async (service: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const api = await openApi(options);
      const query = new URLSearchParams({
        pageSize: String(options.limit),
        pageToken: options.pageToken ?? "",
      }).toString();
      const path = `${pathOf("services", service, "promotions")}?${query}`;
      const page = await api.get(path, PromotionList);
      if (options.json === true) {
        printJson(page);
        return;
      }
      const now = Date.now();
      const rows = page.promotions.map((promotion) => [
        promotion.id,
        promotion.environment,
        stateText(promotion),
        relative(promotion.createTime, now),
        promotion.requestedBy,
        situation(promotion, now),
      ]);
      printTable(HEADINGS, rows, `${service} has no promotion yet.`);
    });
}
