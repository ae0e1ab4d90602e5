import { Command } from "commander";
import { PromotionWithArrival } from "../../shared/wire/api/arrival.ts";
import { arrivalLine } from "./arrival-text.ts";
import { openApi, pathOf } from "./api.ts";
import { timeOf } from "./clock.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import { gateText } from "./promotion-text.ts";
import type { Promotion } from "./promotion-text.ts";
import { printTable } from "./table.ts";
import { lengthText, parseLength, relative } from "./time-text.ts";
import { expectSuccess, printer, printPromotion, watch } from "./watch.ts";

type Options = GlobalOptions & { readonly watch?: boolean; readonly timeout: string };

const HEADINGS = ["STEP", "STATE", "STARTED", "TOOK", "MESSAGE"];

/** `slipway promotion`: one promotion with its steps and gates. */
export function promotionCommand(): Command {
  return new Command("promotion")
    .summary("one promotion with its steps and gates")
    .description("Show one promotion with its steps and gates.")
    .argument("<promotion>", "the promotion's id")
    .option("--watch", "follow it until it ends; exit with 1 unless it succeeds")
    .option("--timeout <length>", "how long to watch, such as 30m", "60m")
    .addHelpText("after", examples("promotion r-0123456789abcdef-0a1b2c-to-prod-0001 --watch"))
    .action(async (id: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const timeoutMs = parseLength(options.timeout);
      const api = await openApi(options);
      const found = await api.get(pathOf("promotions", id), PromotionWithArrival);
      const onChange = options.json === true ? (): void => undefined : printer(options);
      const promotion =
        options.watch === true ? await watch(api, found, { timeoutMs, onChange }) : found;
      const line = promotion === found ? arrivalLine(found.expected, timeOf(options)) : null;
      if (options.json === true) {
        printJson(promotion);
      } else {
        show(promotion, line, timeOf(options));
      }
      if (options.watch === true) {
        expectSuccess(promotion, timeOf(options));
      }
    });
}

function show(promotion: Promotion, arrival: string | null, now: number): void {
  printPromotion(promotion);
  if (arrival !== null) {
    print(arrival);
  }
  const reason = promotion.reason === null ? "" : `: ${promotion.reason}`;
  print(`requested ${relative(promotion.createTime, now)} by ${promotion.requestedBy}${reason}`);
  for (const gate of promotion.gates) {
    print("  ", gate.verdict, " ", gateText(gate, now));
  }
  const rows = promotion.steps.map(({ name, state, startTime, endTime, message }) => [
    name,
    state,
    startTime === null ? "" : relative(startTime, now),
    startTime === null ? "" : tookText(Date.parse(startTime), endTime, now),
    message ?? "",
  ]);
  printTable(HEADINGS, rows, "It has no steps.");
}

function tookText(startMs: number, endTime: string | null, now: number): string {
  const length = lengthText((endTime === null ? now : Date.parse(endTime)) - startMs);
  return length === "" ? "0s" : length;
}
