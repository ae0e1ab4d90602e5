import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  createChannel,
  createPair,
  type IAlertPolicy,
  openMonitoring,
  PROJECT,
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

async function readPolicy(name: string): Promise<IAlertPolicy> {
  return (await setting.policies.getAlertPolicy({ name }))[0];
}

describe("a channel", () => {
  test("is created, changed, listed and deleted", async () => {
    const name = await createChannel(setting);
    expect(name).toMatch(/^projects\/acme-prod\/notificationChannels\/\d+$/);
    const notificationChannel = { name, displayName: "incidents", enabled: { value: false } };
    await setting.channels.updateNotificationChannel({
      notificationChannel,
      updateMask: { paths: ["enabled"] },
    });
    const [channel] = await setting.channels.getNotificationChannel({ name });
    expect(channel).toMatchObject({
      type: "pubsub",
      displayName: "",
      labels: { topic: TOPIC },
      enabled: { value: false },
    });
    const filter = 'type="pubsub"';
    const [listed] = await setting.channels.listNotificationChannels({ name: PROJECT, filter });
    expect(listed.map((one) => one.name)).toEqual([name]);
    await setting.channels.deleteNotificationChannel({ name });
    await expect(setting.channels.getNotificationChannel({ name })).rejects.toMatchObject({
      code: 5,
    });
  });

  test("that a policy names is deleted only by force, and the policy loses it", async () => {
    const { channel, policy } = await createPair(setting);
    await expect(
      setting.channels.deleteNotificationChannel({ name: channel }),
    ).rejects.toMatchObject({
      code: 9,
      details: `Could not delete "${channel}" because it is still being referenced by: "${policy}"`,
    });
    await setting.channels.deleteNotificationChannel({ name: channel, force: true });
    expect((await readPolicy(policy)).notificationChannels).toEqual([]);
  });

  test.each([
    ["without a topic", { type: "pubsub" }, 3],
    ["with a topic that is none", { type: "pubsub", labels: { topic: "incidents" } }, 3],
    ["with a label of another type", { type: "pubsub", labels: { topic: TOPIC, email: "a" } }, 3],
    ["without a type", { labels: { topic: TOPIC } }, 3],
    ["of a type that is not covered", { type: "email", labels: { email_address: "a@b" } }, 12],
    [
      "that calls itself verified",
      { type: "pubsub", labels: { topic: TOPIC }, verificationStatus: "VERIFIED" as const },
      12,
    ],
    [
      "with a description of 1025 characters",
      { type: "pubsub", labels: { topic: TOPIC }, description: "x".repeat(1025) },
      3,
    ],
  ])("%s is refused", async (_what, notificationChannel, code) => {
    const request = { name: PROJECT, notificationChannel };
    await expect(setting.channels.createNotificationChannel(request)).rejects.toMatchObject({
      code,
    });
  });
});
