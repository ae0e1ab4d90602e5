import { setTimeout as sleep } from "node:timers/promises";
import { PromotionView } from "../../shared/wire/api/schemas.ts";
import { pathOf } from "./api.ts";
import type { Api } from "./api.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { timeOf } from "./clock.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import { closedGates, isEnded, situation, stateText, stepText } from "./promotion-text.ts";
import type { Promotion } from "./promotion-text.ts";

const INTERVAL_MS = 500;

/** After how many calls in a row without an answer watching is given up. */
const SILENCES_MAX = 20;

/** How a promotion is watched. */
export type WatchOptions = {
  readonly timeoutMs: number;
  /** Hears each state that differs from the one before. */
  readonly onChange: (promotion: Promotion) => void;
};

/**
 * Follows a promotion until it ends.
 * @throws CliError when it has not ended in time, or nobody answers any more.
 */
export async function watch(
  api: Api,
  first: Promotion,
  { timeoutMs, onChange }: WatchOptions,
): Promise<Promotion> {
  const giveUpAt = Date.now() + timeoutMs;
  let promotion = first;
  let shown = "";
  let silences = 0;
  for (;;) {
    const seen = JSON.stringify([promotion.state, promotion.steps, promotion.gates]);
    if (seen !== shown) {
      onChange(promotion);
      shown = seen;
    }
    if (isEnded(promotion)) {
      return promotion;
    }
    if (Date.now() >= giveUpAt) {
      const message = `promotion ${promotion.id} has not ended in time: it is ${promotion.state}`;
      throw new CliError(EXIT.refused, message);
    }
    await sleep(INTERVAL_MS);
    try {
      promotion = await api.get(pathOf("promotions", promotion.id), PromotionView);
      silences = 0;
    } catch (error) {
      silences += 1;
      if (!isSilence(error) || silences > SILENCES_MAX) {
        throw error;
      }
    }
  }
}

/**
 * Follows a promotion that was just asked for to its end, and prints what happens; with `json` only the promotion
 * as it ended.
 * @throws CliError when it did not end well, or could not be followed so far.
 */
export async function follow(
  api: Api,
  promotion: Promotion,
  options: GlobalOptions & { readonly timeoutMs: number },
): Promise<void> {
  const { json, timeoutMs } = options;
  const isJson = json === true;
  if (!isJson) {
    printPromotion(promotion);
  }
  const onChange = isJson ? (): void => undefined : printer(options);
  const last = await watch(api, promotion, { timeoutMs, onChange });
  if (isJson) {
    printJson(last);
  } else {
    printPromotion(last);
  }
  expectSuccess(last, timeOf(options));
}

/** Prints what is new about a promotion, each line once. */
export function printer(options: GlobalOptions): WatchOptions["onChange"] {
  const printed = new Set<string>();
  return (promotion) => {
    const steps = promotion.steps.filter(({ state }) => state !== "PENDING").map(stepText);
    const gates = promotion.state === "WAITING" ? closedGates(promotion, timeOf(options)) : [];
    for (const line of [...steps, ...gates]) {
      if (!printed.has(line)) {
        printed.add(line);
        print("  ", line);
      }
    }
  };
}

/** @throws CliError when the promotion ended in any other way than well. */
export function expectSuccess(promotion: Promotion, now: number): void {
  if (promotion.state !== "SUCCEEDED") {
    const why = situation(promotion, now);
    const message = `promotion ${promotion.id} ended ${promotion.state}${why === "" ? "" : `: ${why}`}`;
    throw new CliError(EXIT.refused, message, promotion);
  }
}

/** Prints which promotion it is. */
export function printPromotion(promotion: Promotion): void {
  const { id, release, environment } = promotion;
  print(stateText(promotion), `  ${release} into ${environment}  `, { text: id, tone: "faint" });
}

function isSilence(error: unknown): boolean {
  return error instanceof CliError && error.exitCode === EXIT.unreachable;
}
