import { PermanentError } from "../ports/errors.ts";
import type { DecidingPorts } from "../ports/ports.ts";
import type { ListedService, Page } from "../ports/store.ts";

/** How many services are read in one page of a sweep. */
const SWEEP_PAGE_SIZE = 50;

/** How many pages one sweep reads at most: 10 000 services. */
const SWEEP_PAGES_MAX = 200;

/** Which services are read, and in what order. */
export type Pages = {
  /** Only those that have something under way. */
  readonly inFlight: boolean;
  /** The page that comes first, by its token; the pages before it come last. Empty or left out: the first page. */
  readonly from?: string;
  /** Is called with a page's token, and with that of the next one, before its services are given. */
  readonly reached?: (pageToken: string, next: string) => void;
};

type Read = { readonly token: string; readonly page: Page<ListedService> };

/** The services one by one, read page by page. */
export async function* eachService(
  ports: DecidingPorts,
  { inFlight, from = "", reached }: Pages,
): AsyncIterable<ListedService> {
  const read = async (token: string): Promise<Read> => {
    const request = { pageSize: SWEEP_PAGE_SIZE, pageToken: token, inFlight };
    return { token, page: await ports.store.listServices(request) };
  };
  const start = await readKnown(read, from);
  let current = start;
  let isSecondRound = false;
  for (let count = 1; count <= SWEEP_PAGES_MAX; count += 1) {
    const next = current.page.nextPageToken;
    reached?.(current.token, next);
    yield* current.page.items;
    // Where pages begin may have moved since: the second round ends at the list's end at the latest.
    if (next === start.token || (next === "" && isSecondRound)) {
      return;
    }
    isSecondRound ||= next === "";
    current = await read(next);
  }
}

/** A token that the store does not know, such as an older version's, means the first page. */
async function readKnown(read: (token: string) => Promise<Read>, token: string): Promise<Read> {
  try {
    return await read(token);
  } catch (error) {
    if (error instanceof PermanentError && token !== "") {
      return read("");
    }
    throw error;
  }
}
