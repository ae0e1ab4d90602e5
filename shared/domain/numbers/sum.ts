import { entryOf } from "../entry-of.ts";
import { toOwnerKey } from "../owner-key.ts";
import type { Service } from "../service.ts";
import { sizeOf } from "../size.ts";
import { WEEKS_MAX, weekOf } from "./book.ts";
import type { NumbersBook } from "./book.ts";
import { count } from "./count.ts";
import type { Counted } from "./count.ts";
import { addCounts, NO_COUNTS, productionOf } from "./figures.ts";
import type { Counts, Range } from "./figures.ts";
import { addTallies, NO_TALLY } from "./tally.ts";

/** What was counted in production in one week, of one service or of several. */
export type WeekCounts = { readonly week: number; readonly counts: Counts };

/** Weeks in which anything was counted in production, the newest last. */
export type Sum = readonly WeekCounts[];

/** What was counted of a service and is not in the sums yet, by the keys of the owners that it had at the time. */
export type Due = readonly { readonly owners: readonly string[]; readonly counted: Sum }[];

/** Of how many changes of owners what is due is kept apart: a minute's work, unless nothing takes it in. */
const DUE_OWNERS_MAX = 4;

/** To how many of its owners' sums a service is added. */
const OWNERS_SUMMED_MAX = 20;

/** How large it may become of one set of owners; the oldest weeks go first. */
const DUE_BYTES_MAX = 16 * 1024;

/** How large a sum may become; the oldest weeks go first. */
const SUM_BYTES_MAX = 256 * 1024;

/** What is kept of a service's numbers. */
export type Numbers = { readonly numbers: NumbersBook; readonly due: Due };

/** Counts records, and keeps what came of them until it is taken into the sums of the service's owners, and of all. */
export function countRecords(
  { numbers, due }: Numbers,
  service: Service,
  records: readonly Counted[],
): Numbers {
  // Without the weeks that are counted already, the book's weeks are what these records add.
  const fresh = records.reduce(count, { ...numbers, weeks: [] });
  return { numbers: records.reduce(count, numbers), due: addDue(due, dueOf(service, fresh)) };
}

/** All that a service's book has, as what is due: of a document from before there were sums. */
export function dueOf(service: Service, book: NumbersBook): Due {
  const counted = sumOf(service, book);
  const owners = [...new Set(service.owners.map(toOwnerKey))].slice(0, OWNERS_SUMMED_MAX);
  return counted.length === 0 ? [] : [{ owners, counted }];
}

function addDue(due: Due, more: Due): Due {
  let next = due;
  for (const { owners, counted } of more) {
    const last = next.at(-1);
    const isSame = last?.owners.join("\n") === owners.join("\n");
    next =
      last !== undefined && (isSame || next.length >= DUE_OWNERS_MAX)
        ? [
            ...next.slice(0, -1),
            { owners, counted: within(DUE_BYTES_MAX, addSums(last.counted, counted)) },
          ]
        : [...next, { owners, counted }];
  }
  return next;
}

/** A service's counts in its production environments, by week. */
export function sumOf(service: Service, { weeks }: NumbersBook): Sum {
  const places = productionOf(service);
  return weeks.flatMap(({ week, tallies, detection }) => {
    const own = places.flatMap((place) => entryOf(tallies, place) ?? []);
    const counts = { tally: own.reduce(addTallies, NO_TALLY), detection };
    return own.length === 0 && detection.count === 0 ? [] : [{ week, counts }];
  });
}

/** Both together: the last weeks that either has. */
export function addSums(one: Sum, other: Sum): Sum {
  const byWeek = new Map(one.map((counted) => [counted.week, counted] as const));
  for (const { week, counts } of other) {
    byWeek.set(week, { week, counts: addCounts(byWeek.get(week)?.counts ?? NO_COUNTS, counts) });
  }
  const weeks = [...byWeek.values()].toSorted((left, right) => left.week - right.week);
  return within(SUM_BYTES_MAX, weeks.slice(-WEEKS_MAX));
}

function within(bytesMax: number, sum: Sum): Sum {
  let kept = sum;
  while (kept.length > 1 && sizeOf(kept) > bytesMax) {
    kept = kept.slice(1);
  }
  return kept;
}

/** What a sum has of the weeks of a range. */
export function countsIn(sum: Sum, { from, to }: Range): Counts {
  return sum
    .filter(({ week }) => week >= weekOf(from) && week <= weekOf(to))
    .reduce<Counts>((all, { counts }) => addCounts(all, counts), NO_COUNTS);
}

/** A service's counts in its production environments, over the weeks of a range, as far as these are kept. */
export function countsOf(service: Service, book: NumbersBook, range: Range): Counts {
  return countsIn(sumOf(service, book), range);
}

/** A sum of an owner, by the owner's key, or with null of all, with what is due. */
export function takeInto(sum: Sum, owner: string | null, due: Due): Sum {
  return due
    .filter(({ owners }) => owner === null || owners.includes(owner))
    .reduce((all, { counted }) => addSums(all, counted), sum);
}
