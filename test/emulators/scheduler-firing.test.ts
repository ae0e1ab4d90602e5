import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { manualClock } from "../support/manual-clock.ts";
import { memoryPersistence } from "../support/memory-persistence.ts";
import { startPubsub } from "../../emulators/pubsub/server.ts";
import { startScheduler } from "../../emulators/scheduler/server.ts";
import {
  create,
  HOUR_MS,
  JOB,
  MINUTE_MS,
  openScheduler,
  PARENT,
  pubsubJob,
  type Setting,
  timeOf,
  TOPIC,
} from "./scheduler-setting.ts";

const DAY_MS = 24 * HOUR_MS;

/** Runs a schedule in Berlin from a time on, for so many days. */
async function timesInBerlin(schedule: string, start: string, days: number): Promise<unknown> {
  const setting = await openScheduler({ start });
  await create(setting, pubsubJob({ schedule, timeZone: "Europe/Berlin" }));
  await setting.clock.advance(days * DAY_MS);
  await setting.close();
  return setting.times();
}

describe("by the clock", () => {
  let setting: Setting;
  beforeEach(async () => {
    setting = await openScheduler();
  });
  afterEach(async () => {
    await setting.close();
  });

  test("a job publishes its data and attributes, and nothing else, at each time of its schedule", async () => {
    await create(setting, pubsubJob());
    await setting.clock.advance(5 * MINUTE_MS - 1);
    expect(setting.published).toEqual([]);
    await setting.clock.advance(1);
    expect(setting.published).toEqual([
      {
        topic: TOPIC,
        time: "2026-11-20T10:05:00Z",
        data: Buffer.from("tick"),
        attributes: { kind: "minute" },
      },
    ]);
    await setting.clock.advance(10 * MINUTE_MS);
    expect(setting.times().slice(1)).toEqual(["2026-11-20T10:10:00Z", "2026-11-20T10:15:00Z"]);
    const job = await setting.read();
    expect(timeOf(job.lastAttemptTime)).toBe("2026-11-20T10:15:00Z");
    expect(timeOf(job.scheduleTime)).toBe("2026-11-20T10:20:00Z");
    expect(job.status).toMatchObject({ code: 0 });
  });

  test("a paused job publishes nothing until it is resumed, and makes up for nothing", async () => {
    await create(setting, pubsubJob());
    const [paused] = await setting.client.pauseJob({ name: JOB });
    expect(paused).toMatchObject({ state: "PAUSED", scheduleTime: null });
    await expect(setting.client.pauseJob({ name: JOB })).rejects.toMatchObject({ code: 9 });
    await setting.clock.advance(12 * MINUTE_MS);
    expect(setting.published).toEqual([]);
    const [resumed] = await setting.client.resumeJob({ name: JOB });
    expect(timeOf(resumed.scheduleTime)).toBe("2026-11-20T10:15:00Z");
    await expect(setting.client.resumeJob({ name: JOB })).rejects.toMatchObject({ code: 9 });
    await setting.clock.advance(3 * MINUTE_MS);
    expect(setting.times()).toEqual(["2026-11-20T10:15:00Z"]);
  });

  test("a forced run is at once, also of a paused job, and does not move the schedule", async () => {
    await create(setting, pubsubJob());
    await setting.clock.advance(MINUTE_MS);
    const [job] = await setting.client.runJob({ name: JOB });
    expect(timeOf(job.lastAttemptTime)).toBe("2026-11-20T10:01:00Z");
    expect(timeOf(job.scheduleTime)).toBe("2026-11-20T10:05:00Z");
    await setting.client.pauseJob({ name: JOB });
    await setting.client.runJob({ name: JOB });
    expect(setting.times()).toEqual(["2026-11-20T10:01:00Z", "2026-11-20T10:01:00Z"]);
  });

  test("a paused job stays paused when it is updated", async () => {
    await create(setting, pubsubJob());
    await setting.client.pauseJob({ name: JOB });
    await setting.client.updateJob({ job: pubsubJob({ schedule: "* * * * *" }) });
    await setting.clock.advance(HOUR_MS);
    expect(setting.published).toEqual([]);
    expect(await setting.read()).toMatchObject({ state: "PAUSED", schedule: "* * * * *" });
  });

  test("a day of the month and a day of the week are alternatives", async () => {
    await create(setting, pubsubJob({ schedule: "0 12 25 * MON" }));
    await setting.clock.advance(7 * DAY_MS);
    expect(setting.times()).toEqual(["2026-11-23T12:00:00Z", "2026-11-25T12:00:00Z"]);
  });
});

describe("when summer time changes in Berlin", () => {
  test("nine o'clock stays nine o'clock", async () => {
    expect(await timesInBerlin("0 9 * * *", "2026-03-28T00:00:00Z", 2)).toEqual([
      "2026-03-28T08:00:00Z",
      "2026-03-29T07:00:00Z",
    ]);
    expect(await timesInBerlin("0 9 * * *", "2026-10-24T00:00:00Z", 2)).toEqual([
      "2026-10-24T07:00:00Z",
      "2026-10-25T08:00:00Z",
    ]);
  });

  test("a time that the clock skips does not run that day", async () => {
    expect(await timesInBerlin("30 2 * * *", "2026-03-28T00:00:00Z", 3)).toEqual([
      "2026-03-28T01:30:00Z",
      "2026-03-30T00:30:00Z",
    ]);
  });

  test("a time that comes twice runs twice", async () => {
    expect(await timesInBerlin("30 2 * * *", "2026-10-24T00:00:00Z", 3)).toEqual([
      "2026-10-24T00:30:00Z",
      "2026-10-25T00:30:00Z",
      "2026-10-25T01:30:00Z",
      "2026-10-26T01:30:00Z",
    ]);
  });
});

test("what was due while the emulator was down is not made up for", async () => {
  const kept = { clock: manualClock(), persistence: memoryPersistence() };
  const first = await openScheduler(kept);
  await create(first, pubsubJob());
  await kept.clock.advance(6 * MINUTE_MS);
  await first.close();
  await kept.clock.advance(HOUR_MS);
  const second = await openScheduler(kept);
  expect(second.published).toEqual([]);
  await kept.clock.advance(5 * MINUTE_MS);
  expect(second.times()).toEqual(["2026-11-20T11:10:00Z"]);
  await second.close();
});

test("messages reach a subscription of the Pub/Sub emulator; a missing topic gets none", async () => {
  const clock = manualClock();
  const pubsub = await startPubsub({ clock });
  const server = await startScheduler({ clock, publisher: pubsub.publisher });
  pubsub.ensureTopic(TOPIC);
  const subscription = "projects/acme/subscriptions/ticks";
  await fetch(`${pubsub.url}/v1/${subscription}`, {
    method: "PUT",
    body: JSON.stringify({ topic: TOPIC }),
  });
  for (const topicName of [TOPIC, "projects/acme/topics/none"]) {
    const pubsubTarget = { topicName, attributes: { kind: "hour" } };
    const answer = await fetch(`${server.url}/v1/${PARENT}/jobs`, {
      method: "POST",
      body: JSON.stringify({ schedule: "0 * * * *", pubsubTarget }),
    });
    expect(answer.status).toBe(200);
  }
  await clock.advance(HOUR_MS);
  const pulled = await fetch(`${pubsub.url}/v1/${subscription}:pull`, {
    method: "POST",
    body: JSON.stringify({ maxMessages: 10 }),
  });
  expect(await pulled.json()).toMatchObject({
    receivedMessages: [{ message: { attributes: { kind: "hour" } } }],
  });
  await server.close();
  await pubsub.close();
});
