import { parseFilter } from "../kit/filter.ts";
import { orderBy } from "../kit/order-by.ts";
import { paginate } from "../kit/page.ts";
import { googleError } from "../kit/google-error.ts";
import { isChildOf, uidFor } from "./names.ts";
import { notFound } from "./refusal.ts";
import type { List } from "./requests.ts";
import { countUp, type GkeBackup, type Resource } from "./state.ts";

const PAGE_LIMITS = { defaultSize: 100, maxSize: 1000 };

/**
 * The record of a name.
 * @throws GoogleError NOT_FOUND
 */
export function findIn<T>(records: ReadonlyMap<string, T>, name: string): T {
  const record = records.get(name);
  if (record === undefined) {
    throw notFound(name);
  }
  return record;
}

/** A page of what is in a collection, oldest first; any part of the parent may be `-`. */
export function listIn<T extends Resource>(
  records: ReadonlyMap<string, T>,
  request: List,
  view: (record: T) => object,
): { readonly items: readonly object[]; readonly nextPageToken: string } {
  const views = [...records.values()]
    .filter(({ name }) => isChildOf(name, request.parent))
    .map(view)
    .filter(parseFilter(request.filter ?? ""));
  return paginate(orderBy(views, request.orderBy), request, PAGE_LIMITS);
}

type Said = {
  readonly description?: string | undefined;
  readonly labels?: Resource["labels"] | undefined;
};

/** What every new resource begins with, beside what a caller says. */
export function newResource(
  { state }: GkeBackup,
  { description = "", labels = {} }: Said,
  { name, now }: { readonly name: string; readonly now: number },
): Resource {
  const uid = uidFor(`${name} ${countUp(state, "resources")}`);
  return { name, uid, createMs: now, updateMs: now, version: 1, description, labels };
}

/** @throws GoogleError ALREADY_EXISTS */
export function refuseTaken(records: ReadonlyMap<string, unknown>, name: string): void {
  if (records.has(name)) {
    throw googleError("ALREADY_EXISTS", `Resource '${name}' already exists`);
  }
}
