import type { Context } from "hono";
import type { z } from "zod";
import type { PolicyKeeper } from "../kit/access/policy-methods.ts";
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
  readonly keeper: PolicyKeeper;
  readonly clock: Clock;
};

/** A request, with the caller where callers are checked. */
export type Asked = { readonly c: Context; readonly member: string | null };

/** Answers a request. It throws a GoogleError to refuse. */
export type Handler = (storage: StorageContext, asked: Asked) => Response | Promise<Response>;

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
 * @throws GoogleError INVALID_ARGUMENT when it is not JSON or a field is of the wrong type.
 */
export function parseFields<T extends z.ZodType>(schema: T, text: string): z.infer<T> {
  const parsed = schema.safeParse(text.trim() === "" ? {} : parseJson(text));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalid(
      `Invalid value for ${issue?.path.join(".") ?? "the body"}: ${issue?.message ?? ""}`,
    );
  }
  return parsed.data;
}
