import { addCounts, NO_COUNTS } from "../domain/numbers/figures.ts";
import type { Counts, Range } from "../domain/numbers/figures.ts";
import { countsIn, countsOf } from "../domain/numbers/sum.ts";
import { ownerKey } from "../domain/search-keys.ts";
import type { DecidingPorts } from "../ports/ports.ts";
import { listReadable } from "./readable.ts";
import { hasRight } from "./rights.ts";
import type { RightsDesk } from "./rights.ts";

/** How many services are read in one page to be counted, and how many pages: 10,000 services. */
const COUNT_PAGE_SIZE = 200;
const COUNT_PAGES_MAX = 50;

/** The counts of several services together, one for each range that was asked for. */
export type Counted = { readonly counts: readonly Counts[]; readonly services: number };

/** Whose services are counted, null for everybody's, and in which ranges of weeks. */
type Asked = { readonly owner: string | null; readonly ranges: readonly Range[] };

/**
 * The counts of an owner's services, or of all. For somebody who may read all they stand in one document, as the last
 * minute's tick took them in. For somebody else the services that they may read are counted, with one read for each
 * that is gone through.
 */
export async function countServices(
  ports: DecidingPorts,
  desk: RightsDesk,
  asked: Asked,
): Promise<Counted> {
  if (!(await hasRight(desk, { right: "read-all" }))) {
    return countReadable(ports, desk, asked);
  }
  const { owner, ranges } = asked;
  const [sum, services] = await Promise.all([
    ports.store.sum(owner),
    ports.store.countServices(owner),
  ]);
  return { counts: ranges.map((range) => countsIn(sum, range)), services };
}

async function countReadable(
  ports: DecidingPorts,
  desk: RightsDesk,
  { owner, ranges }: Asked,
): Promise<Counted> {
  const having = owner === null ? [] : [ownerKey(owner)];
  let counted: Counted = { counts: ranges.map(() => NO_COUNTS), services: 0 };
  let pageToken = "";
  for (let page = 1; page <= COUNT_PAGES_MAX; page += 1) {
    const request = { pageSize: COUNT_PAGE_SIZE, pageToken, having };
    const { items, nextPageToken } = await listReadable(ports, desk, request);
    for (const found of items) {
      if (found.kind === "readable") {
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
