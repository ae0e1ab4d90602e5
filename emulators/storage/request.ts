import type { Context } from "hono";
import type { z } from "zod";
import { parseJson } from "../kit/body.ts";
import type { Clock } from "../kit/clock.ts";
import type { Contents } from "./contents.ts";
import type { Query } from "./preconditions.ts";
import type { Session } from "./resumable.ts";
import type { StorageState } from "./state.ts";
import { invalid } from "./storage-error.ts";

/** What every route works on. */
export type StorageContext = {
  readonly state: StorageState;
  readonly contents: Contents;
  readonly sessions: Map<string, Session>;
  readonly clock: Clock;
  /** Called when a bucket was made, with its project. */
  readonly made: (bucket: string, project: string) => void;
};

/** The parameters of a request. */
export function queryOf(c: Context): Query {
  return (name) => c.req.query(name);
}

/** The address that the caller used, for links. */
export function baseUrl(c: Context): string {
  return new URL(c.req.url).origin;
}

/**
 * A body as the fields that are known; others are ignored, as the service does. No body is `{}`.
 * @throws StorageError 400 when it is not JSON or a field is of the wrong type.
 */
export function parseFields<T extends z.ZodType>(schema: T, text: string): z.infer<T> {
  const parsed = schema.safeParse(text.trim() === "" ? {} : parseWhole(text));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalid(
      `Invalid value for ${issue?.path.join(".") ?? "the body"}: ${issue?.message ?? ""}`,
    );
  }
  return parsed.data;
}

function parseWhole(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw invalid("Parse Error");
  }
}
