import { describe, expect, test } from "vitest";
import { edit, problemsOf, readSpec, told, usable } from "./spec-support.ts";
import type { SpecCase } from "./spec-support.ts";

const job = readSpec("job");

describe("what only services or only jobs may have", () => {
  const cases: readonly SpecCase[] = [
    [
      "a job with a domain is refused",
      ["    schedule:", "    domain: {type: none}\n    schedule:"],
      ["error environments[0].domain | {type | is for services only"],
    ],
    [
      "a job with probes is refused",
      ["    schedule:", "    healthProbes: {}\n    schedule:"],
      ["error environments[0].healthProbes | {} | is for services only"],
    ],
    [
      "a job with authentication is refused",
      ["    schedule:", "    authentication: {}\n    schedule:"],
      ["error environments[0].authentication | {} | is for services only"],
    ],
    [
      "a job with scaling is refused",
      ["      resources:", "      scaling: {minCount: 1}\n      resources:"],
      ["error environments[0].instances.scaling | {min | is for services only"],
    ],
    [
      "a job of deploy type rollout is refused",
      ["{type: subscription, subscription: {tag: insiders}}", "{type: rollout}"],
      [
        "error environments[0].deploy.type | rollout | must be manual or subscription for a job",
        "error environments[0].deploy.type | rollout | rollout.stages does not name prod",
      ],
    ],
    [
      "a service with a schedule and a deadline is refused",
      ["  kind: job", "  kind: service"],
      [
        "error environments[0].schedule | {cron | is for jobs only",
        "error environments[0].deadlineSeconds | 600 | is for jobs only",
      ],
    ],
  ];
  test.each(cases)("%s", (_name, change, expected) => {
    expect(problemsOf(edit(job, change))).toEqual(told(expected));
  });
});

describe("the schedule of a job", () => {
  test.each([
    ["every quarter of an hour", "*/15 * * * *"],
    ["daily", "@daily"],
    ["on weekdays by name", "0 3 * * MON-FRI"],
    ["with a gap of seven days", "0 0 * * 0"],
    ["on either of a day and a weekday", "0 0 1 * 1"],
    ["every eighth day at most", "0 0 1,9,17,25 * *"],
  ])("a job may run %s", (_name, cron) => {
    expect(problemsOf(edit(job, ["0 3 * * *", `"${cron}"`]))).toEqual(told([]));
  });

  test.each([
    ["every 14 minutes, without a longer gap", "*/14 * * * *", "at least 15 minutes"],
    ["monthly", "@monthly", "at least every 8 days"],
    ["every ninth day", "0 0 1,10,19,28 * *", "at least every 8 days"],
    ["on a day that never comes", "0 0 30 2 *", "must be a schedule"],
    ["at a minute that does not exist", "60 * * * *", "must be a schedule"],
    ["with four fields", "0 0 * *", "must be a schedule"],
    ["in a range that runs backwards", "0 5-3 * * *", "must be a schedule"],
    ["with a step of nothing", "*/0 * * * *", "must be a schedule"],
    ["by no schedule at all", "soon", "must be a schedule"],
  ])("a job may not run %s", (_name, cron, message) => {
    expect(problemsOf(edit(job, ["0 3 * * *", `"${cron}"`]))).toEqual(
      told([`error environments[0].schedule.cron | "${cron}" | ${message}`]),
    );
  });

  test("a schedule with seconds is not judged", () => {
    expect(problemsOf(edit(job, ["0 3 * * *", '"0 0 3 * * *"']))).toEqual(
      told(['warning environments[0].schedule.cron | "0 0 3 | is not checked']),
    );
  });

  test("the deadline may stand in the schedule, as it used to", () => {
    const text = edit(edit(job, ["{cron: 0 3 * * *}", "{cron: 0 3 * * *, deadline: 60}"]), [
      "    deadlineSeconds: 600\n",
      "",
    ]);
    expect(problemsOf(text)).toEqual(
      told(["warning environments[0].schedule.deadline | deadline | is an old key"]),
    );
    expect(usable(text).environments[0]?.deadlineSeconds).toBe(60);
  });
});
