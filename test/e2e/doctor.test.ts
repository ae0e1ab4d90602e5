import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { clockFinding } from "../../infra/platform/doctor/clock.ts";
import { STEP_MS_MAX, stuckFindings } from "../../infra/platform/doctor/stuck-work.ts";
import { smallSpec } from "../support/local-spec.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { cliIn } from "./cli-setting.ts";

const Answer = z.object({
  isWell: z.boolean(),
  findings: z.array(z.object({ check: z.string(), severity: z.string(), message: z.string() })),
});

let world: LocalWorld;

beforeAll(async () => {
  world = await openLocalWorld();
  await world.apply(smallSpec("web"));
});

afterAll(async () => {
  await world.close();
});

test("a push is seen, and how long that took is told", async () => {
  const { out, code } = await cliIn(world.directory)(["doctor", "--json"]);
  const { isWell, findings } = Answer.parse(JSON.parse(out));
  const told = findings.map(({ check, severity }) => `${check} ${severity}`);
  expect(told, out).toEqual([
    "installation warning",
    "clock well",
    "stuck work well",
    "notices well",
    "events well",
  ]);
  expect(findings.at(-1)?.message).toMatch(/was seen after \d+\.\d s$/);
  expect({ isWell, code }).toEqual({ isWell: true, code: 0 });
});

test("a warning ends with 1 only when it is to be strict", async () => {
  const run = cliIn(world.directory);
  expect((await run(["doctor", "--no-canary"])).code).toBe(0);
  expect((await run(["doctor", "--no-canary", "--strict"])).code).toBe(1);
});

test("a step that runs for an hour is stuck, and one that runs for less is not", () => {
  const steps = [{ name: "rollout", state: "RUNNING", startTime: new Date(0).toISOString() }];
  const promotion = { id: "p1", state: "RUNNING", steps };
  const service = { id: "web", unreadable: null, environments: [{ id: "dev", promotion }] };
  expect(stuckFindings([service], STEP_MS_MAX)[0]?.severity).toBe("well");
  expect(stuckFindings([service], STEP_MS_MAX + 1)[0]).toMatchObject({
    severity: "warning",
    mend: "slipway promotion p1",
  });
  expect(stuckFindings([{ ...service, unreadable: "newer" }], 0)[0]?.severity).toBe("error");
});

test.each([
  [30_000, "well"],
  [30_001, "warning"],
  [300_000, "warning"],
  [300_001, "error"],
])("a clock that differs by %i ms is %s", (differenceMs, severity) => {
  expect(clockFinding(differenceMs, 0).severity).toBe(severity);
  expect(clockFinding(0, differenceMs).severity).toBe(severity);
});
