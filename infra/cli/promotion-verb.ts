import { PromotionView } from "../../shared/wire/api/schemas.ts";
import { pathOf } from "./api.ts";
import type { Api } from "./api.ts";
import { timeOf } from "./clock.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import { closedGates } from "./promotion-text.ts";
import type { Promotion } from "./promotion-text.ts";
import { printPromotion } from "./watch.ts";

/** Calls a custom method of a promotion and prints what became of it. @throws CliError */
export async function decidePromotion(
  api: Api,
  options: GlobalOptions,
  call: { readonly id: string; readonly verb: string; readonly body: object },
): Promise<void> {
  const path = `${pathOf("promotions", call.id)}:${call.verb}`;
  showPromotion(await api.post(path, call.body, PromotionView), options);
}

/** Prints a promotion, and what it waits for. */
export function showPromotion(promotion: Promotion, options: GlobalOptions): void {
  if (options.json === true) {
    printJson(promotion);
    return;
  }
  printPromotion(promotion);
  for (const line of promotion.state === "WAITING" ? closedGates(promotion, timeOf(options)) : []) {
    print("  ", line);
  }
}
