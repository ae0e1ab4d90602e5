import { sizedPages } from "../support/sized-pages.ts";
import type { Size } from "../support/sized-documents.ts";
import { openSizedWorld } from "../support/sized-world.ts";
import type { PageCost } from "../support/sized-world.ts";
import { aimed, median } from "./figure.ts";
import type { Figure } from "./figure.ts";

/** A page shows at most 50 of each, so both have more than a page of everything. */
const SMALL: Size = { services: 160, entries: 1000 };
const LARGE: Size = { services: 2000, entries: 200_000 };

/** Firestore bills a count of services by thousands, which the page of everybody's numbers says. */
const COUNTED = Math.ceil(LARGE.services / 1000) - 1;

/** How often each page is opened: the first time everything is warmed up. */
const OPENED = 4;

/**
 * What each page reads, weighs and takes in a small and in a large installation. Reads should be the same, but for a count. The times are
 * those of the local Firestore, which has no index and looks through all documents of a collection.
 */
export async function measurePages(): Promise<readonly Figure[]> {
  const small = await measure(SMALL);
  const large = await measure(LARGE);
  return large.map(({ name, reads, calls, bytes, ms }, index) => {
    const before = small[index];
    const note = `${reads} reads in ${calls} calls, ${ms.toFixed(0)} ms, ${(bytes / 1000).toFixed(1)} kB, of ${LARGE.services} services and ${LARGE.entries} entries; ${before?.reads ?? 0} reads, ${before?.ms.toFixed(0) ?? ""} ms of ${SMALL.services} and ${SMALL.entries}`;
    const more = reads - (before?.reads ?? 0);
    return aimed(`page ${name}: more reads than of a small one`, more, {
      unit: "reads",
      target: COUNTED,
      note,
    });
  });
}

async function measure(size: Size): Promise<readonly PageCost[]> {
  const world = await openSizedWorld(size);
  try {
    const costs: PageCost[] = [];
    for (const [name, path] of Object.entries(sizedPages(world.promotion))) {
      const opened: PageCost[] = [];
      for (let time = 1; time <= OPENED; time += 1) {
        opened.push(await world.open(name, path));
      }
      const last = opened.at(-1);
      if (last === undefined || last.status !== 200) {
        throw new Error(`${path} answered ${last?.status}: ${last?.text}`);
      }
      costs.push({ ...last, ms: median(opened.slice(1).map(({ ms }) => ms)) });
    }
    return costs;
  } finally {
    await world.close();
  }
}
