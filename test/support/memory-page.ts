import { readPageToken, toPageToken } from "../../shared/adapters/page-token.ts";
import { PermanentError } from "../../shared/ports/errors.ts";
import type { Page, PageRequest } from "../../shared/ports/store.ts";

/** A page of a list in memory; its token names the list and the last item given. */
export function memoryPage<Item>({
  list,
  items,
  keyOf,
  request,
}: {
  readonly list: string;
  readonly items: readonly Item[];
  readonly keyOf: (item: Item) => string;
  readonly request: PageRequest;
}): Page<Item> {
  const { pageSize, pageToken } = request;
  const last = pageToken === "" ? null : readPageToken(list, pageToken, 1)[0];
  const start = last === null ? 0 : items.findIndex((item) => keyOf(item) === last) + 1;
  if (last !== null && start === 0) {
    throw new PermanentError("INVALID_ARGUMENT", `the page token of ${list} points nowhere`);
  }
  const page = items.slice(start, start + pageSize);
  const end = page.at(-1);
  const isLast = end === undefined || start + page.length >= items.length;
  return { items: page, nextPageToken: isLast ? "" : toPageToken(list, [keyOf(end)]) };
}
