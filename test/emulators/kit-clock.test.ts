import { describe, expect, test } from "vitest";
import { movableClock, realClock, toTimestamp } from "../../emulators/kit/clock.ts";
import { manualClock } from "../support/manual-clock.ts";

describe("the manual clock", () => {
  test("stands still until it is advanced", async () => {
    const clock = manualClock();
    const before = clock.now();
    await clock.advance(1500);
    expect(toTimestamp(before)).toBe("2026-11-20T10:00:00Z");
    expect(clock.now() - before).toBe(1500);
  });

  test("runs timers in time order, each at its own time", async () => {
    const clock = manualClock(0);
    const ran: (readonly [string, number])[] = [];
    clock.at(20, () => void ran.push(["late", clock.now()]));
    clock.at(10, () => void ran.push(["early", clock.now()]));
    clock.at(31, () => void ran.push(["too late", clock.now()]));
    await clock.advance(30);
    expect(ran).toEqual([
      ["early", 10],
      ["late", 20],
    ]);
  });

  test("runs what a timer schedules, when it falls due in the same advance", async () => {
    const clock = manualClock(0);
    const ran: number[] = [];
    function again(): void {
      ran.push(clock.now());
      clock.at(clock.now() + 10, again);
    }
    clock.at(10, again);
    await clock.advance(35);
    expect(ran).toEqual([10, 20, 30]);
    expect(clock.now()).toBe(35);
  });

  test("waits for what a timer does before the next one runs", async () => {
    const clock = manualClock(0);
    const ran: string[] = [];
    clock.at(1, async () => {
      await Promise.resolve();
      ran.push("first");
    });
    clock.at(2, () => void ran.push("second"));
    await clock.advance(2);
    expect(ran).toEqual(["first", "second"]);
  });

  test("runs a timer whose time has passed at the next advance, and never a cancelled one", async () => {
    const clock = manualClock(1000);
    const ran: string[] = [];
    clock.at(5, () => void ran.push("overdue"));
    clock.at(6, () => void ran.push("cancelled")).cancel();
    expect(ran).toEqual([]);
    await clock.advance(0);
    expect(ran).toEqual(["overdue"]);
    expect(clock.now()).toBe(1000);
  });
});

describe("the machine's clock", () => {
  test("runs what is due at once, and nothing that was cancelled or lies far ahead", async () => {
    const clock = realClock();
    const ran: string[] = [];
    clock.at(clock.now() + 2 ** 40, () => void ran.push("in decades"));
    clock.at(clock.now(), () => void ran.push("cancelled")).cancel();
    await new Promise<void>((resolve) => {
      clock.at(clock.now() - 1, () => {
        ran.push("due");
        resolve();
      });
    });
    expect(ran).toEqual(["due"]);
  });
});

describe("the clock that is moved", () => {
  const STOOD = { offsetMs: 0, frozenMs: 1_000_000 };

  test("runs what falls due in a move in its order, also what is begun meanwhile, all at its end", async () => {
    const clock = movableClock(STOOD);
    const ran: (readonly [string, number])[] = [];
    clock.at(1_000_020, () => void ran.push(["late", clock.now()]));
    clock.at(1_000_010, () => {
      ran.push(["early", clock.now()]);
      clock.at(1_000_015, () => void ran.push(["begun", clock.now()]));
    });
    clock.at(1_000_005, () => void ran.push(["cancelled", 0])).cancel();
    clock.at(1_000_031, () => void ran.push(["too late", 0]));
    await clock.advance(30);
    expect(ran).toEqual([
      ["early", 1_000_030],
      ["begun", 1_000_030],
      ["late", 1_000_030],
    ]);
  });

  test("stands still until it is moved, and then runs what has waited", async () => {
    const clock = movableClock();
    clock.freeze();
    const stoodMs = clock.now();
    const isRun = new Promise<number>((resolve) => {
      clock.at(stoodMs + 1, () => resolve(clock.now()));
    });
    await new Promise((resolve) => {
      realClock().at(Date.now() + 5, () => resolve(null));
    });
    expect(clock.now()).toBe(stoodMs);
    clock.run();
    expect(await isRun).toBeGreaterThan(stoodMs);
  });

  test("goes on ahead of the machine's, and tells each place before it is there", async () => {
    const told: (readonly [number, boolean])[] = [];
    const clock = movableClock(undefined, ({ offsetMs, frozenMs }) => {
      told.push([offsetMs, frozenMs !== null]);
    });
    const beforeMs = clock.now();
    await clock.advance(3_600_000);
    expect(clock.now() - beforeMs).toBeGreaterThanOrEqual(3_600_000);
    clock.freeze();
    clock.freeze();
    expect(told).toEqual([
      [3_600_000, false],
      [3_600_000, true],
    ]);
    const later = movableClock(clock.place());
    expect(later.now()).toBe(clock.now());
  });

  test("is not kept for ever by a timer that always begins another", async () => {
    const clock = movableClock(STOOD);
    let ran = 0;
    function again(): void {
      ran += 1;
      clock.at(clock.now(), again);
    }
    clock.at(STOOD.frozenMs, again);
    await clock.advance(1);
    expect(ran).toBeGreaterThan(1000);
  });
});
