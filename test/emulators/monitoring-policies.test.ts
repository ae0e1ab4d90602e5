import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { memoryPersistence } from "../support/memory-persistence.ts";
import {
  aPolicy,
  createChannel,
  createPair,
  createPolicy,
  type IAlertPolicy,
  openMonitoring,
  PROJECT,
  PROJECT_NUMBER,
  type Setting,
  threshold,
} from "./monitoring-setting.ts";

let setting: Setting;
beforeEach(async () => {
  setting = await openMonitoring();
});
afterEach(async () => {
  await setting.close();
});

async function read(name: string): Promise<IAlertPolicy> {
  return (await setting.policies.getAlertPolicy({ name }))[0];
}

async function listNames(request: object = {}): Promise<readonly unknown[]> {
  const [policies] = await setting.policies.listAlertPolicies({ name: PROJECT, ...request });
  return policies.map(({ displayName }) => displayName);
}

describe("a policy", () => {
  test("is created with names for itself and its conditions, and is enabled", async () => {
    const name = await createPolicy(setting, aPolicy({ userLabels: { service: "api" } }));
    expect(name).toMatch(/^projects\/acme-prod\/alertPolicies\/\d+$/);
    const policy = await read(name);
    expect(policy).toMatchObject({
      name,
      displayName: "api 5xx ratio",
      severity: "ERROR",
      combiner: "OR",
      enabled: { value: true },
      userLabels: { service: "api" },
      creationRecord: {
        mutateTime: { seconds: String(Date.parse("2026-11-20T10:00:00Z") / 1_000) },
      },
    });
    expect(policy.conditions?.[0]?.name).toMatch(new RegExp(`^${name}/conditions/\\d+$`));
  });

  test("is listed by filter and order, and deleted", async () => {
    const first = await createPolicy(setting, aPolicy({ userLabels: { service: "api" } }));
    await createPolicy(setting, aPolicy({ displayName: "web latency" }));
    expect(await listNames()).toEqual(["api 5xx ratio", "web latency"]);
    expect(await listNames({ filter: 'user_labels.service="api"' })).toEqual(["api 5xx ratio"]);
    expect(await listNames({ orderBy: "display_name desc" })).toEqual([
      "web latency",
      "api 5xx ratio",
    ]);
    await setting.policies.deleteAlertPolicy({ name: first });
    expect(await listNames()).toEqual(["web latency"]);
    await expect(read(first)).rejects.toMatchObject({ code: 5 });
  });

  test("is changed where the mask says, and keeps the names of its conditions", async () => {
    const name = await createPolicy(setting, aPolicy());
    const before = await read(name);
    await setting.clock.advance(1_000);
    const alertPolicy = { name, displayName: "new", severity: "CRITICAL" as const };
    await setting.policies.updateAlertPolicy({
      alertPolicy,
      updateMask: { paths: ["display_name"] },
    });
    const after = await read(name);
    expect(after).toMatchObject({ displayName: "new", severity: "ERROR" });
    expect(after.conditions).toEqual(before.conditions);
    expect(after.creationRecord).toEqual(before.creationRecord);
    expect(after.mutationRecord).not.toEqual(before.mutationRecord);
  });

  test("is replaced where there is no mask", async () => {
    const name = await createPolicy(setting, aPolicy({ userLabels: { team: "web" } }));
    const before = await read(name);
    const { userLabels: _labels, ...alertPolicy } = aPolicy({ name, displayName: "new" });
    await setting.policies.updateAlertPolicy({ alertPolicy });
    const after = await read(name);
    expect(after).toMatchObject({ displayName: "new", userLabels: {} });
    expect(after.creationRecord).toEqual(before.creationRecord);
  });

  test("keeps the name of a condition where it is given", async () => {
    const name = await createPolicy(setting, aPolicy());
    const [kept] = (await read(name)).conditions ?? [];
    const alertPolicy = aPolicy({ name, conditions: [kept ?? {}, threshold()] });
    await setting.policies.updateAlertPolicy({ alertPolicy });
    const names = ((await read(name)).conditions ?? []).map((condition) => condition.name);
    expect(names[0]).toBe(kept?.name);
    expect(names[1]).toMatch(/conditions\/\d+$/);
    expect(names[1]).not.toBe(kept?.name);
  });

  test("names channels that exist, by the project's id", async () => {
    const channel = await createChannel(setting);
    const name = await createPolicy(setting, aPolicy({ notificationChannels: [channel] }));
    expect((await read(name)).notificationChannels).toEqual([channel]);
    const missing = aPolicy({ notificationChannels: [`${PROJECT}/notificationChannels/1`] });
    await expect(createPolicy(setting, missing)).rejects.toMatchObject({ code: 5 });
    const numbered = channel.replace("acme-prod", PROJECT_NUMBER);
    const odd = aPolicy({ notificationChannels: [numbered] });
    await expect(createPolicy(setting, odd)).rejects.toMatchObject({ code: 12 });
    const malformed = aPolicy({ notificationChannels: ["my-channel"] });
    await expect(createPolicy(setting, malformed)).rejects.toMatchObject({ code: 3 });
  });
});

test("over REST a refusal has the body that Google's APIs give, and names the field", async () => {
  const { status, body } = await setting.send("POST", `/v3/${PROJECT}/alertPolicies`, {
    displayName: "p",
    combiner: "OR",
    conditions: [],
  });
  expect(status).toBe(400);
  expect(body).toMatchObject({
    error: {
      code: 400,
      status: "INVALID_ARGUMENT",
      details: [{ fieldViolations: [{ field: "conditions" }] }],
    },
  });
  const missing = await setting.send("GET", `/v3/${PROJECT}/alertPolicies/1`);
  expect(missing).toMatchObject({ status: 404, body: { error: { status: "NOT_FOUND" } } });
  const snoozes = await setting.send("GET", `/v3/${PROJECT}/snoozes`);
  expect(snoozes).toMatchObject({ status: 501, body: { error: { status: "UNIMPLEMENTED" } } });
});

test("policies and channels survive a restart, and a reset forgets them", async () => {
  const persistence = memoryPersistence();
  const first = await openMonitoring({ persistence });
  const { policy } = await createPair(first);
  await first.close();
  const second = await openMonitoring({ persistence });
  const name = policy;
  expect((await second.policies.getAlertPolicy({ name }))[0].name).toBe(policy);
  const again = await createPolicy(second, aPolicy());
  expect(again).not.toBe(policy);
  second.server.reset();
  await expect(second.policies.getAlertPolicy({ name })).rejects.toMatchObject({ code: 5 });
  await second.close();
});
