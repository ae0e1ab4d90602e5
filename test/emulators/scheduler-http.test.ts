import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { type Answer, type Endpoint, openEndpoint } from "./pubsub-endpoint.ts";
import {
  ACCOUNT,
  create,
  httpJob,
  JOB,
  MINUTE_MS,
  openScheduler,
  type Setting,
  timeOf,
} from "./scheduler-setting.ts";

let setting: Setting;
let endpoints: Endpoint[];
beforeEach(async () => {
  setting = await openScheduler();
  endpoints = [];
});
afterEach(async () => {
  await setting.close();
  await Promise.all(endpoints.map((one) => one.close()));
});

async function open(answer?: Answer): Promise<Endpoint> {
  const endpoint = await openEndpoint(answer);
  endpoints.push(endpoint);
  return endpoint;
}

function scheduleTimes(endpoint: Endpoint): readonly unknown[] {
  return endpoint.arrived.map(({ headers }) => headers["x-cloudscheduler-scheduletime"]);
}

describe("a request", () => {
  test("to one of Google's APIs has an access token of the account", async () => {
    const endpoint = await open();
    const target = { oauthToken: { serviceAccountEmail: ACCOUNT } };
    await create(setting, httpJob(`${endpoint.url}/v2/jobs/j:run`, target));
    await setting.pass(5 * MINUTE_MS);
    expect(endpoint.arrived[0]?.headers["authorization"]).toBe(`Bearer access-token-of-${ACCOUNT}`);
  });

  test("has the service's headers, and without an account no token", async () => {
    const endpoint = await open();
    await create(setting, httpJob(`${endpoint.url}/tick?a=b`));
    await setting.pass(5 * MINUTE_MS);
    expect(endpoint.arrived).toMatchObject([{ path: "/tick?a=b", body: "" }]);
    expect(endpoint.arrived[0]?.headers).toMatchObject({
      "user-agent": "Google-Cloud-Scheduler",
      "x-cloudscheduler": "true",
      "x-cloudscheduler-jobname": "tick",
      "x-cloudscheduler-scheduletime": "2026-11-20T10:05:00Z",
    });
    expect(endpoint.arrived[0]?.headers).not.toHaveProperty("authorization");
    expect((await setting.read()).status).toMatchObject({ code: 0 });
  });

  test("that is forced carries the next scheduled time, or none of a paused job", async () => {
    const endpoint = await open();
    await create(setting, httpJob(endpoint.url));
    await setting.client.runJob({ name: JOB });
    await setting.server.idle();
    await setting.client.pauseJob({ name: JOB });
    await setting.client.runJob({ name: JOB });
    await setting.server.idle();
    expect(scheduleTimes(endpoint)).toEqual(["2026-11-20T10:05:00Z", undefined]);
  });
});

describe("a failed attempt", () => {
  test.each([
    [404, 5],
    [403, 7],
    [401, 16],
    [500, 13],
    [503, 14],
    [418, 2],
  ])("answered %i has the code %i in the job's status", async (status, code) => {
    const endpoint = await open(() => status);
    await create(setting, httpJob(endpoint.url));
    await setting.pass(5 * MINUTE_MS);
    const job = await setting.read();
    expect(job.status).toMatchObject({ code });
    expect(timeOf(job.lastAttemptTime)).toBe("2026-11-20T10:05:00Z");
  });

  test("without a connection is UNAVAILABLE", async () => {
    const endpoint = await openEndpoint();
    await endpoint.close();
    await create(setting, httpJob(endpoint.url));
    await setting.pass(5 * MINUTE_MS);
    expect((await setting.read()).status).toMatchObject({ code: 14 });
  });

  test("is not tried again before the next time of the schedule", async () => {
    const endpoint = await open(() => 500);
    await create(setting, httpJob(endpoint.url));
    await setting.pass(10 * MINUTE_MS, MINUTE_MS);
    expect(scheduleTimes(endpoint)).toEqual(["2026-11-20T10:05:00Z", "2026-11-20T10:10:00Z"]);
  });
});

describe("an execution that takes long", () => {
  test("is cut off at its deadline, and the attempt has failed", async () => {
    const endpoint = await open(() => null);
    const attemptDeadline = { seconds: 15 };
    await create(setting, httpJob(endpoint.url, {}, { attemptDeadline }));
    await setting.clock.advance(5 * MINUTE_MS);
    await endpoint.holds(1);
    await setting.clock.advance(14_999);
    expect((await setting.read()).status).toBeNull();
    await setting.clock.advance(1);
    await setting.server.idle();
    expect((await setting.read()).status).toMatchObject({ code: 4 });
  });

  test("delays the next, which then starts at once under its own scheduled time", async () => {
    const answers: ((status: number) => void)[] = [];
    const endpoint = await open(() => new Promise<number>((resolve) => void answers.push(resolve)));
    const attemptDeadline = { seconds: 1800 };
    await create(setting, httpJob(endpoint.url, {}, { attemptDeadline }));
    await setting.clock.advance(5 * MINUTE_MS);
    await endpoint.holds(1);
    await setting.clock.advance(6 * MINUTE_MS);
    expect(endpoint.arrived).toHaveLength(1);
    answers[0]?.(200);
    await endpoint.holds(2);
    expect(scheduleTimes(endpoint)).toEqual(["2026-11-20T10:05:00Z", "2026-11-20T10:10:00Z"]);
    expect(timeOf((await setting.read()).lastAttemptTime)).toBe("2026-11-20T10:11:00Z");
    answers[1]?.(200);
    await setting.server.idle();
    expect(timeOf((await setting.read()).scheduleTime)).toBe("2026-11-20T10:15:00Z");
  });

  test("does not keep a forced run from being dispatched beside it", async () => {
    const endpoint = await open((number) => (number === 1 ? null : 200));
    await create(setting, httpJob(endpoint.url));
    await setting.clock.advance(5 * MINUTE_MS);
    await endpoint.holds(1);
    await setting.client.runJob({ name: JOB });
    await endpoint.holds(2);
    await expect.poll(async () => (await setting.read()).status).toMatchObject({ code: 0 });
  });
});
