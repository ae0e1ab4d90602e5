import { describe, expect, test } from "vitest";
import { lengthInWords, stamp, toWords } from "../../functions/web/parts/moments.ts";
import { instant } from "../../shared/domain/time.ts";

describe("a length of time on a page", () => {
  test.each([
    [0, "0 s"],
    [1, "under 1 s"],
    [499, "under 1 s"],
    [500, "1 s"],
    [59_499, "59 s"],
    [60_000, "1 min"],
    [5_025_000, "1 h 23 min"],
  ])("of %i ms is told as %s", (lengthMs, text) => {
    expect(lengthInWords(lengthMs)).toBe(text);
  });
});

describe("a moment on a page", () => {
  test.each([
    [-200, "just now"],
    [-3000, "3 seconds ago"],
    [-3_599_000, "1 hour ago"],
    [7_200_000, "in 2 hours"],
  ])("%i ms away is told as %s", (distanceMs, text) => {
    expect(toWords(distanceMs)).toBe(text);
  });

  test("has the exact one below it in a table, to the second", async () => {
    const at = instant(Date.parse("2026-11-20T10:00:07.900Z"));
    const text = String(await stamp(at, instant(at + 60_000)));
    expect(text).toMatch(
      />1 minute ago<\/time\s*>\s*<div class="label">2026-11-20 10:00:07<\/div>/,
    );
  });
});
