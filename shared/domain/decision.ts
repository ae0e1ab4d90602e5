import type { Instant } from "./time.ts";

/** What became of an event that came in: something was decided, or it was rightly passed over, refused, or given up. */
export type CameTo = "decided" | "ignored" | "refused" | "failed";

/** An event that came in, and what became of it. */
export type Decision = {
  /** One event has one id, however often it is delivered. */
  readonly id: string;
  readonly at: Instant;
  /** The function that took it. */
  readonly trigger: string;
  readonly outcome: CameTo;
  /** What was decided, or why nothing was. */
  readonly why: string;
};
