import { z } from "zod";

/** The furthest that the clock is moved at once. */
export const ADVANCE_MAX_MS = 366 * 86_400_000;

/** How far the clock is to be moved. */
export const AdvanceRequest = z.strictObject({ byMs: z.int().min(1).max(ADVANCE_MAX_MS) });

/** Where the local cloud's clock stands. */
export const ClockView = z.object({
  /** RFC 3339 */
  now: z.string(),
  /** How far it is ahead of the machine's. */
  aheadMs: z.number(),
  isFrozen: z.boolean(),
});

/** Where the local cloud's clock stands. */
export type ClockView = z.output<typeof ClockView>;
