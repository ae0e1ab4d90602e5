import { describe, expect, test } from "vitest";

import { temporalCalendar } from "../../shared/adapters/temporal-calendar.ts";
import type { WeeklyWindow, WindowPolicy, WindowReading } from "../../shared/domain/policy.ts";
import { instant } from "../../shared/domain/time.ts";

const HOLIDAYS = { from: "2026-12-20", to: "2027-01-02", reason: "holidays" };
const BERLIN: WindowPolicy = {
  timeZone: "Europe/Berlin",
  weekly: [{ days: ["Mon", "Tue", "Wed", "Thu"], from: "09:00", to: "16:00" }],
  freezes: [],
};

function read(policy: WindowPolicy, at: string): WindowReading {
  return temporalCalendar().read(policy, instant(Date.parse(at)));
}

/** `open`, or when it opens in UTC, or `never`. */
function opening(policy: WindowPolicy, at: string): string {
  const reading = read(policy, at);
  if (reading.kind === "open") {
    return "open";
  }
  return reading.opensAt === null ? "never" : new Date(reading.opensAt).toISOString();
}

/** Why it is closed; empty when it is open. */
function reason(policy: WindowPolicy, at: string): string {
  const reading = read(policy, at);
  return reading.kind === "open" ? "" : reading.reason;
}

function onSundays(timeZone: string, from: string, to: string): WindowPolicy {
  const sundays: WeeklyWindow = { days: ["Sun"], from, to };
  return { timeZone, weekly: [sundays], freezes: [] };
}

describe("a weekly window", () => {
  test.for([
    ["2026-11-23T07:59:59.999Z", "2026-11-23T08:00:00.000Z", "one millisecond early"],
    ["2026-11-23T08:00:00.000Z", "open", "when it begins"],
    ["2026-11-23T14:59:59.999Z", "open", "one millisecond before it ends"],
    ["2026-11-23T15:00:00.000Z", "2026-11-24T08:00:00.000Z", "when it ends"],
    ["2026-11-20T10:00:00.000Z", "2026-11-23T08:00:00.000Z", "on a day without one"],
    ["2026-11-26T15:00:00.000Z", "2026-11-30T08:00:00.000Z", "after the week's last"],
    ["2027-03-26T12:00:00.000Z", "2027-03-29T07:00:00.000Z", "before summer time"],
    ["2026-10-23T15:00:00.000Z", "2026-10-26T08:00:00.000Z", "before winter time"],
  ])("in Berlin at %s: %s, %s", ([at = "", expected]) => {
    expect(opening(BERLIN, at)).toBe(expected);
  });

  test("opens by the clock of its own time zone, to the quarter of an hour", () => {
    const policy = { ...BERLIN, timeZone: "Asia/Kathmandu" };
    expect(opening(policy, "2026-11-23T03:14:59.999Z")).toBe("2026-11-23T03:15:00.000Z");
    expect(opening(policy, "2026-11-23T03:15:00.000Z")).toBe("open");
    expect(opening(policy, "2026-11-23T10:15:00.000Z")).toBe("2026-11-24T03:15:00.000Z");
  });

  test("until 24:00 goes on into the next day's without a gap", () => {
    const policy: WindowPolicy = {
      ...BERLIN,
      weekly: [
        { days: ["Mon"], from: "20:00", to: "24:00" },
        { days: ["Tue"], from: "00:00", to: "04:00" },
      ],
    };
    expect(opening(policy, "2026-11-23T12:00:00.000Z")).toBe("2026-11-23T19:00:00.000Z");
    expect(opening(policy, "2026-11-23T22:59:59.999Z")).toBe("open");
    expect(opening(policy, "2026-11-23T23:00:00.000Z")).toBe("open");
    expect(opening(policy, "2026-11-24T03:00:00.000Z")).toBe("2026-11-30T19:00:00.000Z");
  });

  test("on no day never opens", () => {
    const policy = { ...BERLIN, weekly: [{ days: [], from: "09:00", to: "16:00" }] };
    expect(opening(policy, "2026-11-23T09:00:00.000Z")).toBe("never");
  });

  test("that there is none of means always", () => {
    expect(opening({ ...BERLIN, weekly: [] }, "2026-11-22T02:00:00.000Z")).toBe("open");
  });
});

describe("where clocks change", () => {
  const berlin = onSundays("Europe/Berlin", "02:30", "03:30");
  const newYork = onSundays("America/New_York", "02:30", "04:00");
  const twice = onSundays("America/New_York", "01:30", "02:00");
  const whole = onSundays("America/New_York", "00:00", "24:00");
  const island = onSundays("Australia/Lord_Howe", "02:15", "03:00");
  const islandTwice = onSundays("Australia/Lord_Howe", "01:45", "02:00");
  test.for([
    ["Berlin springs over its beginning", berlin, "2027-03-27T12:00Z", "2027-03-28T01:00:00.000Z"],
    ["Berlin, it began with the jump", berlin, "2027-03-28T01:29:59.999Z", "open"],
    ["Berlin, it ended at 03:30", berlin, "2027-03-28T01:30Z", "2027-04-04T00:30:00.000Z"],
    ["Berlin, its first 02:30", berlin, "2026-10-24T12:00Z", "2026-10-25T00:30:00.000Z"],
    ["Berlin, it is 02:00 again", berlin, "2026-10-25T01:00Z", "2026-10-25T01:30:00.000Z"],
    ["Berlin, after its second 02:30", berlin, "2026-10-25T02:29:59.999Z", "open"],
    ["Berlin, it is 03:30", berlin, "2026-10-25T02:30Z", "2026-11-01T01:30:00.000Z"],
    ["New York springs", newYork, "2027-03-13T12:00Z", "2027-03-14T07:00:00.000Z"],
    ["New York, an hour before the jump", newYork, "2027-03-14T06:00Z", "2027-03-14T07:00:00.000Z"],
    ["New York, its first 01:30", twice, "2026-10-31T12:00Z", "2026-11-01T05:30:00.000Z"],
    ["New York, it is 01:00 again", twice, "2026-11-01T06:00Z", "2026-11-01T06:30:00.000Z"],
    ["New York, it is 02:00", twice, "2026-11-01T07:00Z", "2026-11-08T06:30:00.000Z"],
    ["New York, a day of 25 hours begins", whole, "2026-10-31T12:00Z", "2026-11-01T04:00:00.000Z"],
    ["New York, its last millisecond", whole, "2026-11-02T04:59:59.999Z", "open"],
    ["New York, it is over", whole, "2026-11-02T05:00Z", "2026-11-08T05:00:00.000Z"],
    ["New York, a day of 23 hours is over", whole, "2027-03-15T04:00Z", "2027-03-21T04:00:00.000Z"],
    ["Lord Howe springs by 30 minutes", island, "2026-10-03T12:00Z", "2026-10-03T15:30:00.000Z"],
    ["Lord Howe, its first 01:45", islandTwice, "2027-04-03T12:00Z", "2027-04-03T14:45:00.000Z"],
    ["Lord Howe, 01:30 again", islandTwice, "2027-04-03T15:00Z", "2027-04-03T15:15:00.000Z"],
    ["Lord Howe, it is 02:00", islandTwice, "2027-04-03T15:30Z", "2027-04-10T15:15:00.000Z"],
  ] as const)("%s", ([, policy, at, expected]) => {
    expect(opening(policy, at)).toBe(expected);
  });

  test("a window in the hour that is left out does not open that day", () => {
    const policy = onSundays("Europe/Berlin", "02:00", "03:00");
    expect(opening(policy, "2027-03-27T12:00Z")).toBe("2027-04-04T00:00:00.000Z");
  });

  test("a window on a day that is left out opens a week later", () => {
    const policy: WindowPolicy = {
      timeZone: "Pacific/Apia",
      weekly: [{ days: ["Fri"], from: "09:00", to: "16:00" }],
      freezes: [],
    };
    expect(opening(policy, "2011-12-30T06:00Z")).toBe("2012-01-05T19:00:00.000Z");
  });
});

describe("a freeze", () => {
  const frozen = { ...BERLIN, weekly: [], freezes: [HOLIDAYS] };
  test.for([
    ["2026-12-19T22:59:59.999Z", "open", "before its first day"],
    ["2026-12-19T23:00:00.000Z", "2027-01-02T23:00:00.000Z", "as its first day begins"],
    ["2027-01-02T22:59:59.999Z", "2027-01-02T23:00:00.000Z", "as its last day ends"],
    ["2027-01-02T23:00:00.000Z", "open", "after its last day"],
  ])("at %s: %s, %s in its time zone", ([at = "", expected]) => {
    expect(opening(frozen, at)).toBe(expected);
  });

  test("is passed over on the way to the next window", () => {
    const policy = { ...BERLIN, freezes: [HOLIDAYS] };
    expect(opening(policy, "2026-12-17T15:00Z")).toBe("2027-01-04T08:00:00.000Z");
    expect(opening(policy, "2026-12-21T10:00Z")).toBe("2027-01-04T08:00:00.000Z");
  });

  test("that goes on where another ends is one stretch", () => {
    const more = { from: "2027-01-03", to: "2027-01-05", reason: "inventory" };
    const policy = { ...frozen, freezes: [HOLIDAYS, more] };
    expect(opening(policy, "2026-12-21T10:00Z")).toBe("2027-01-05T23:00:00.000Z");
  });

  test.for([
    ["2028-11-19", "2028-11-19T23:00:00.000Z", "within two years"],
    ["2028-11-20", "never", "beyond"],
  ])("until %s is looked through: %s, %s", ([to = "", expected]) => {
    const policy = { ...frozen, freezes: [{ from: "2026-01-01", to, reason: "" }] };
    expect(opening(policy, "2026-11-20T10:00Z")).toBe(expected);
  });
});

describe("the reason", () => {
  test("names the window and its time zone", () => {
    expect(reason(BERLIN, "2026-11-20T10:00Z")).toBe(
      "outside the window Mon-Thu 09:00-16:00 Europe/Berlin",
    );
  });

  test("names every window, and its days in the week's order", () => {
    const late: WeeklyWindow = { days: ["Sun", "Wed", "Mon", "Tue"], from: "20:00", to: "24:00" };
    expect(reason({ ...BERLIN, weekly: [...BERLIN.weekly, late] }, "2026-11-20T10:00Z")).toBe(
      "outside the windows Mon-Thu 09:00-16:00, Mon-Wed,Sun 20:00-24:00 Europe/Berlin",
    );
  });

  test("names the freeze that lasts longest, and why there is one", () => {
    const audit = { from: "2026-12-24", to: "2026-12-27", reason: "audit" };
    const policy = { ...BERLIN, freezes: [audit, HOLIDAYS] };
    expect(reason(policy, "2026-12-25T10:00Z")).toBe("freeze until 2027-01-02: holidays");
  });

  test("says that a time zone is not known, and keeps it closed", () => {
    const reading = read({ ...BERLIN, timeZone: "Europe/Atlantis" }, "2026-11-23T09:00Z");
    expect(reading).toEqual({
      kind: "closed",
      reason: "the time zone Europe/Atlantis is not known",
      opensAt: null,
    });
  });
});
