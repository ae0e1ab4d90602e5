import type { Arguments } from "./method.ts";
import { wrongArguments } from "./slack-error.ts";

/** A text that must be there. @throws SlackError invalid_arguments */
export function requiredText(args: Arguments, name: string): string {
  const value = optionalText(args, name);
  if (value === null) {
    throw wrongArguments("invalid_arguments", [`missing required field: ${name}`]);
  }
  return value;
}

/** A text; null where it is left out or empty. */
export function optionalText(args: Arguments, name: string): string | null {
  const value = args[name];
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && text !== "" ? text : null;
}

/** A yes or no; no where it is left out. */
export function flag(args: Arguments, name: string): boolean {
  const value = args[name];
  return value === true || value === "true" || value === "1";
}

const PAGE_DEFAULT = 100;
const PAGE_MAX = 1000;

/** A part of a list, and the cursor of the next. Source: https://docs.slack.dev/apis/web-api/pagination */
export function pageOf<T>(
  all: readonly T[],
  args: Arguments,
): { readonly page: readonly T[]; readonly next: string } {
  const limit = Math.min(Number(optionalText(args, "limit") ?? PAGE_DEFAULT), PAGE_MAX);
  const cursor = optionalText(args, "cursor");
  const start = cursor === null ? 0 : Number(Buffer.from(cursor, "base64").toString("utf8"));
  if (!Number.isInteger(limit) || limit < 1) {
    throw wrongArguments("invalid_limit", ["limit must be a number from 1 to 1000"]);
  }
  if (!Number.isInteger(start) || start < 0 || start > all.length) {
    throw wrongArguments("invalid_cursor", ["the cursor is not one that was given"]);
  }
  const end = start + limit;
  return {
    page: all.slice(start, end),
    next: end < all.length ? Buffer.from(String(end)).toString("base64") : "",
  };
}
