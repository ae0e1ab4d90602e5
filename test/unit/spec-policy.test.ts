import { describe, expect, test } from "vitest";
import { days, minutes } from "../../shared/domain/time.ts";
import type { Policy } from "../../shared/domain/policy.ts";
import { toPolicy } from "../../shared/wire/spec/to-policy.ts";
import type { PolicyGround } from "../../shared/wire/spec/to-policy.ts";
import { readSpec, usable } from "./spec-support.ts";

const LATER: PolicyGround = {
  category: "external",
  deploy: "rollout",
  stage: 1,
  hasDatabase: true,
};

/** The policy of an environment of which `delivery` says what is written. */
function policy(ground: Partial<PolicyGround>, written: string): Policy {
  const spec = usable(`${readSpec("base")}delivery: {environments: {prod: {${written}}}}\n`);
  return toPolicy({ ...LATER, ...ground }, spec.delivery.environments["prod"]);
}

/** The policy of an environment that `delivery` does not name. */
function byDefault(ground: Partial<PolicyGround>): Policy {
  return toPolicy({ ...LATER, ...ground }, undefined);
}

describe("what follows from the category", () => {
  test("a test environment deploys without gates, approvals, soak and backups", () => {
    expect(byDefault({ category: "test" })).toMatchObject({
      soak: 0,
      approvals: null,
      alerts: { block: [], warn: [] },
      backup: null,
    });
  });

  test("an internal one waits while incidents are open and backs up its database", () => {
    expect(byDefault({ category: "internal" })).toMatchObject({
      soak: 0,
      approvals: null,
      alerts: { block: ["CRITICAL", "ERROR"], warn: ["WARNING"] },
      backup: { cloudSql: true, gkePlan: null, retain: days(90), maxAge: 0 },
    });
  });

  test("an external one also wants a soak, and an approval by somebody other than the requester", () => {
    expect(byDefault({ category: "external" })).toMatchObject({
      soak: minutes(30),
      approvals: { required: 1, from: [], notRequester: true, notAuthor: false },
      alerts: { block: ["CRITICAL", "ERROR"], warn: ["WARNING"] },
      backup: { cloudSql: true },
    });
  });

  test("without a database nothing is backed up", () => {
    expect(byDefault({ hasDatabase: false }).backup).toBeNull();
  });

  test("windows, migrations, canaries, verification and provenance are asked for or absent", () => {
    expect(byDefault({})).toMatchObject({
      windows: null,
      migrations: { before: null, after: null },
      canary: [],
      verify: null,
      access: { promote: [], approve: [], breakGlass: [] },
      provenance: { required: false, grace: 0, trust: { keys: [], identities: [] } },
    });
  });
});

describe("how a release comes", () => {
  test.each([
    ["the first stage is automatic", { stage: 0 }, "automatic"],
    ["later stages are manual", { stage: 1 }, "manual"],
    ["a subscription is automatic", { stage: null, deploy: "subscription" }, "automatic"],
    ["deploy type manual is manual", { stage: null, deploy: "manual" }, "manual"],
  ] as const)("%s", (_name, ground, expected) => {
    expect(byDefault(ground).promotion).toBe(expected);
  });

  test("what is written wins", () => {
    expect(policy({ stage: 0 }, "promotion: manual").promotion).toBe("manual");
    expect(policy({ stage: 1 }, "promotion: automatic").promotion).toBe("automatic");
  });

  test("there is no soak where no stage is before", () => {
    expect(byDefault({ stage: 0 }).soak).toBe(0);
    expect(byDefault({ stage: null }).soak).toBe(0);
    expect(policy({ stage: 0 }, "soak: 1h").soak).toBe(0);
    expect(policy({ stage: 1 }, "soak: 1h").soak).toBe(minutes(60));
  });
});

describe("what is written against what follows", () => {
  test("no approval is asked for when none is required", () => {
    expect(policy({}, "approvals: {required: 0}").approvals).toBeNull();
    expect(policy({ category: "test" }, "approvals: {required: 2}").approvals).toEqual({
      required: 2,
      from: [],
      notRequester: true,
      notAuthor: false,
    });
  });

  test("a severity that blocks is no warning", () => {
    expect(policy({}, "alerts: {block: [CRITICAL, ERROR, WARNING]}").alerts).toEqual({
      block: ["CRITICAL", "ERROR", "WARNING"],
      warn: [],
    });
    expect(policy({}, "alerts: {warn: []}").alerts).toEqual({
      block: ["CRITICAL", "ERROR"],
      warn: [],
    });
  });

  test("a backup that is written is made in every category", () => {
    expect(policy({ category: "test" }, "backup: {retain: 7d}").backup).toEqual({
      cloudSql: true,
      gkePlan: null,
      retain: days(7),
      maxAge: 0,
    });
  });

  test("a plan is run without the database when that is turned off", () => {
    const plan = "projects/example-prod/locations/us-central1/backupPlans/daily";
    const written = `backup: {cloudSQL: none, gke: ${plan}, maxAge: 1h}`;
    expect(policy({}, written).backup).toEqual({
      cloudSql: false,
      gkePlan: plan,
      retain: days(90),
      maxAge: minutes(60),
    });
    expect(policy({}, "backup: {cloudSQL: none}").backup).toBeNull();
  });

  test("windows without weekly hours are open but for their freezes", () => {
    expect(policy({}, "windows: {timeZone: Europe/Berlin}").windows).toEqual({
      timeZone: "Europe/Berlin",
      weekly: [],
      freezes: [],
    });
  });

  test("a migration after the rollout is started by hand and not reversible, unless it says so", () => {
    expect(policy({}, "migrations: {after: {job: contract}}").migrations).toEqual({
      before: null,
      after: { job: "contract", start: "manual", reversible: false },
    });
  });
});
