import { describe, expect, test } from "vitest";
import { refuseStale } from "../../shared/app/stale-tick.ts";
import { instant } from "../../shared/domain/time.ts";
import type { TickKind } from "../../shared/domain/control.ts";
import { memoryPorts } from "../support/memory-ports.ts";

const MINUTE_MS = 60_000;

/** What becomes of a tick that was published so long ago. */
function tickOf(kind: TickKind, ageMs: number): unknown {
  const { ports } = memoryPorts();
  return refuseStale(ports, { kind, at: instant(ports.clock.now() - ageMs) });
}

describe("a tick of a minute", () => {
  test("is taken while it is 5 minutes old, and passed over one millisecond later", () => {
    expect(tickOf("minute", 5 * MINUTE_MS)).toBe(null);
    expect(tickOf("minute", 5 * MINUTE_MS + 1)).toEqual({
      kind: "ignored",
      why: "the tick is 5m old: a newer one sees what it would see",
    });
  });

  test("is taken when it seems to come from the future, or does not say its time", () => {
    expect(tickOf("minute", -60 * MINUTE_MS)).toBe(null);
    expect(refuseStale(memoryPorts().ports, { kind: "minute", at: null })).toBe(null);
  });
});

test.each(["hour", "day"] as const)("a tick of an %s is taken however old it is", (kind) => {
  expect(tickOf(kind, 24 * 60 * MINUTE_MS)).toBe(null);
});
