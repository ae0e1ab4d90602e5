import type { Context } from "hono";
import type { z } from "zod";
import type { PolicyKeeper } from "../kit/access/policy-methods.ts";
import type { BlobStore } from "../kit/blob-store.ts";
import { parseJson, readBody } from "../kit/body.ts";
import type { Clock } from "../kit/clock.ts";
import { type PageRequest, paginate } from "../kit/page.ts";
import type { Persistence } from "../kit/persistence.ts";
import type { Session } from "./resumable.ts";
import type { StorageState } from "./state.ts";
import { invalid } from "./storage-error.ts";

/** What every route works on. */
export type StorageContext = {
  readonly state: StorageState;
  readonly blobs: BlobStore;
  readonly saved: Persistence["saved"];
  readonly sessions: Map<string, Session>;
  readonly keeper: PolicyKeeper;
  readonly clock: Clock;
};

/** Answers a request. It throws a GoogleError to refuse. */
export type Handler = (storage: StorageContext, c: Context) => Response | Promise<Response>;

/** Reads a parameter of the request; undefined when it is absent. */
export type Query = (name: string) => string | undefined;

/** The parameters of a request, also after it has ended. */
export function queryOf(c: Context): Query {
  const parameters = new Map(new URL(c.req.url).searchParams);
  return (name) => parameters.get(name);
}

/** The bucket that a path names, and the object in it. */
export function placeOf(c: Context): { readonly bucket: string; readonly name: string } {
  return { bucket: c.req.param("bucket") ?? "", name: c.req.param("object") ?? "" };
}

/** The address of a resource, by the one that the caller used. */
export function addressOf(c: Context, path: string): string {
  return `${new URL(c.req.url).origin}/${path}`;
}

/** The body of a request as the fields that are known. @throws GoogleError INVALID_ARGUMENT */
export async function readFields<T extends z.ZodType>(schema: T, c: Context): Promise<z.infer<T>> {
  return parseFields(schema, await readBody(c.req.raw));
}

/**
 * A text as the fields that are known; others are ignored, as the service does. No text is `{}`.
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

/** How many items a page has at most, which is also what it has when nobody says. */
const PAGE_LIMITS = { defaultSize: 1000, maxSize: 1000 };

/** The page that `maxResults` and `pageToken` ask for. */
export function pageOf<T>(items: readonly T[], query: Query): ReturnType<typeof paginate<T>> {
  const asked: PageRequest = {
    pageSize: Number(query("maxResults") ?? 0),
    pageToken: query("pageToken") ?? "",
  };
  return paginate(items, asked, PAGE_LIMITS);
}

/** A list as the API gives it: what is empty is left out. */
export function listResponse(
  kind: string,
  {
    nextPageToken,
    ...lists
  }: { readonly nextPageToken: string } & Readonly<Record<string, string | readonly unknown[]>>,
): Response {
  const told = Object.entries(lists).filter(([, list]) => list.length > 0);
  return Response.json({
    kind,
    ...(nextPageToken !== "" && { nextPageToken }),
    ...Object.fromEntries(told),
  });
}

/** Names are listed in the order of their UTF-8 bytes. */
export function byName(left: { readonly name: string }, right: { readonly name: string }): number {
  return Buffer.compare(Buffer.from(left.name), Buffer.from(right.name));
}
