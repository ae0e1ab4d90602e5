import type { Result } from "../domain/result.ts";
import { refused } from "../domain/result.ts";
import { shorten } from "../domain/text.ts";
import type { z } from "zod";

/** A parsed message, or why it cannot be read. */
export type Parsed<Value> = Result<Value, string>;

/** How many reasons are told, and how long they may be together: they are written down. */
const ISSUES_MAX = 5;
const REASON_LENGTH_MAX = 500;

/** A message that does not have the shape it must have. */
export function unreadable(error: z.ZodError): Parsed<never> {
  return refused(reasonOf(error));
}

/** Why something does not have the shape it must have, in one line. */
export function reasonOf(error: z.ZodError): string {
  const reasons = error.issues.slice(0, ISSUES_MAX).map(({ path, message }) => {
    const where = path.join(".");
    return where === "" ? message : `${where}: ${message}`;
  });
  return shorten(reasons.join("; "), REASON_LENGTH_MAX);
}
