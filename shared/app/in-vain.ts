import type { Explanation } from "../domain/explain/explain.ts";
import { duration, lengthText } from "../domain/time.ts";
import type { Instant } from "../domain/time.ts";
import type { PendingEffect } from "../ports/store.ts";

/**
 * The explanation with what was tried in vain: a promotion that is under way and does not get on, since the outside
 * refuses what comes next for now. Why it does, is in the log of whoever tried.
 */
export function withTriedInVain(
  explanation: Explanation,
  outbox: readonly PendingEffect[],
  now: Instant,
): Explanation {
  const { promotion, standing, summary } = explanation;
  const next =
    standing === "UNDER_WAY"
      ? outbox.find(({ effect }) => effect.promotion === promotion?.id)
      : undefined;
  return next === undefined || next.attempts === 0
    ? explanation
    : { ...explanation, summary: `${summary}; ${triedText(next, now)}` };
}

function triedText({ effect, attempts, notBefore }: PendingEffect, now: Instant): string {
  const tried = attempts === 1 ? "was tried once" : `was tried ${attempts} times`;
  const left = notBefore - now;
  const again = left < 1000 ? "now" : `in ${lengthText(duration(left))}`;
  return `${effect.kind} ${tried} in vain, and is tried again ${again}; Slipway's log says what was answered`;
}
