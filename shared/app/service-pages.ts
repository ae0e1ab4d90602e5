import type { DecidingPorts } from "../ports/ports.ts";
import type { ListedService } from "../ports/store.ts";

/** How many services are read in one page of a sweep. */
const SWEEP_PAGE_SIZE = 50;

/** How many pages one sweep reads at most: 10 000 services. */
const SWEEP_PAGES_MAX = 200;

/** The services one by one, read page by page, or with `inFlight` only those that have something under way. */
export async function* eachService(
  ports: DecidingPorts,
  inFlight: boolean,
): AsyncIterable<ListedService> {
  let pageToken = "";
  for (let page = 1; page <= SWEEP_PAGES_MAX; page += 1) {
    const request = { pageSize: SWEEP_PAGE_SIZE, pageToken, inFlight };
    const { items, nextPageToken } = await ports.store.listServices(request);
    yield* items;
    if (nextPageToken === "") {
      return;
    }
    pageToken = nextPageToken;
  }
}
