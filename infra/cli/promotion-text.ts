import type { z } from "zod";
import type { GateView, PromotionView, StepView } from "../../shared/wire/api/schemas.ts";
import type { Text, Tone } from "./output.ts";
import { relative } from "./time-text.ts";

/** A promotion as the API shows it. */
export type Promotion = z.output<typeof PromotionView>;

type Gate = z.output<typeof GateView>;

const TONES: Readonly<Record<Promotion["state"], Tone>> = {
  WAITING: "waiting",
  RUNNING: "waiting",
  SUCCEEDED: "good",
  FAILED: "bad",
  CANCELLED: "faint",
  REJECTED: "bad",
  SUPERSEDED: "faint",
  ROLLED_BACK: "bad",
};

/** Whether the promotion has ended. */
export function isEnded({ state }: Promotion): boolean {
  return state !== "WAITING" && state !== "RUNNING";
}

/** The state in its tone. */
export function stateText({ state }: Promotion): Text {
  return { text: state, tone: TONES[state] };
}

/** What a promotion waits for, does, or ended with, in one line; empty when there is nothing to say. */
export function situation(promotion: Promotion, now: number): string {
  if (promotion.state === "WAITING") {
    return closedGates(promotion, now).join("; ");
  }
  const step = promotion.steps.findLast(
    ({ state }) => state === "RUNNING" || state === "FAILED" || state === "SUCCEEDED",
  );
  if (promotion.state === "SUCCEEDED") {
    return "";
  }
  const told = promotion.steps.findLast(({ message }) => message !== null);
  if (promotion.state === "RUNNING") {
    return step === undefined ? "" : stepText(step);
  }
  return told?.message ?? "";
}

/** The gates that are closed, and when they open by themselves. */
export function closedGates({ gates }: Promotion, now: number): readonly string[] {
  return gates.filter(({ verdict }) => verdict === "CLOSED").map((gate) => gateText(gate, now));
}

/** A gate in one line: its name and, unless it is open, why and until when it is not. */
export function gateText({ gate, reason, opensAt }: Gate, now: number): string {
  const opens = opensAt === null ? "" : ` (opens ${relative(opensAt, now)})`;
  return reason === null ? gate : `${gate}: ${reason}${opens}`;
}

/** A step in one line. */
export function stepText({ name, state, message }: z.output<typeof StepView>): string {
  return `${name} ${state.toLowerCase()}${message === null ? "" : `: ${message}`}`;
}
