import { z } from "zod";
import { duration } from "../../domain/time.ts";
import type { Duration } from "../../domain/time.ts";
import type { Principal } from "../../domain/policy.ts";
import { parseDuration } from "./duration.ts";
import { show } from "./explain-issue.ts";
import { complainAboutPrincipal, parsePrincipal } from "./principal.ts";

const PRINCIPALS_MAX = 100;

/** What is wrong with a text, or null when nothing is. */
export type Complaint = (value: string) => string | null;

/** What a text of one row may not have: it becomes a name, a path, a label or a row of somebody's terminal. */
const UNFIT_FOR_ROW = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u{202A}-\u{202E}\u{2066}-\u{2069}]/u;
/** What a text of several rows may not have: no container, document or manifest carries it. */
const UNFIT = /[^\P{Cc}\t\n\r]|\p{Cs}/u;

/** A text of one row, unless there is something to complain about. */
export function text(description: string, complain: Complaint = () => null): z.ZodString {
  return checked(description, (value) => complainAboutRow(value) ?? complain(value));
}

/** A text of any number of rows, unless there is something to complain about. */
export function prose(description: string, complain: Complaint = () => null): z.ZodString {
  return checked(description, (value) =>
    UNFIT.test(value) ? `may have no control characters: ${show(value)}` : complain(value),
  );
}

function complainAboutRow(value: string): string | null {
  return UNFIT_FOR_ROW.test(value)
    ? `must be one line without control characters, not ${show(value)}`
    : null;
}

function checked(description: string, complain: Complaint): z.ZodString {
  return z
    .string()
    .superRefine((value, context) => {
      const message = complain(value);
      if (message !== null) {
        context.addIssue({ code: "custom", message });
      }
    })
    .describe(description);
}

/** A text of one row that must not be empty. */
export function filled(description: string): z.ZodString {
  return text(description).min(1);
}

/** A text of any number of rows that must not be empty. */
export function filledProse(description: string): z.ZodString {
  return prose(description).min(1);
}

/** A text that matches a pattern; the complaint names what was expected. */
export function matching(description: string, pattern: RegExp, expected: string): z.ZodString {
  return text(description, (value) =>
    pattern.test(value) ? null : `must be ${expected}, not ${show(value)}`,
  ).meta({ pattern: pattern.source });
}

/** True or false. */
export function flag(description: string): z.ZodBoolean {
  return z.boolean().describe(description);
}

/** A whole number, within bounds where they are given. */
export function whole(
  description: string,
  bounds: { readonly min?: number; readonly max?: number } = {},
): z.ZodInt {
  const least = bounds.min === undefined ? z.int() : z.int().min(bounds.min);
  const bounded = bounds.max === undefined ? least : least.max(bounds.max);
  return bounded.describe(description);
}

/** A key of an older generation of the specification: accepted, with a warning that says what came after it. */
export function old<Schema extends z.ZodType>(
  schema: Schema,
  instead: string,
): z.ZodOptional<Schema> {
  return schema.optional().meta({
    deprecated: true,
    deprecationMessage: `is an old key: ${instead}`,
  });
}

/** A length of time such as `30m`, `1h30m` or `90d`, within bounds in the same notation. */
export function lengthOfTime(
  description: string,
  bounds: { readonly min: string; readonly max: string },
): z.ZodPipe<z.ZodString, z.ZodTransform<Duration, string>> {
  const min = parseDuration(bounds.min) ?? 0;
  const max = parseDuration(bounds.max) ?? Number.POSITIVE_INFINITY;
  return text(`${description} From ${bounds.min} to ${bounds.max}.`, (value) => {
    const length = parseDuration(value);
    if (length === null) {
      return `must be a length of time such as 30m, 1h30m or 90d, not ${show(value)}`;
    }
    return length < min || length > max
      ? `must be from ${bounds.min} to ${bounds.max}, not ${value}`
      : null;
  })
    .meta({
      pattern: String.raw`^(\d+d)?(\d+h)?(\d+m)?(\d+s)?$`,
      examples: ["30m", "1h30m", "90d"],
    })
    .transform((value) => duration(parseDuration(value) ?? 0));
}

/** A list of principals, lower case. */
export function principals(
  description: string,
): z.ZodArray<z.ZodPipe<z.ZodString, z.ZodTransform<Principal, string>>> {
  const principal = text("user:, group:, serviceAccount: or domain:", complainAboutPrincipal)
    .meta({
      pattern: "^(user|group|serviceAccount|domain):",
      examples: ["user:ann@example.com", "group:sre@example.com"],
    })
    // The complaint has refused everything else; a list of nobody is the safe reading.
    .transform((value): Principal => parsePrincipal(value) ?? "user:");
  return z.array(principal).max(PRINCIPALS_MAX).describe(description);
}
