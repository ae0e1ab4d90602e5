import { describe, expect, test } from "vitest";
import { manualClock } from "../support/manual-clock.ts";
import { faultPlan, runWithFaults } from "../../emulators/kit/faults.ts";
import { googleError } from "../../emulators/kit/google-error.ts";
import { createOperations } from "../../emulators/kit/operation.ts";
import { memoryPersistence } from "../support/memory-persistence.ts";

const PARENT = "projects/p/locations/l";

describe("operations", () => {
  test("are done at once, or later on the clock", async () => {
    const clock = manualClock();
    const operations = createOperations(clock);
    const done = operations.done({ parent: PARENT, metadata: { verb: "x" }, response: { a: 1 } });
    const started = operations.start({
      parent: PARENT,
      metadata: (times) => times,
      runMs: 1000,
      work: () => ({ b: 2 }),
    });
    expect(done).toMatchObject({ done: true, metadata: { verb: "x" }, response: { a: 1 } });
    expect(started).toMatchObject({
      metadata: { createTime: "2026-11-20T10:00:00Z" },
    });
    await clock.advance(999);
    expect(operations.get(started.name)).not.toHaveProperty("done");
    await clock.advance(1);
    expect(operations.get(started.name)).toMatchObject({
      done: true,
      response: { b: 2 },
      metadata: { endTime: "2026-11-20T10:00:01Z" },
    });
  });

  test("end with what their work refused", async () => {
    const clock = manualClock();
    const operations = createOperations(clock);
    const { name } = operations.start({
      parent: PARENT,
      metadata: {},
      runMs: 1,
      work: () => {
        throw googleError("FAILED_PRECONDITION", "not now");
      },
    });
    await clock.advance(1);
    expect(operations.get(name)).toMatchObject({
      done: true,
      error: { code: 9, message: "not now" },
    });
  });

  test("do nothing more once they are forgotten", async () => {
    const clock = manualClock();
    const operations = createOperations(clock);
    let runs = 0;
    const work = (): object => ({ runs: (runs += 1) });
    const { name } = operations.start({ parent: PARENT, metadata: {}, runMs: 1, work });
    operations.reset();
    await clock.advance(1);
    expect(runs).toBe(0);
    expect(() => operations.get(name)).toThrow("not found");
  });

  test("survive a restart, where what was running has been aborted", () => {
    const kept = { persistence: memoryPersistence(), name: "a" };
    const before = createOperations(manualClock(), kept);
    const finished = before.done({ parent: PARENT, metadata: { a: 1 }, response: { b: 2 } });
    const running = before.start({ parent: PARENT, metadata: {}, runMs: 1, work: () => ({}) });
    const after = createOperations(manualClock(), kept);
    expect(after.get(finished.name)).toEqual(finished);
    expect(after.get(running.name)).toMatchObject({ done: true, error: { code: 10 } });
    const next = after.done({ parent: PARENT, metadata: {}, response: {} });
    expect([finished.name, running.name]).not.toContain(next.name);
  });
});

function counter(): { readonly run: () => number; readonly runs: () => number } {
  let runs = 0;
  return { run: () => (runs += 1), runs: () => runs };
}

describe("a fault plan", () => {
  const METHOD = "package.Service/Create";

  test.each([
    ["drop-before", 0, "lost"],
    ["drop-after", 1, "lost"],
    ["status", 0, "planned"],
  ] as const)("with %s lets the call happen %i times", async (kind, times, outcome) => {
    const faults = faultPlan();
    const calls = counter();
    faults.add({ method: "Create", call: 1, kind, status: "ABORTED" });
    const result = runWithFaults({ faults, clock: manualClock(), method: METHOD }, calls.run);
    const said = await result.then(String, String);
    expect(said).toContain(outcome);
    expect(calls.runs()).toBe(times);
  });

  test("delays a call on the clock", async () => {
    const faults = faultPlan();
    const clock = manualClock();
    const calls = counter();
    faults.add({ method: METHOD, call: 1, kind: "delay", delayMs: 100 });
    const result = runWithFaults({ faults, clock, method: METHOD }, calls.run);
    await clock.advance(99);
    expect(calls.runs()).toBe(0);
    await clock.advance(1);
    await expect(result).resolves.toBe(1);
  });

  test("hits exactly the call it names, and counts all", async () => {
    const faults = faultPlan();
    const clock = manualClock();
    faults.add({ method: "Create", call: 2, kind: "status", status: "RESOURCE_EXHAUSTED" });
    const outcomes: string[] = [];
    for (const method of [METHOD, "package.Service/Get", METHOD, METHOD]) {
      const result = runWithFaults({ faults, clock, method }, () => "fine");
      outcomes.push(await result.catch((error: unknown) => String(error)));
    }
    expect(outcomes).toEqual(["fine", "fine", expect.stringContaining("planned"), "fine"]);
    expect(faults.calls("Create")).toBe(3);
    expect(faults.calls(METHOD)).toBe(3);
    expect(faults.calls("reate")).toBe(0);
  });

  test("of one caller counts that caller's calls alone", async () => {
    const faults = faultPlan();
    const clock = manualClock();
    const caller = "user:ann@example.com";
    faults.add({ method: "Create", call: 1, kind: "status", caller });
    const outcomes: string[] = [];
    for (const who of ["user:bob@example.com", null, caller, caller]) {
      const plan = { faults, clock, method: METHOD, callerOf: () => who };
      outcomes.push(await runWithFaults(plan, () => "fine").catch(String));
    }
    expect(outcomes).toEqual(["fine", "fine", expect.stringContaining("planned"), "fine"]);
  });

  test("that is cleared lets everything through", async () => {
    const faults = faultPlan();
    faults.add({ method: "Create", call: 1, kind: "drop-before" });
    faults.clear();
    const plan = { faults, clock: manualClock(), method: METHOD };
    await expect(runWithFaults(plan, () => "fine")).resolves.toBe("fine");
  });
});
