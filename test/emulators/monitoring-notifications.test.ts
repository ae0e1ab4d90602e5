import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  aPolicy,
  createChannel,
  createPair,
  createPolicy,
  MINUTE_MS,
  openMonitoring,
  type Setting,
  TOPIC,
} from "./monitoring-setting.ts";

let setting: Setting;
beforeEach(async () => {
  setting = await openMonitoring();
});
afterEach(async () => {
  await setting.close();
});

describe("a notification", () => {
  test("of an open and of a closed incident has the documented shape", async () => {
    const { policy } = await createPair(setting, {
      userLabels: { service: "api", action: "rollback" },
    });
    const { id } = setting.server.incidents.open(policy);
    const incident = {
      incident_id: id,
      scoping_project_id: "acme-prod",
      started_at: Date.parse("2026-11-20T10:00:00Z") / 1_000,
      ended_at: null,
      state: "open",
      resource: { type: "cloud_run_revision", labels: { project_id: "acme-prod" } },
      policy_name: "api 5xx ratio",
      policy_user_labels: { service: "api", action: "rollback" },
      condition_name: "5xx > 2%",
    };
    const time = "2026-11-20T10:00:00Z";
    expect(setting.published).toEqual([{ topic: TOPIC, time, body: { version: "1.2", incident } }]);
    expect(id).toMatch(/^0\.[0-9a-z]{12}$/);
    await setting.clock.advance(5 * MINUTE_MS);
    setting.server.incidents.close(policy);
    expect(setting.published[1]?.body).toEqual({
      version: "1.2",
      incident: {
        ...incident,
        ended_at: Date.parse("2026-11-20T10:05:00Z") / 1_000,
        state: "closed",
      },
    });
  });

  test("leaves out user labels that there are not", async () => {
    const { policy } = await createPair(setting);
    setting.server.incidents.open(policy);
    expect(setting.published[0]?.body).not.toHaveProperty("incident.policy_user_labels");
  });

  test("goes to every channel of the policy that is enabled", async () => {
    const second = await createChannel(setting, "projects/other/topics/alerts");
    const third = await createChannel(setting, "projects/other/topics/off");
    const first = await createChannel(setting);
    const notificationChannels = [first, second, third];
    const policy = await createPolicy(setting, aPolicy({ notificationChannels }));
    await setting.channels.updateNotificationChannel({
      notificationChannel: { name: third, enabled: { value: false } },
      updateMask: { paths: ["enabled"] },
    });
    setting.server.incidents.open(policy);
    expect(setting.published.map(({ topic }) => topic)).toEqual([
      TOPIC,
      "projects/other/topics/alerts",
    ]);
  });
});
