import type { z } from "zod";
import { parseJson } from "../kit/body.ts";
import { checked } from "../kit/checked.ts";
import { applyFieldMask } from "../kit/field-mask.ts";
import { parseFilter } from "../kit/filter.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { orderBy } from "../kit/order-by.ts";
import { paginate } from "../kit/page.ts";
import { toCamelCase } from "../kit/field-names.ts";
import { etagFor } from "./names.ts";

/** One call: what its path and query say, and its body as text. */
export type GkeRequest = {
  /** The resource, or the parent of what is created or listed. */
  readonly name: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: string;
};

const PAGE_LIMITS = { defaultSize: 100, maxSize: 1000 };

/**
 * Reads a body, which is a field of the request. No body is an empty message.
 * @throws GoogleError INVALID_ARGUMENT naming a field that is unknown or has a wrong value.
 */
export function parseBody<T extends z.ZodType>(field: string, schema: T, text: string): z.infer<T> {
  return checked(schema, text.trim() === "" ? {} : parseJson(text), field);
}

/** Answers a list call: filter, order and page of what there is. */
export function listPage(
  views: readonly object[],
  { query }: GkeRequest,
): { readonly items: readonly object[]; readonly nextPageToken: string } {
  const isMeant = parseFilter(query["filter"] ?? "");
  const sorted = orderBy(views.filter(isMeant), query["orderBy"]);
  const pageSize = Number(query["pageSize"] ?? "0");
  return paginate(sorted, { pageSize, pageToken: query["pageToken"] }, PAGE_LIMITS);
}

/**
 * Takes over what an update may change.
 * @throws GoogleError INVALID_ARGUMENT when the mask names anything else, ABORTED for an old etag.
 */
export function applyUpdate<T extends object>(
  current: { readonly fields: T; readonly uid: string; readonly version: number },
  given: T & { readonly etag?: string | undefined },
  request: GkeRequest,
): T {
  checkEtag(current, given.etag);
  const changeable = Object.keys(current.fields);
  const mask = request.query["updateMask"] ?? "";
  for (const path of mask.split(",").filter((part) => part !== "" && part !== "*")) {
    if (!changeable.includes(toCamelCase(path.split(".")[0] ?? ""))) {
      throw badRequest("update_mask", `Invalid update_mask: ${path} cannot be updated`);
    }
  }
  const entries = Object.entries(given).filter(([name]) => changeable.includes(name));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a part of `given`, whose fields may all be left out
  return applyFieldMask(current.fields, Object.fromEntries(entries) as T, mask);
}

/**
 * Refuses a change of another version than the caller knows. No etag is not checked.
 * @throws GoogleError ABORTED
 */
export function checkEtag(
  resource: { readonly uid: string; readonly version: number },
  etag: string | undefined,
): void {
  if ((etag ?? "") !== "" && etag !== etagFor(resource)) {
    throw googleError("ABORTED", "The etag does not match the current version of the resource.");
  }
}

/** Whether a parameter of the query is set to true. */
export function isTrue(value: string | undefined): boolean {
  return value === "true";
}
