import { PermanentError } from "../ports/errors.ts";
import { callOutside } from "./outside-call.ts";

/** How many pages are read before a list is given up. */
const PAGES_MAX = 20;

/** One page of a list. */
export type RestPage<Item> = { readonly items: readonly Item[]; readonly nextPageToken: string };

/**
 * Everything on all pages of a list.
 * @throws TransientError or PermanentError when a page cannot be read, or there are too many.
 */
export async function listPages<Item>(
  resource: string,
  read: (pageToken: string) => Promise<RestPage<Item>>,
): Promise<readonly Item[]> {
  const found: Item[] = [];
  let pageToken = "";
  for (let page = 1; page <= PAGES_MAX; page += 1) {
    const asked = pageToken;
    const { items, nextPageToken } = await callOutside(resource, () => read(asked));
    found.push(...items);
    if (nextPageToken === "") {
      return found;
    }
    pageToken = nextPageToken;
  }
  throw new PermanentError("RESOURCE_EXHAUSTED", `${resource} has more than ${PAGES_MAX} pages`);
}
