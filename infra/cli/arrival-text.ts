import type { z } from "zod";
import type { ArrivalView } from "../../shared/wire/api/arrival.ts";
import { relative } from "./time-text.ts";

/** When a promotion will probably be there, in a line; null of one that has ended. */
export function arrivalLine(
  expected: z.output<typeof ArrivalView> | null,
  now: number,
): string | null {
  if (expected === null) {
    return null;
  }
  const { deployTime, endTime, unknown } = expected;
  if (endTime === null) {
    return `when it will be there cannot be told: ${unknown ?? "nobody knows"}`;
  }
  const done = `done ${relative(endTime, now)}`;
  return deployTime === null
    ? `it is there, and will probably be ${done}`
    : `it will probably be there ${relative(deployTime, now)}${deployTime === endTime ? "" : `, and ${done}`}`;
}
