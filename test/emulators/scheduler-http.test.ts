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

  test("has the service's headers, the caller's own, the body and a token for the audience", async () => {
    const endpoint = await open();
    const target = {
      body: Buffer.from("{}"),
      headers: {
        "X-Own": "1",
        Authorization: "Basic x",
        "user-agent": "me",
        "X-CloudScheduler": "no",
      },
      oidcToken: { serviceAccountEmail: ACCOUNT, audience: "https://delivery.example.test" },
    };
    await create(setting, httpJob(`${endpoint.url}/tick`, target));
    await setting.pass(5 * MINUTE_MS);
    expect(endpoint.arrived).toMatchObject([{ path: "/tick", body: "{}" }]);
    expect(endpoint.arrived[0]?.headers).toMatchObject({
      "user-agent": "Google-Cloud-Scheduler",
      "x-cloudscheduler": "true",
      "x-cloudscheduler-jobname": "tick",
      "x-cloudscheduler-scheduletime": "2026-11-20T10:05:00Z",
      authorization: `Bearer token of ${ACCOUNT} for https://delivery.example.test`,
      "content-type": "application/octet-stream",
      "content-length": "2",
      "x-own": "1",
    });
    expect((await setting.read()).status).toMatchObject({ code: 0 });
  });

  test("has a token for its own address when no audience is set", async () => {
    const endpoint = await open();
    const uri = `${endpoint.url}/tick?a=b`;
    await create(setting, httpJob(uri, { oidcToken: { serviceAccountEmail: ACCOUNT } }));
    await setting.pass(5 * MINUTE_MS);
    expect(endpoint.arrived[0]?.headers.authorization).toBe(
      `Bearer token of ${ACCOUNT} for ${uri}`,
    );
  });

  test("without a token has none, and a content type only with a body", async () => {
    const endpoint = await open();
    await create(setting, httpJob(endpoint.url, { httpMethod: "GET" }));
    await setting.pass(5 * MINUTE_MS);
    expect(endpoint.arrived[0]?.headers).not.toHaveProperty("authorization");
    expect(endpoint.arrived[0]?.headers).not.toHaveProperty("content-type");
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

  test("ends when its job is deleted", async () => {
    const endpoint = await open(() => null);
    await create(setting, httpJob(endpoint.url));
    await setting.clock.advance(5 * MINUTE_MS);
    await endpoint.holds(1);
    await setting.client.deleteJob({ name: JOB });
    await setting.server.idle();
    await expect(setting.read()).rejects.toMatchObject({ code: 5 });
  });
});
