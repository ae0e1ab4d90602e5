import { describe, expect, test } from "vitest";
import { lengthText, relative } from "../../infra/cli/time-text.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("a length of time", () => {
  test.each([
    [999, ""],
    [SECOND, "1s"],
    [MINUTE - 501, "59s"],
    [MINUTE - 500, "1m"],
    [HOUR - MINUTE, "59m"],
    [HOUR - 1, "1h"],
    [90 * MINUTE, "2h"],
    [DAY - HOUR, "23h"],
    [DAY - 1, "1d"],
    [40 * DAY, "40d"],
  ])("of %i ms is told as %j", (lengthMs, told) => {
    expect(lengthText(lengthMs)).toBe(told);
  });

  test("is ago, or to come, or now", () => {
    const at = "2026-11-28T12:00:00Z";
    const now = Date.parse(at);
    expect(relative(at, now + 2 * HOUR)).toBe("2h ago");
    expect(relative(at, now - 2 * HOUR)).toBe("in 2h");
    expect(relative(at, now)).toBe("now");
  });
});
