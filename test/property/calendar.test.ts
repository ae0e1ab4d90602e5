import fc from "fast-check";
import { expect, test } from "vitest";

import { DAYS_AHEAD_MAX, temporalCalendar } from "../../shared/adapters/temporal-calendar.ts";
import type { WeeklyWindow, WindowPolicy } from "../../shared/domain/policy.ts";
import { instant } from "../../shared/domain/time.ts";

const DAY_MS = 86_400_000;
const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;

const minuteOfDay = fc.integer({ min: 0, max: 1440 });
const moment = fc
  .integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2028, 0, 1) })
  .map((ms) => instant(ms));

const windows: fc.Arbitrary<WeeklyWindow> = fc
  .record({ days: fc.subarray([...WEEKDAYS]), one: minuteOfDay, other: minuteOfDay })
  .filter(({ one, other }) => one !== other)
  .map(({ days, one, other }) => ({
    days,
    from: toTimeOfDay(Math.min(one, other)),
    to: toTimeOfDay(Math.max(one, other)),
  }));

const freezes = fc
  .record({ from: moment, days: fc.integer({ min: 0, max: 30 }) })
  .map(({ from, days }) => ({ from: toDate(from), to: toDate(from + days * DAY_MS), reason: "" }));

const policies: fc.Arbitrary<WindowPolicy> = fc.record({
  timeZone: fc.oneof(
    fc.constantFrom(...Intl.supportedValuesOf("timeZone")),
    fc.constantFrom(
      "Europe/Berlin",
      "America/New_York",
      "Australia/Lord_Howe",
      "Africa/Casablanca",
    ),
  ),
  weekly: fc.array(windows, { maxLength: 3 }),
  freezes: fc.array(freezes, { maxLength: 3 }),
});

test("a closed calendar opens when it says, not a millisecond earlier, and never in between", () => {
  const calendar = temporalCalendar();
  fc.assert(
    fc.property(
      policies,
      moment,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (policy, now, part) => {
        const reading = calendar.read(policy, now);
        fc.pre(reading.kind === "closed" && reading.opensAt !== null);
        const opensAt = reading.kind === "closed" ? (reading.opensAt ?? now) : now;
        expect(opensAt).toBeGreaterThan(now);
        expect(opensAt).toBeLessThanOrEqual(now + (DAYS_AHEAD_MAX + 2) * DAY_MS);
        const between = instant(Math.floor(now + part * (opensAt - 1 - now)));
        expect(calendar.read(policy, opensAt)).toEqual({ kind: "open" });
        const justBefore = calendar.read(policy, instant(opensAt - 1));
        expect(justBefore).toMatchObject({ kind: "closed", opensAt });
        expect(calendar.read(policy, between)).toMatchObject({ kind: "closed", opensAt });
      },
    ),
    { numRuns: 300 },
  );
});

test("a calendar with a window on some day and no freeze opens within eight days", () => {
  const calendar = temporalCalendar();
  const open = policies.filter(({ weekly }) => weekly.every(({ days }) => days.length > 0));
  fc.assert(
    fc.property(open, moment, (policy, now) => {
      const reading = calendar.read({ ...policy, freezes: [] }, now);
      const opensAt = reading.kind === "open" ? now : reading.opensAt;
      // A window that lies in an hour that is left out waits for another week.
      expect(opensAt).not.toBeNull();
      expect(opensAt).toBeLessThanOrEqual(now + 15 * DAY_MS);
    }),
    { numRuns: 200 },
  );
});

function toTimeOfDay(minute: number): string {
  const hours = String(Math.floor(minute / 60)).padStart(2, "0");
  return `${hours}:${String(minute % 60).padStart(2, "0")}`;
}

function toDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
