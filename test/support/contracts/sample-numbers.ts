import { NEW_BOOK, NEW_STANDING, inWeek } from "../../../shared/domain/numbers/book.ts";
import type { NumbersBook } from "../../../shared/domain/numbers/book.ts";
import { addLength, NO_SPREAD } from "../../../shared/domain/numbers/spread.ts";
import { NO_TALLY } from "../../../shared/domain/numbers/tally.ts";
import { dueOf } from "../../../shared/domain/numbers/sum.ts";
import type { Due } from "../../../shared/domain/numbers/sum.ts";
import { minutes } from "../../../shared/domain/time.ts";
import { anEnvironment, aService, START } from "../builders.ts";

/** A book with something of every kind in it. */
export function sampleNumbers(): NumbersBook {
  const spread = addLength(NO_SPREAD, minutes(7));
  const tally = { ...NO_TALLY, deployments: 1, lead: spread, blocked: { hold: spread } };
  const counted = inWeek(NEW_BOOK, START, (week) => ({ ...week, tallies: { prod: tally } }));
  const standing = { ...NEW_STANDING, failingSince: START, waiting: { "r-1-to-prod-0001": START } };
  return { ...counted, standings: { prod: standing } };
}

/** What such a book has, due to those owners. */
export function sampleDue(owners: readonly string[]): Due {
  return dueOf(aService({ owners, environments: [anEnvironment("prod")] }), sampleNumbers());
}
