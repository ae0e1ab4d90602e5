import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { followedClock } from "../../shared/adapters/followed-clock.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-clock-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

test("a clock that is followed goes and stands as its file says, and with the machine's without one", async () => {
  const file = join(folder, "clock.json");
  const clock = followedClock(file);
  const before = Date.now();
  expect(clock.now()).toBeGreaterThanOrEqual(before);
  await writeFile(file, JSON.stringify({ offsetMs: 3_600_000, frozenMs: null }));
  expect(clock.now() - before).toBeGreaterThanOrEqual(3_600_000);
  await writeFile(file, JSON.stringify({ offsetMs: 3_600_000, frozenMs: 5 }));
  expect(clock.now()).toBe(5);
});

test("a file that says no time is no time", async () => {
  const file = join(folder, "broken.json");
  await writeFile(file, "{}");
  expect(() => followedClock(file).now()).toThrow("offsetMs");
});
