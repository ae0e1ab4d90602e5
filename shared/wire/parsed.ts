import type { Result } from "../domain/result.ts";
import { refused } from "../domain/result.ts";
import type { z } from "zod";

/** A parsed message, or why it cannot be read. */
export type Parsed<Value> = Result<Value, string>;

/** Why a message does not have the shape it must have, in one line. */
export function unreadable(error: z.ZodError): Parsed<never> {
  const reasons = error.issues.map(({ path, message }) => {
    const where = path.join(".");
    return where === "" ? message : `${where}: ${message}`;
  });
  return refused(reasons.join("; "));
}
