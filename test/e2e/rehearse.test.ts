import { readFile } from "node:fs/promises";
import * as grpc from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { until } from "../support/until.ts";
import { cliIn } from "./cli-setting.ts";
import type { Ran } from "./cli-setting.ts";
import { control, listTopics, LOCATION, METHODS, statusOf } from "./rehearse-setting.ts";

let world: LocalWorld;

beforeAll(async () => {
  world = await openLocalWorld();
});

afterAll(async () => {
  await world.close();
});

async function slipway(...words: readonly string[]): Promise<Ran> {
  return cliIn(world.directory)(words);
}

const Tokens = z.object({ tokens: z.object({ oncall: z.string() }) });

function idOf(pulled: string): string | undefined {
  return /"messageId":"([^"]+)"/.exec(pulled)?.[1];
}

function byNumber(left: number, right: number): number {
  return left - right;
}

describe("a fault", () => {
  test.each(METHODS)(
    "of %s %s befalls it, and it alone, until it is cleared",
    async (of, method, path) => {
      const before = await statusOf(world, of, path);
      expect(before).not.toBe(503);
      await control(world, "faults", {
        method: "POST",
        body: { api: of, method, status: "UNAVAILABLE" },
      });
      expect(await statusOf(world, of, path)).toBe(503);
      const { json } = await control(world, `faults?api=${of}&method=${method}`, {
        method: "DELETE",
      });
      expect(json).toMatchObject({ faults: [{ method, does: "UNAVAILABLE", left: null }] });
      expect(await statusOf(world, of, path)).toBe(before);
    },
  );

  test("of a method befalls it over gRPC as over REST", async () => {
    const body = { api: "pubsub", method: "ListTopics", status: "ABORTED", times: 2 };
    await control(world, "faults", { method: "POST", body });
    const path = "v1/projects/slipway-local/topics";
    expect([await listTopics(world), await statusOf(world, "pubsub", path)]).toEqual([
      grpc.status.ABORTED,
      409,
    ]);
    expect([await listTopics(world), await statusOf(world, "pubsub", path)]).toEqual([
      grpc.status.OK,
      200,
    ]);
  });

  test("of deliveries loses messages on their way to a function", async () => {
    await slipway("local", "fault", "add", "deliveries", "on-incident", "--times", "1");
    world.publish("slipway-incidents", { version: "1.2" });
    const { out } = await until(
      "the message is lost",
      async () => slipway("local", "fault", "list"),
      (ran) => / 1 +over/.test(ran.out),
    );
    expect(out).toMatch(/deliveries +on-incident +lost before it is done +1 +over/);
  });
});

describe("the commands", () => {
  test("say what was done, list it, and end it", async () => {
    await control(world, "faults", { method: "DELETE" });
    const nothing = await slipway("local", "fault", "list");
    expect(nothing.out).toBe(
      "Nothing goes wrong on purpose. To change that: slipway local fault add --help\n",
    );
    const words = [
      "clouddeploy",
      "createrollout",
      "--status",
      "aborted",
      "--after",
      "--times",
      "3",
    ];
    const added = await slipway("local", "fault", "add", ...words, "--every", "2", "--delay", "5s");
    expect(added).toEqual({
      code: 0,
      err: "",
      out: [
        "cloudDeploy CreateRollout: answered with ABORTED 5s later after it was done, one call in 2, 3 times.",
        "To see how often that was: slipway local fault list",
        "To end it: slipway local fault clear cloudDeploy CreateRollout",
        "",
      ].join("\n"),
    });
    const cleared = await slipway("local", "fault", "clear", "cloudDeploy");
    expect(cleared.out).toBe(
      "Ended: cloudDeploy CreateRollout, answered with ABORTED 5s later after it was done; it has happened 0 times.\n",
    );
  });

  test("refuse what is not there, or out of bounds, and say what is", async () => {
    const refused: readonly (readonly [words: string, message: string])[] = [
      ["cloudDeploi CreateRelease", 'no API cloudDeploi; did you mean "cloudDeploy"?'],
      ["weather Now", "no API weather; it has "],
      ["cloudDeploy CreateRelese", 'no method CreateRelese; did you mean "CreateRelease"?'],
      ["deliveries on-ticks", 'no message goes to on-ticks; did you mean "on-tick"?'],
      ["deliveries on-tick --status ABORTED", "a delivery has no status"],
      ["firestore Commit --status ABORTE", 'did you mean "ABORTED"?'],
      ["firestore Commit --times 0", "a whole number from 1 to 10000"],
      ["firestore Commit --every 10001", "a whole number from 1 to 10000"],
      ["firestore Commit --delay 11m", "at most 10m"],
      ["firestore Commit --before --after", "either --before or --after"],
    ];
    const ran = await Promise.all(
      refused.map(async ([words]) => slipway("local", "fault", "add", ...words.split(" "))),
    );
    for (const [index, [words, message]] of refused.entries()) {
      expect(ran[index], words).toMatchObject({ code: 2, out: "" });
      expect(ran[index]?.err).toContain(message);
    }
    expect((await control(world, "faults")).json).toEqual({ faults: [] });
  });
});

test.each([
  ["a page of another site", { headers: { origin: "https://example.com" } }, 403],
  ["what is no JSON", { body: "{" }, 400],
  [
    "JSON that says it is text, as pages may send it",
    { headers: { "content-type": "text/plain" } },
    400,
  ],
  ["too deep a body", { body: `{"api":${"[".repeat(200)}${"]".repeat(200)}}` }, 400],
  ["unknown fields", { body: { api: "pubsub", method: "Publish", often: 1 } }, 400],
  ["numbers out of bounds", { body: { api: "pubsub", method: "Publish", times: 1e9 } }, 400],
])("%s is refused", async (_, asking, status) => {
  const body = { api: "pubsub", method: "Publish" };
  expect((await control(world, "faults", { method: "POST", body, ...asking })).status).toBe(status);
  expect(JSON.stringify((await control(world, "faults")).json)).not.toContain("Publish");
});

test("there are at most a hundred faults at a time, whoever adds them at once", async () => {
  const body = { api: "slack", method: "api.test", times: 1 };
  const method = "auth.test";
  const asked = Array.from({ length: 120 }, async () =>
    control(world, "faults", { method: "POST", body: { ...body, method } }),
  );
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  const Listed = z.object({ faults: z.array(z.object({ left: z.number().nullable() })) });
  const { faults } = Listed.parse((await control(world, "faults")).json);
  expect(faults.filter(({ left }) => left !== 0)).toHaveLength(100);
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(20);
  await control(world, "faults", { method: "DELETE" });
});

const LEASE = "projects/slipway-local/subscriptions/rehearsed";

/** What an API of the local cloud answers. */
async function api(name: string, path: string, body?: unknown): Promise<unknown> {
  const endpoint = world.file.endpoints[name] ?? "";
  const url = `${endpoint.startsWith("http") ? "" : "http://"}${endpoint}/${path}`;
  const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  return (await fetch(url, init)).json();
}

const Placed = z.object({ createTime: z.string() });

/** Places a hold with a token, and says when it was placed. */
async function hold(token: string): Promise<{ readonly status: number; readonly time: number }> {
  const answer = await fetch(`${world.file.api}/v1/holds`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ reason: "to see the time" }),
  });
  const text = await answer.text();
  const { createTime } = answer.ok ? Placed.parse(JSON.parse(text)) : { createTime: "" };
  return { status: answer.status, time: Date.parse(createTime) };
}

const Place = z.object({ now: z.string(), aheadMs: z.number(), isFrozen: z.boolean() });

async function place(): Promise<z.output<typeof Place>> {
  return Place.parse((await control(world, "clock")).json);
}

const HOUR_MS = 3_600_000;

describe("the clock", () => {
  test("goes ahead for functions, schedules, leases and tokens, and nobody is signed out", async () => {
    const topic = "projects/slipway-local/topics/slipway-audit";
    await fetch(`http://${world.file.endpoints["pubsub"] ?? ""}/v1/${LEASE}`, {
      method: "PUT",
      body: JSON.stringify({ topic, ackDeadlineSeconds: 600 }),
    });
    const before = await hold(world.file.tokens.oncall);
    const pull = async (): Promise<string> =>
      JSON.stringify(
        await api("pubsub", `v1/${LEASE}:pull`, { maxMessages: 1, returnImmediately: true }),
      );
    const leased = await until("a record is told", pull, (text) => text.includes("messageId"));
    const { out, code } = await slipway("local", "clock", "advance", "2h");
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^It is .*Z now, 2h ahead of this machine\.\n$/),
    ]);
    expect(await hold(world.file.tokens.oncall)).toMatchObject({ status: 401 });
    const { tokens } = Tokens.parse(
      JSON.parse(await readFile(`${world.directory}/.slipway/local.json`, "utf8")),
    );
    const after = await hold(tokens.oncall);
    expect(after.time - before.time).toBeGreaterThanOrEqual(2 * HOUR_MS);
    // What was told meanwhile comes as well, and in no order.
    const again = await until("the lease has ended", pull, (text) => idOf(text) === idOf(leased));
    expect(idOf(again)).toBe(idOf(leased));
    const job = JSON.stringify(await api("scheduler", `v1/${LOCATION}/jobs/slipway-hour`));
    const ran = Date.parse(/"lastAttemptTime":"([^"]+)"/.exec(job)?.[1] ?? "");
    expect(Date.parse((await place()).now) - ran).toBeLessThan(HOUR_MS);
    const listed = (await slipway("hold", "list", "--as", "oncall")).out;
    expect(listed).toContain("2h ago");
    expect(listed).not.toContain("in 2h");
  });

  test("stands still, and goes on from there", async () => {
    expect((await slipway("local", "clock", "freeze")).out).toContain("The time stands still at ");
    const stood = await place();
    expect(await place()).toMatchObject({ now: stood.now, isFrozen: true });
    expect((await slipway("local", "clock", "advance", "1m")).out).toContain(
      "the time stands still",
    );
    const later = await place();
    expect(Date.parse(later.now) - Date.parse(stood.now)).toBe(60_000);
    expect((await slipway("local", "clock", "run")).out).toContain(
      `The time goes on from ${later.now.slice(0, 11)}`,
    );
    const running = await place();
    await until("time goes on", place, ({ now }) => now > running.now);
  });

  test("is moved by one command at a time, and by no more than a year", async () => {
    const advance = async (byMs: number): Promise<number> =>
      (await control(world, "clock/advance", { method: "POST", body: { byMs } })).status;
    expect((await Promise.all([advance(1), advance(1)])).toSorted(byNumber)).toEqual([200, 409]);
    expect([await advance(0), await advance(-1), await advance(367 * 24 * HOUR_MS)]).toEqual([
      400, 400, 400,
    ]);
    expect((await control(world, "clock/constructor", { method: "POST", body: {} })).status).toBe(
      404,
    );
    const refused = await Promise.all(
      ["900d", "0s", "soon"].map(async (length) => slipway("local", "clock", "advance", length)),
    );
    expect(refused.map(({ code }) => code)).toEqual([2, 2, 2]);
  });
});

test("at the real pace a backup takes minutes, and the clock need not", async () => {
  expect((await slipway("local", "pace", "real")).out).toContain("as long as on Google Cloud");
  const plan = "projects/parcel-tracker-prod-b6f2/locations/us-central1/backupPlans/labels";
  await api("gkeBackup", `v1/${plan}/backups?backupId=real`, {});
  const state = async (): Promise<string> =>
    JSON.stringify(await api("gkeBackup", `v1/${plan}/backups/real`));
  await control(world, "clock/advance", { method: "POST", body: { byMs: 60_000 } });
  expect(await state()).not.toContain("SUCCEEDED");
  await control(world, "clock/advance", { method: "POST", body: { byMs: 180_000 } });
  expect(await state()).toContain("SUCCEEDED");
  expect((await slipway("local", "pace", "fast")).out).toContain("Things take a moment");
  expect(await slipway("local", "pace", "slow")).toMatchObject({ code: 2 });
  expect((await control(world, "pace", { method: "POST", body: { pace: "slow" } })).status).toBe(
    400,
  );
});

test("where no local cloud runs, the commands say how to start one", async () => {
  const nowhere = await cliIn("/")(["local", "fault", "list"]);
  expect(nowhere).toMatchObject({ code: 2, out: "" });
  expect(nowhere.err).toContain("start it with npm start");
  const stopped = world.directory;
  await world.stop();
  const gone = await cliIn(stopped)(["local", "fault", "list"]);
  expect(gone).toMatchObject({ code: 3, out: "" });
  expect(gone.err).toMatch(/does not answer: start it with npm start/);
});
