import { isEverything, isWanted } from "../domain/attention.ts";
import type { ServiceFilter } from "../domain/attention.ts";
import { isExpired } from "../domain/hold.ts";
import { searchKeysFor } from "../domain/search-keys.ts";
import type { DecidingPorts } from "../ports/ports.ts";
import type { ListedService, Page, PageRequest } from "../ports/store.ts";
import { readGlobalHolds } from "./global-holds.ts";
import { listReadable } from "./readable.ts";
import type { RightsDesk } from "./rights.ts";

/** How often one search reads a page of services at most. */
const SEARCH_LOOKS_MAX = 100;

/**
 * A page of those services that a caller may read and a filter wants. A service that cannot be read is shown where
 * nothing is filtered. It costs one read a service shown, however many there are: the store finds by keys what the
 * filter wants, and next to nothing besides. A search that has looked long enough ends its page early, with a token to
 * go on.
 */
export async function searchServices(
  ports: DecidingPorts,
  desk: RightsDesk,
  { filter, ...request }: PageRequest & { readonly filter: ServiceFilter },
): Promise<Page<ListedService>> {
  if (isEverything(filter)) {
    return listReadable(ports, desk, request);
  }
  const now = ports.clock.now();
  const having = searchKeysFor(filter, filter.attention === "held" && (await isAllHeld(ports)));
  const items: ListedService[] = [];
  let { pageToken } = request;
  for (let look = 1; look <= SEARCH_LOOKS_MAX; look += 1) {
    // Never more than there is room for, so that the page's token leads on from the last service that was looked at.
    const pageSize = request.pageSize - items.length;
    const page = await listReadable(ports, desk, { pageSize, pageToken, having });
    items.push(
      ...page.items.filter(
        (found) => found.kind === "readable" && isWanted(found.seen.state, filter, now),
      ),
    );
    pageToken = page.nextPageToken;
    if (pageToken === "" || items.length >= request.pageSize) {
      break;
    }
  }
  return { items, nextPageToken: pageToken };
}

async function isAllHeld(ports: DecidingPorts): Promise<boolean> {
  const now = ports.clock.now();
  return (await readGlobalHolds(ports)).some((hold) => !isExpired(hold, now));
}
