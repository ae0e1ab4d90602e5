import { Command } from "commander";
import { PromotionList } from "../../shared/wire/api/schemas.ts";
import { asServiceList } from "./list-command.ts";
import { situation, stateText } from "./promotion-text.ts";
import { relative } from "./time-text.ts";

/** `slipway promotions`: a service's promotions, newest first. */
export function promotionsCommand(): Command {
  const command = new Command("promotions")
    .summary("a service's promotions, newest first")
    .description("List a service's promotions, newest first.");
  return asServiceList(command, {
    examples: ["promotions web", "promotions web --limit 5 --json"],
    schema: PromotionList,
    headings: ["PROMOTION", "ENVIRONMENT", "STATE", "REQUESTED", "BY", "SITUATION"],
    rows: ({ promotions }, nowMs) =>
      promotions.map((promotion) => [
        promotion.id,
        promotion.environment,
        stateText(promotion),
        relative(promotion.createTime, nowMs),
        promotion.requestedBy,
        situation(promotion, nowMs),
      ]),
    empty: (service) => `${service} has no promotion yet.`,
  });
}
