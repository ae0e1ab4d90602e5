import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { messageFunction } from "../../functions/message-function.ts";
import { onDeployNotificationFunction } from "../../functions/on-deploy-notification.ts";
import { onImagePushFunction } from "../../functions/on-image-push.ts";
import { onTickFunction } from "../../functions/on-tick.ts";
import { DecisionList } from "../../shared/wire/api/decisions.ts";
import { serveFunction } from "../support/function-server.ts";
import type { FunctionServer } from "../support/function-server.ts";
import { LOCAL_PAGES, serveWebWorld } from "../support/web-world.ts";
import type { WebWorld } from "../support/web-world.ts";
import { startApiWorld } from "../support/api-world.ts";
import { openCli } from "./cli-setting.ts";

let web: WebWorld;
let pushes: FunctionServer;
let ticks: FunctionServer;
let notifications: FunctionServer;

beforeAll(async () => {
  web = await serveWebWorld(await startApiWorld(LOCAL_PAGES));
  const wiring = async (): Promise<WebWorld["api"]["wiring"]> => web.api.wiring;
  pushes = await serveFunction("decisions-push", messageFunction(wiring, onImagePushFunction));
  ticks = await serveFunction("decisions-tick", messageFunction(wiring, onTickFunction));
  const told = messageFunction(wiring, onDeployNotificationFunction);
  notifications = await serveFunction("decisions-notification", told);
});
afterAll(async () => {
  await pushes.close();
  await ticks.close();
  await notifications.close();
  await web.close();
});

/** Delivers a message as a push subscription does. */
async function deliver(
  { url }: FunctionServer,
  messageId: string,
  data: object,
  attributes: Readonly<Record<string, string>> = {},
): Promise<number> {
  const token = await web.api.mint({
    email: "push@slipway.iam.gserviceaccount.com",
    audience: `${url}/`,
  });
  const encoded = Buffer.from(JSON.stringify(data)).toString("base64");
  const response = await fetch(`${url}/`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({
      message: { messageId, data: encoded, publishTime: "2026-11-20T10:00:00Z", attributes },
      subscription: "projects/slipway/subscriptions/s",
    }),
  });
  return response.status;
}

async function decisions(): Promise<readonly (readonly string[])[]> {
  const { body } = await web.api.call("viewer", "GET /v1/decisions");
  return DecisionList.parse(body).decisions.map(({ id, outcome, why }) => [id, outcome, why]);
}

const REPOSITORY = "us-central1-docker.pkg.dev/p/apps/none";
const DIGEST = `${REPOSITORY}@sha256:${"a".repeat(64)}`;
const PUSH = { action: "INSERT", digest: DIGEST, tag: `${REPOSITORY}:v1` };

describe("what came in", () => {
  test("is told with what became of it, also where it changed nothing; each event once", async () => {
    expect(await deliver(pushes, "1", PUSH)).toBe(200);
    web.api.memory.clock.advance(1000);
    expect(await deliver(pushes, "2", { action: "DELETE", tag: `${REPOSITORY}:v1` })).toBe(200);
    web.api.memory.clock.advance(1000);
    expect(await deliver(pushes, "3", { nothing: "of ours" })).toBe(200);
    web.api.memory.clock.advance(1000);
    expect(await deliver(pushes, "1", PUSH)).toBe(200);
    const told = await decisions();
    expect(told.map(([id, outcome]) => [id, outcome])).toEqual([
      ["on-image-push-1", "IGNORED"],
      ["on-image-push-3", "REFUSED"],
      ["on-image-push-2", "IGNORED"],
    ]);
    expect(told.every(([, , why]) => why !== "")).toBe(true);
  });

  test("has none of our own ticks among it", async () => {
    const before = await decisions();
    expect(await deliver(ticks, "9", { kind: "minute" })).toBe(200);
    expect(await decisions()).toEqual(before);
  });

  test.for([
    ["a job run", { Action: "Start", ResourceType: "JobRun", JobRunId: "j", RolloutId: "o" }],
    ["a release", { Action: "Succeed", ResourceType: "Release" }],
    ["the first move of a rollout", { Action: "Create", ResourceType: "Rollout", RolloutId: "o" }],
  ] as const)("has no notification about %s: nothing is ever decided on one", async ([, about]) => {
    const before = await decisions();
    const attributes = { DeliveryPipelineId: "web-us-central1-rollout", ReleaseId: "r", ...about };
    expect(await deliver(notifications, "20", {}, attributes)).toBe(200);
    expect(await decisions()).toEqual(before);
  });

  test.for([
    ["on-deploy-notification-21", "IGNORED", { Action: "Succeed", ResourceType: "Rollout" }],
    ["on-deploy-notification-22", "IGNORED", { Action: "Required" }],
    ["on-deploy-notification-23", "REFUSED", { ResourceType: "Rollout" }],
  ] as const)("has %s, which is %s", async ([id, outcome, about]) => {
    const rollout = { DeliveryPipelineId: "web-us-central1-rollout", RolloutId: "foreign" };
    const messageId = id.split("-").at(-1) ?? "";
    expect(await deliver(notifications, messageId, {}, { ...rollout, ...about })).toBe(200);
    expect(await decisions()).toContainEqual([id, outcome, expect.any(String)]);
  });

  test("fails no message where it cannot be kept", async () => {
    const { outages } = web.api.memory.calls;
    outages.set("store.noteDecision", "transient");
    expect(await deliver(pushes, "4", PUSH)).toBe(200);
    outages.delete("store.noteDecision");
    expect((await decisions()).map(([id]) => id)).not.toContain("on-image-push-4");
  });

  test("is told when it is given up, and not while it will come again", async () => {
    const { outages } = web.api.memory.calls;
    outages.set("store.findByImage", "transient");
    expect(await deliver(pushes, "5", PUSH)).toBe(503);
    outages.set("store.findByImage", "permanent");
    expect(await deliver(pushes, "6", PUSH)).toBe(200);
    outages.clear();
    const told = await decisions();
    expect(told.map(([id]) => id)).not.toContain("on-image-push-5");
    expect(told).toContainEqual(["on-image-push-6", "FAILED", expect.any(String)]);
  });

  test("is told page by page, on its page too, and to those alone who may read all", async () => {
    const { body } = await web.api.call("viewer", "GET /v1/decisions?pageSize=2");
    const first = DecisionList.parse(body);
    expect(first.decisions).toHaveLength(2);
    expect(first.nextPageToken).not.toBe("");
    expect((await web.api.call("stranger", "GET /v1/decisions")).status).toBe(403);
    const { text } = await web.open("viewer", "/decisions");
    expect(text).toContain("Ignored");
    expect((await web.open("stranger", "/decisions")).status).toBe(403);
  });
});

test("the command line lists what came in, in rows that nothing breaks", async () => {
  const setting = await openCli();
  const hostile = "no service\u{1B}[2J has\nthis \u{202E}image";
  await setting.world.memory.ports.store.noteDecision({
    id: "on-image-push-1",
    at: setting.world.memory.clock.now(),
    trigger: "on-image-push",
    outcome: "ignored",
    why: hostile,
  });
  const { code, out } = await setting.run(["decisions"]);
  expect(code).toBe(0);
  expect(out).toMatch(/WHEN\s+TAKEN BY\s+OUTCOME\s+WHY/);
  expect(out).toMatch(/on-image-push\s+IGNORED\s+no service/);
  expect(out).not.toContain("\u{1B}[2J");
  const json = await setting.run(["decisions", "--json"]);
  expect(DecisionList.parse(JSON.parse(json.out)).decisions).toMatchObject([{ why: hostile }]);
  await setting.close();
});
