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
  const last = pageToken === "" ? null : readToken(list, pageToken);
  const start = last === null ? 0 : items.findIndex((item) => keyOf(item) === last) + 1;
  if (last !== null && start === 0) {
    throw new PermanentError("INVALID_ARGUMENT", `the page token of ${list} points nowhere`);
  }
  const page = items.slice(start, start + pageSize);
  const end = page.at(-1);
  const isLast = end === undefined || start + page.length >= items.length;
  return { items: page, nextPageToken: isLast ? "" : toToken(list, keyOf(end)) };
}

function toToken(list: string, key: string): string {
  return Buffer.from(`${list}\n${key}`).toString("base64url");
}

function readToken(list: string, token: string): string {
  const [of, key] = Buffer.from(token, "base64url").toString().split("\n");
  if (of !== list || key === undefined) {
    throw new PermanentError("INVALID_ARGUMENT", `this is no page token of ${list}`);
  }
  return key;
}
