import { addCounts, countsOf, NO_COUNTS } from "../domain/numbers/figures.ts";
import type { Counts, Range } from "../domain/numbers/figures.ts";
import type { DecidingPorts } from "../ports/ports.ts";
import { listReadable } from "./readable.ts";
import type { RightsDesk } from "./rights.ts";

/** How many services are read in one page to be counted, and how many pages: 10,000 services. */
const COUNT_PAGE_SIZE = 200;
const COUNT_PAGES_MAX = 50;

/** The counts of several services together, one for each range that was asked for. */
export type Counted = { readonly counts: readonly Counts[]; readonly services: number };

/**
 * Counts the services that a caller may read, or with `owner` those of that owner. What is counted stands in each
 * service's own document: one read a service, whatever its history.
 */
export async function countServices(
  ports: DecidingPorts,
  desk: RightsDesk,
  { owner, ranges }: { readonly owner: string | null; readonly ranges: readonly Range[] },
): Promise<Counted> {
  let counted: Counted = { counts: ranges.map(() => NO_COUNTS), services: 0 };
  let pageToken = "";
  for (let page = 1; page <= COUNT_PAGES_MAX; page += 1) {
    const request = { pageSize: COUNT_PAGE_SIZE, pageToken };
    const { items, nextPageToken } = await listReadable(ports, desk, request);
    for (const found of items) {
      if (found.kind === "readable" && isOf(owner, found.seen.state.service.owners)) {
        const { state, numbers } = found.seen;
        counted = {
          counts: ranges.map((range, index) =>
            addCounts(counted.counts[index] ?? NO_COUNTS, countsOf(state.service, numbers, range)),
          ),
          services: counted.services + 1,
        };
      }
    }
    pageToken = nextPageToken;
    if (pageToken === "") {
      break;
    }
  }
  return counted;
}

function isOf(owner: string | null, owners: readonly string[]): boolean {
  return owner === null || owners.includes(owner);
}
