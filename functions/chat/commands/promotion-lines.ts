import type { z } from "zod";
import type { GateView, PromotionView } from "../../../shared/wire/api/schemas.ts";
import { bullet, code, moment, plain } from "../said.ts";

type Promotion = z.output<typeof PromotionView>;
type Gate = z.output<typeof GateView>;

const WORDS: Readonly<Record<Promotion["state"], string>> = {
  WAITING: "waits",
  RUNNING: "is under way",
  SUCCEEDED: "succeeded",
  FAILED: "failed",
  CANCELLED: "was cancelled",
  REJECTED: "was rejected",
  SUPERSEDED: "was superseded",
  ROLLED_BACK: "was rolled back",
};

/** How a promotion stands, and what it waits for. */
export function promotionLines(promotion: Promotion): readonly string[] {
  const { id, state, gates, environment, release } = promotion;
  const told = promotion.steps.findLast(({ message }) => message !== null)?.message ?? null;
  return [
    `${code(id)} ${WORDS[state]}: ${code(release)} into *${plain(environment)}*.`,
    ...(state === "WAITING" ? closedLines(gates) : []),
    ...(state === "RUNNING" || state === "FAILED" ? stepLine(told) : []),
  ];
}

function stepLine(message: string | null): readonly string[] {
  return message === null ? [] : [bullet(plain(message))];
}

/** Each gate that is closed, why, and when it opens by itself. */
export function closedLines(gates: readonly Gate[]): readonly string[] {
  return gates.filter(({ verdict }) => verdict === "CLOSED").map(gateLine);
}

/** A gate, what it says and why. */
export function gateLine({ gate, verdict, reason, opensAt }: Gate): string {
  const sign = { OPEN: "open", WARNING: "open, with a warning", CLOSED: "closed" }[verdict];
  const why = reason === null ? "" : `: ${plain(reason)}`;
  const opens = opensAt === null ? "" : `; opens ${moment(opensAt)}`;
  return bullet(`${gate} is ${sign}${why}${opens}`);
}
