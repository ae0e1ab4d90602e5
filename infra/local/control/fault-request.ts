import { z } from "zod";
import type { Planned } from "../../../emulators/kit/occasions.ts";

/** A fault that is asked for may come so often at most; without a number it stays until it is cleared. */
export const FAULT_TIMES_MAX = 10_000;

/** It may befall every so manieth call at most. */
export const FAULT_EVERY_MAX = 10_000;

/** The longest that a call may be delayed: longer than any caller waits. */
export const FAULT_DELAY_MAX_MS = 600_000;

/** What is asked to go wrong. */
export const FaultRequest = z.strictObject({
  /** An API as `local.json` names it, or `deliveries`. */
  api: z.string().min(1).max(100),
  /** A method with or without its service, or `*`; of `deliveries` a function or a subscription's id. */
  method: z.string().min(1).max(200),
  /** The name of a google.rpc.Code that is answered; null: the connection is lost. */
  status: z.string().max(100).nullable().default(null),
  /** Whether it goes wrong before or after the call was done; null: before, or not at all if it is delayed. */
  side: z.enum(["before", "after"]).nullable().default(null),
  delayMs: z.int().min(0).max(FAULT_DELAY_MAX_MS).default(0),
  every: z.int().min(1).max(FAULT_EVERY_MAX).default(1),
  times: z.int().min(1).max(FAULT_TIMES_MAX).nullable().default(null),
});

/** What is asked to go wrong. */
export type FaultRequest = z.output<typeof FaultRequest>;

/** A fault, and what came of it. */
export const FaultView = z.object({
  api: z.string(),
  method: z.string(),
  /** The status that is answered, `lost` or `delayed`. */
  does: z.string(),
  side: z.enum(["before", "after"]).nullable(),
  delayMs: z.number(),
  every: z.number(),
  times: z.number().nullable(),
  /** How often it has happened. */
  fired: z.number(),
  /** How often it will happen yet; null: until it is cleared. */
  left: z.number().nullable(),
});

/** A fault, and what came of it. */
export type FaultView = z.output<typeof FaultView>;

/** When a fault happens, how often it did and will yet, as a view has it. */
export function countsOf({
  when: { every, times },
  fired,
  left,
}: Omit<Planned<unknown>, "what">): Pick<FaultView, "every" | "times" | "fired" | "left"> {
  return { every, times, fired, left };
}
