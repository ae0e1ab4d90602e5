import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { manualClock } from "../support/manual-clock.ts";
import { memoryPersistence } from "../support/memory-persistence.ts";
import {
  aPolicy,
  createPair,
  HOUR_MS,
  LOG_MATCH,
  MINUTE_MS,
  openMonitoring,
  RATE_LIMIT,
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

describe("an incident", () => {
  test("is one of a policy at a time, and goes on while it is seen", async () => {
    const { policy } = await createPair(setting);
    const { open, close } = setting.server.incidents;
    const first = open(policy);
    expect(open(policy).id).toBe(first.id);
    expect(setting.states()).toEqual(["open"]);
    expect(close(policy).id).toBe(first.id);
    expect(open(policy).id).not.toBe(first.id);
    expect(setting.states()).toEqual(["open", "closed", "open"]);
  });

  test("cannot be opened by a policy that is disabled or missing, nor closed when none is open", async () => {
    const { policy } = await createPair(setting, { enabled: { value: false } });
    const admin = (path: string): Promise<{ status: number }> =>
      setting.send("POST", `/emulator/v1/${path}`, {});
    expect(await admin(`${policy}:open`)).toMatchObject({
      status: 400,
      body: { error: { status: "FAILED_PRECONDITION" } },
    });
    expect(await admin(`${policy}1:open`)).toMatchObject({ status: 404 });
    expect(await admin(`${policy}:close`)).toMatchObject({ status: 400 });
    expect(await admin(`${policy}:melt`)).toMatchObject({ status: 501 });
    expect(
      await setting.send("POST", `/emulator/v1/${policy}:open`, { colour: "red" }),
    ).toMatchObject({
      status: 400,
      body: { error: { status: "INVALID_ARGUMENT" } },
    });
    expect(setting.published).toEqual([]);
  });

  test("closes by itself when nothing was seen for the policy's time, and then is told", async () => {
    const { policy } = await createPair(setting, {
      alertStrategy: { autoClose: { seconds: 1800 } },
    });
    setting.server.incidents.open(policy);
    await setting.clock.advance(20 * MINUTE_MS);
    setting.server.incidents.open(policy);
    await setting.clock.advance(30 * MINUTE_MS - 1);
    expect(setting.states()).toEqual(["open"]);
    await setting.clock.advance(1);
    expect(setting.states()).toEqual(["open", "closed"]);
  });

  test("closes by itself after seven days when the policy says nothing", async () => {
    const { policy } = await createPair(setting);
    setting.server.incidents.open(policy);
    await setting.clock.advance(7 * 24 * HOUR_MS - 1);
    expect(setting.states()).toEqual(["open"]);
    await setting.clock.advance(1);
    expect(setting.states()).toEqual(["open", "closed"]);
  });

  test("of a log-based policy is never told when it closes", async () => {
    const { policy } = await createPair(setting, {
      conditions: [LOG_MATCH],
      alertStrategy: RATE_LIMIT,
    });
    setting.server.incidents.open(policy);
    expect(setting.server.incidents.close(policy).closeMs).toBe(setting.clock.now());
    expect(setting.states()).toEqual(["open"]);
  });

  test.each([
    ["its policy is deleted", async (name: string) => setting.policies.deleteAlertPolicy({ name })],
    [
      "its condition is changed",
      async (name: string) => {
        const [policy] = await setting.policies.getAlertPolicy({ name });
        const [condition] = policy.conditions ?? [];
        const conditions = [
          { ...condition, ...threshold({ thresholdValue: 0.05 }), name: condition?.name ?? "" },
        ];
        await setting.policies.updateAlertPolicy({
          alertPolicy: { name, conditions },
          updateMask: { paths: ["conditions"] },
        });
      },
    ],
    [
      "its condition is replaced",
      async (name: string) =>
        setting.policies.updateAlertPolicy({
          alertPolicy: aPolicy({
            name,
            notificationChannels: [
              (await setting.policies.getAlertPolicy({ name }))[0].notificationChannels?.[0] ?? "",
            ],
          }),
        }),
    ],
  ])("is closed when %s", async (_what, change) => {
    const { policy } = await createPair(setting);
    setting.server.incidents.open(policy);
    await change(policy);
    expect(setting.states()).toEqual(["open", "closed"]);
  });

  test("goes on when only the policy's name or severity changes", async () => {
    const { policy } = await createPair(setting);
    setting.server.incidents.open(policy);
    await setting.policies.updateAlertPolicy({
      alertPolicy: { name: policy, displayName: "new", severity: "CRITICAL" },
      updateMask: { paths: ["display_name", "severity"] },
    });
    expect(setting.states()).toEqual(["open"]);
  });

  test("survives a restart; what fell due meanwhile is done then", async () => {
    const kept = { clock: manualClock(), persistence: memoryPersistence() };
    const first = await openMonitoring(kept);
    const { policy } = await createPair(first, { alertStrategy: { autoClose: { seconds: 1800 } } });
    const { id } = first.server.incidents.open(policy);
    await first.close();
    await kept.clock.advance(HOUR_MS);
    const second = await openMonitoring(kept);
    expect(second.published).toMatchObject([
      { body: { incident: { incident_id: id, state: "closed" } } },
    ]);
    await second.close();
  });
});
