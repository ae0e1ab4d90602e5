import type { AuditRecord, FactKind } from "../audit-record.ts";
import { entryOf } from "../entry-of.ts";
import type { GateReport } from "../gates/verdict.ts";
import { between } from "../time.ts";
import type { Duration, Instant } from "../time.ts";
import { inWeek, NEW_STANDING, WAITS_MAX } from "./book.ts";
import type { NumbersBook, Standing } from "./book.ts";
import { momentOf } from "./moment.ts";
import { addLength, NO_SPREAD } from "./spread.ts";
import { NO_TALLY } from "./tally.ts";
import type { Tally } from "./tally.ts";

/** What of a record is counted. */
export type Counted = Pick<
  AuditRecord,
  "kind" | "by" | "time" | "environment" | "release" | "promotion" | "verdicts" | "details"
>;

/**
 * Counts one record. The numbers follow from the records and their order alone. So counting a chain anew gives the same
 * numbers, and an event that came twice is counted once, because it has one record.
 */
export function count(book: NumbersBook, record: Counted): NumbersBook {
  if (record.kind === "release.created") {
    return countDetection(book, record);
  }
  const { environment } = record;
  return environment === null
    ? book
    : (RULES[record.kind]?.({ book, environment, record }) ?? book);
}

function countDetection(book: NumbersBook, { by, time, details }: Counted): NumbersBook {
  const pushed = by === "registry" ? momentOf(details["pushed"]) : null;
  return pushed === null
    ? book
    : inWeek(book, time, (week) => ({
        ...week,
        detection: addLength(week.detection, between(pushed, time)),
      }));
}

type Place = {
  readonly book: NumbersBook;
  readonly environment: string;
  readonly record: Counted;
};

/** The steps at which a promotion has changed what runs, or begun to. */
const FROM_ROLLOUT: ReadonlySet<string> = new Set(["rollout", "verify", "bake", "contract"]);

/** How each kind of record is counted. Kinds that are not here are not counted. */
const RULES: Partial<Readonly<Record<FactKind, (place: Place) => NumbersBook>>> = {
  "promotion.requested": (place) =>
    place.record.details["kind"] === "rollback" ? takenBack(place) : asked(place),
  "promotion.started": waited,
  "release.deployed": deployed,
  "promotion.succeeded": succeeded,
  "promotion.failed": failed,
  "promotion.cancelled": (place) => forget(waited(place), place),
  "promotion.rejected": (place) => forget(waited(place), place),
  "promotion.superseded": (place) => forget(place.book, place),
  "incident.opened": noticed,
  "incident.closed": (place) => stand(place, { incidentAt: null }),
};

function standingOf({ book, environment }: Place): Standing {
  return entryOf(book.standings, environment) ?? NEW_STANDING;
}

function stand(place: Place, parts: Partial<Standing>): NumbersBook {
  const { book, environment } = place;
  const standing = { ...standingOf(place), ...parts };
  return { ...book, standings: { ...book.standings, [environment]: standing } };
}

function tally({ book, environment, record }: Place, change: (tally: Tally) => Tally): NumbersBook {
  return inWeek(book, record.time, (week) => {
    const known = entryOf(week.tallies, environment) ?? NO_TALLY;
    return { ...week, tallies: { ...week.tallies, [environment]: change(known) } };
  });
}

function asked(place: Place): NumbersBook {
  const { promotion, time } = place.record;
  const entries = Object.entries(standingOf(place).waiting);
  const waiting = Object.fromEntries(
    [...entries, [promotion ?? "", time] as const].slice(-WAITS_MAX),
  );
  return stand(place, { waiting });
}

/** Counts how long each gate kept the promotion waiting: until it opened for the last time, or until the end. */
function waited(place: Place): NumbersBook {
  const { promotion, verdicts, time } = place.record;
  const { [promotion ?? ""]: since, ...waiting } = standingOf(place).waiting;
  if (since === undefined) {
    return place.book;
  }
  const waits = verdicts.flatMap((report) => {
    const length = blockedFor(report, since, time);
    return length > 0 ? [{ gate: report.gate, length }] : [];
  });
  const book = stand(place, { waiting });
  return waits.length === 0
    ? book
    : tally({ ...place, book }, (known) => {
        const blocked = { ...known.blocked };
        for (const { gate, length } of waits) {
          blocked[gate] = addLength(blocked[gate] ?? NO_SPREAD, length);
        }
        return { ...known, blocked };
      });
}

function blockedFor({ verdict, since }: GateReport, from: Instant, end: Instant): Duration {
  switch (verdict.kind) {
    case "CLOSED":
      return between(from, end);
    case "OPEN":
      return between(from, since);
    case "WARNING":
      return between(end, end);
  }
}

function deployed(place: Place): NumbersBook {
  const { time, release, details } = place.record;
  const standing = standingOf(place);
  const kind = details["kind"] ?? "";
  if (kind === "rollback" || kind === "restore") {
    const back = restored(place, standing.failingSince);
    return stand(
      { ...place, book: back },
      {
        current: release,
        failingSince: null,
        incidentAt: null,
      },
    );
  }
  const pushed = isNewImage(release, details["replaced"]) ? momentOf(details["pushed"]) : null;
  const counted = tally(place, (known) => ({
    ...known,
    deployments: known.deployments + 1,
    lead: pushed === null ? known.lead : addLength(known.lead, between(pushed, time)),
  }));
  return stand({ ...place, book: counted }, { current: release, incidentAt: null });
}

/** Whether two releases have different images. A release's id is the image's id and then the revision. */
function isNewImage(release: string | null, replaced: string | undefined): boolean {
  return imagePart(release ?? "") !== imagePart(replaced ?? "");
}

function imagePart(release: string): string {
  return release.slice(0, Math.max(0, release.lastIndexOf("-")));
}

/** A promotion forward that succeeds ends what was failing. */
function succeeded(place: Place): NumbersBook {
  const { failingSince } = standingOf(place);
  return stand({ ...place, book: restored(place, failingSince) }, { failingSince: null });
}

function restored(place: Place, since: Instant | null): NumbersBook {
  return since === null
    ? place.book
    : tally(place, (known) => ({
        ...known,
        restore: addLength(known.restore, between(since, place.record.time)),
      }));
}

/** Counts a failed promotion as a failure only if its rollout had begun: before that nothing has changed. */
function failed(place: Place): NumbersBook {
  const { release, details } = place.record;
  const after = forget(waited(place), place);
  return release !== null && FROM_ROLLOUT.has(details["step"] ?? "")
    ? fail({ ...place, book: after }, release)
    : after;
}

/** Counts a requested rollback as a failure of the release that it leaves. */
function takenBack(place: Place): NumbersBook {
  const left = place.record.details["left"] ?? "";
  return left === "" || standingOf(place).failingSince !== null ? place.book : fail(place, left);
}

/** Counts a failure, unless the same release is failing already: a retry or a rollback of it is no second failure. */
function fail(place: Place, release: string): NumbersBook {
  const { current, failed: last, failingSince, incidentAt } = standingOf(place);
  const since = failingSince ?? (release === current ? incidentAt : null) ?? place.record.time;
  const isCounted = last === release && failingSince !== null;
  const counted = isCounted
    ? place.book
    : tally(place, (known) => ({
        ...known,
        failures: known.failures + 1,
        aborted: known.aborted + (release === current ? 0 : 1),
      }));
  return stand({ ...place, book: counted }, { failed: release, failingSince: since });
}

function noticed(place: Place): NumbersBook {
  const { incidentAt } = standingOf(place);
  return incidentAt === null ? stand(place, { incidentAt: place.record.time }) : place.book;
}

/** Forgets that a promotion waits, because it has ended. */
function forget(book: NumbersBook, place: Place): NumbersBook {
  const { [place.record.promotion ?? ""]: _ended, ...waiting } = standingOf({
    ...place,
    book,
  }).waiting;
  return stand({ ...place, book }, { waiting });
}
