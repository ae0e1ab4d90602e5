import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { memoryPersistence } from "../support/memory-persistence.ts";
import {
  ACCOUNT,
  create,
  httpJob,
  type IJob,
  JOB,
  openScheduler,
  PARENT,
  pubsubJob,
  type Setting,
  timeOf,
  TOPIC,
} from "./scheduler-setting.ts";

const URI = "https://delivery.example.test/tick";

let setting: Setting;
beforeEach(async () => {
  setting = await openScheduler();
});
afterEach(async () => {
  await setting.close();
});

describe("a job", () => {
  test("is created with the service's defaults and read back", async () => {
    await create(setting, httpJob("https://delivery.example.test"));
    const job = await setting.read();
    expect(job).toMatchObject({
      name: JOB,
      state: "ENABLED",
      timeZone: "UTC",
      attemptDeadline: { seconds: "180" },
      retryConfig: {
        maxRetryDuration: { seconds: "0" },
        minBackoffDuration: { seconds: "5" },
        maxBackoffDuration: { seconds: "3600" },
        maxDoublings: 5,
      },
      httpTarget: {
        uri: "https://delivery.example.test/",
        httpMethod: "POST",
      },
    });
    expect(timeOf(job.scheduleTime)).toBe("2026-11-20T10:05:00Z");
    expect(timeOf(job.userUpdateTime)).toBe("2026-11-20T10:00:00Z");
    expect(job.lastAttemptTime).toBeNull();
    expect(job.status).toBeNull();
  });

  test("without a name gets one", async () => {
    const { name: _name, ...nameless } = pubsubJob();
    const first = await create(setting, nameless);
    const second = await create(setting, nameless);
    expect(first.name).toMatch(/^projects\/acme\/locations\/us-central1\/jobs\/\d+$/);
    expect(second.name).not.toBe(first.name);
  });

  test("of a name that is taken is refused", async () => {
    await create(setting, pubsubJob());
    await expect(create(setting, pubsubJob())).rejects.toMatchObject({
      code: 6,
      details: `Job ${JOB} already exists.`,
    });
  });

  test("that does not exist is not found, whatever is asked of it", async () => {
    const { client } = setting;
    const missing = { code: 5, details: `Job ${JOB} not found.` };
    await expect(client.getJob({ name: JOB })).rejects.toMatchObject(missing);
    await expect(client.deleteJob({ name: JOB })).rejects.toMatchObject(missing);
    await expect(client.pauseJob({ name: JOB })).rejects.toMatchObject(missing);
    await expect(client.resumeJob({ name: JOB })).rejects.toMatchObject(missing);
    await expect(client.runJob({ name: JOB })).rejects.toMatchObject(missing);
    await expect(client.updateJob({ job: pubsubJob() })).rejects.toMatchObject(missing);
  });

  test("is deleted and then publishes nothing", async () => {
    await create(setting, pubsubJob());
    await setting.client.deleteJob({ name: JOB });
    await setting.clock.advance(3_600_000);
    expect(setting.published).toEqual([]);
  });

  test("is listed with those of its location, in pages", async () => {
    for (const id of ["c", "a", "b"]) {
      await create(setting, pubsubJob({ name: `${PARENT}/jobs/${id}` }));
    }
    const elsewhere = "projects/acme/locations/europe-west1";
    const job = pubsubJob({ name: `${elsewhere}/jobs/d` });
    await setting.client.createJob({ parent: elsewhere, job });
    const [page, next] = await setting.client.listJobs(
      { parent: PARENT, pageSize: 2 },
      { autoPaginate: false },
    );
    expect(page.map((one) => one.name)).toEqual([`${PARENT}/jobs/c`, `${PARENT}/jobs/a`]);
    const [rest] = await setting.client.listJobs({
      parent: PARENT,
      pageToken: next?.pageToken ?? "",
    });
    expect(rest.map((one) => one.name)).toEqual([`${PARENT}/jobs/b`]);
  });

  test("survives a restart, and a reset forgets it", async () => {
    const persistence = memoryPersistence();
    const first = await openScheduler({ persistence });
    await create(first, pubsubJob());
    await first.close();
    const second = await openScheduler({ persistence });
    await second.clock.advance(300_000);
    expect(second.published).toHaveLength(1);
    second.server.reset();
    await expect(second.read()).rejects.toMatchObject({ code: 5 });
    await second.close();
  });
});

const REFUSED: readonly (readonly [string, IJob])[] = [
  ["no schedule", pubsubJob({ schedule: "" })],
  ["four fields", pubsubJob({ schedule: "* * * *" })],
  ["a day in place of a month", pubsubJob({ schedule: "0 0 * MON *" })],
  ["six fields", pubsubJob({ schedule: "0 * * * * *" })],
  ["a minute 60", pubsubJob({ schedule: "60 * * * *" })],
  ["a nickname", pubsubJob({ schedule: "@hourly" })],
  ["a last day of the month", pubsubJob({ schedule: "0 0 L * *" })],
  ["a step without a range", pubsubJob({ schedule: "5/15 * * * *" })],
  ["a day that never comes", pubsubJob({ schedule: "0 0 30 2 *" })],
  ["an unknown time zone", pubsubJob({ timeZone: "Mars/Phobos" })],
  ["an offset as its time zone", pubsubJob({ timeZone: "+02:00" })],
  ["no target", { name: JOB, schedule: "* * * * *" }],
  [
    "a topic of another project",
    pubsubJob({ pubsubTarget: { topicName: "projects/other/topics/t", data: "aGk=" } }),
  ],
  ["a topic that is none", pubsubJob({ pubsubTarget: { topicName: "ticks", data: "aGk=" } })],
  ["neither data nor attributes", pubsubJob({ pubsubTarget: { topicName: TOPIC } })],
  ["a description of 501 characters", pubsubJob({ description: "x".repeat(501) })],
  ["a URI of another scheme", httpJob("ftp://example.test/")],
  ["a URI of 2084 characters", httpJob(`https://a.test/${"x".repeat(2084 - 15)}`)],
  ["an OAuth token of nobody", httpJob(URI, { oauthToken: { serviceAccountEmail: "a" } })],
  ["a deadline of 14 s", httpJob(URI, {}, { attemptDeadline: { seconds: 14 } })],
  ["a deadline of 30 min 1 s", httpJob(URI, {}, { attemptDeadline: { seconds: 1801 } })],
  ["a name of another location", pubsubJob({ name: "projects/acme/locations/x/jobs/tick" })],
  ["an id with a dot", pubsubJob({ name: `${PARENT}/jobs/a.b` })],
  ["an id of 501 characters", pubsubJob({ name: `${PARENT}/jobs/${"x".repeat(501)}` })],
];

const ACCEPTED: readonly (readonly [string, IJob])[] = [
  ["names of months and days", pubsubJob({ schedule: "0 9 1 jan-MAR MON,wed" })],
  ["Sunday as 7", pubsubJob({ schedule: "0 0 * * 7" })],
  ["a stepped range", pubsubJob({ schedule: "0-30/10 * * * *" })],
  ["utc in lower case", pubsubJob({ timeZone: "utc" })],
  ["attributes alone", pubsubJob({ pubsubTarget: { topicName: TOPIC, attributes: { a: "b" } } })],
  ["a description of 500 characters", pubsubJob({ description: "x".repeat(500) })],
  ["a URI of 2083 characters", httpJob(`https://a.test/${"x".repeat(2083 - 15)}`)],
  ["a deadline of 15 s", httpJob(URI, {}, { attemptDeadline: { seconds: 15 } })],
  ["a deadline of 30 min", httpJob(URI, {}, { attemptDeadline: { seconds: 1800 } })],
];

describe("a job with", () => {
  test.each(REFUSED)("%s is refused", async (_what, job) => {
    await expect(create(setting, job)).rejects.toMatchObject({ code: 3 });
    expect((await setting.client.listJobs({ parent: PARENT }))[0]).toEqual([]);
  });

  test.each(ACCEPTED)("%s is accepted", async (_what, job) => {
    expect((await create(setting, job)).state).toBe("ENABLED");
  });

  test.each([
    ["an English-like schedule", pubsubJob({ schedule: "every 5 minutes" })],
    [
      "an App Engine target",
      { name: JOB, schedule: "* * * * *", appEngineHttpTarget: { relativeUri: "/" } },
    ],
    ["a body", httpJob(URI, { body: Buffer.from("x") })],
    ["a header", httpJob(URI, { headers: { "X-A": "1" } })],
    ["an OIDC token", httpJob(URI, { oidcToken: { serviceAccountEmail: ACCOUNT } })],
    ["an attempt after a failed one", pubsubJob({ retryConfig: { retryCount: 1 } })],
  ])("%s is refused as not covered", async (_what, job) => {
    await expect(create(setting, job)).rejects.toMatchObject({ code: 12 });
  });
});

describe("an update", () => {
  test("changes what its mask names and reckons the next time anew", async () => {
    await create(setting, pubsubJob({ description: "kept" }));
    const job = { name: JOB, schedule: "0 9 * * *", timeZone: "Europe/Berlin", description: "new" };
    const updateMask = { paths: ["schedule", "time_zone"] };
    const [updated] = await setting.client.updateJob({ job, updateMask });
    expect(updated).toMatchObject({ description: "kept", pubsubTarget: { topicName: TOPIC } });
    expect(timeOf(updated.scheduleTime)).toBe("2026-11-21T08:00:00Z");
  });

  test("without a mask changes what it has", async () => {
    await create(setting, pubsubJob({ description: "before" }));
    await setting.client.updateJob({ job: { name: JOB, description: "after" } });
    expect(await setting.read()).toMatchObject({
      description: "after",
      schedule: "*/5 * * * *",
      pubsubTarget: { topicName: TOPIC },
    });
  });

  test("of one field of a target keeps the others", async () => {
    await create(setting, httpJob(URI, { httpMethod: "PUT" }));
    const job = { name: JOB, httpTarget: { uri: `${URI}/2` } };
    await setting.client.updateJob({ job, updateMask: { paths: ["http_target.uri"] } });
    expect((await setting.read()).httpTarget).toMatchObject({
      uri: `${URI}/2`,
      httpMethod: "PUT",
    });
  });

  test("to another kind of target replaces the one before", async () => {
    await create(setting, pubsubJob());
    const job = { name: JOB, httpTarget: { uri: URI } };
    await setting.client.updateJob({ job, updateMask: { paths: ["http_target"] } });
    expect(await setting.read()).toMatchObject({ httpTarget: { uri: URI }, target: "httpTarget" });
  });

  test("ignores what the service itself says", async () => {
    await create(setting, pubsubJob());
    const job = { name: JOB, state: "PAUSED" as const };
    await setting.client.updateJob({ job, updateMask: { paths: ["state"] } });
    expect((await setting.read()).state).toBe("ENABLED");
  });

  test("that would make a bad job is refused and changes nothing", async () => {
    await create(setting, pubsubJob());
    const job = { name: JOB, schedule: "never" };
    await expect(
      setting.client.updateJob({ job, updateMask: { paths: ["schedule"] } }),
    ).rejects.toMatchObject({ code: 3, details: "Schedule or time zone is invalid." });
    await expect(
      setting.client.updateJob({ job, updateMask: { paths: ["colour"] } }),
    ).rejects.toMatchObject({ code: 3 });
    expect((await setting.read()).schedule).toBe("*/5 * * * *");
  });
});

test("over REST a refusal has the body that Google's APIs give, and names the field", async () => {
  const url = `${setting.server.url}/v1/${PARENT}/jobs`;
  const body = JSON.stringify({ name: JOB, schedule: "never", pubsubTarget: { topicName: TOPIC } });
  const response = await fetch(url, { method: "POST", body });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    error: {
      code: 400,
      message: "Schedule or time zone is invalid.",
      status: "INVALID_ARGUMENT",
      details: [{ fieldViolations: [{ field: "job.schedule" }] }],
    },
  });
  const missing = await fetch(`${url}/tick:run`, { method: "POST", body: "{}" });
  expect(missing.status).toBe(404);
});
