import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { METHODS } from "../../emulators/slack/methods.ts";
import { firstMessage } from "../../shared/adapters/slack-notice.ts";
import { aMessage } from "../support/notice-message.ts";
import { brokenIn } from "../support/slack-description.ts";
import { ANN, openApp, openSlack } from "./slack-setting.ts";
import type { SlackApp, SlackSetting } from "./slack-setting.ts";

let app: SlackApp;
let setting: SlackSetting;
beforeAll(async () => {
  app = await openApp();
  setting = await openSlack({ requestUrl: app.url });
});
afterAll(async () => {
  await Promise.all([setting.slack.close(), app.close()]);
});

/** What a command brings with it to open a modal by. */
async function trigger(): Promise<string> {
  await setting.slack.command({ user: ANN.id, channel: "ops", text: "" });
  return new URLSearchParams(app.arrived.at(-1)?.body).get("trigger_id") ?? "";
}

const Answer = z.record(z.string(), z.unknown());
type Asked = Readonly<Record<string, unknown>>;

async function call(method: string, asked: Asked): Promise<Asked> {
  const { apiUrl, token } = setting.slack;
  const response = await fetch(`${apiUrl}${method}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token()}` },
    body: JSON.stringify(asked),
  });
  const answer = Answer.parse(await response.json());
  expect(answer, method).toMatchObject({ ok: true });
  return answer;
}

test("every method answers what Slack's own client declares of it, and nothing else", async () => {
  const { blocks } = firstMessage(aMessage(), (principal) => principal);
  const metadata = { event_type: "slipway_notice", event_payload: { id: "web-7" } };
  const posted = await call("chat.postMessage", { channel: "ops", text: "web", blocks, metadata });
  const { channel, ts } = posted;
  const view = {
    type: "modal",
    title: { type: "plain_text", text: "Why" },
    blocks: [{ type: "section", text: { type: "plain_text", text: "Say why." } }],
  };
  const calls: readonly (readonly [string, Asked])[] = [
    ["chat.update", { channel, ts, text: "web is done", blocks, metadata }],
    ["users.info", { user: ANN.id }],
    ["users.lookupByEmail", { email: ANN.profile.email }],
    ["auth.test", {}],
    ["views.open", { trigger_id: await trigger(), view }],
  ];
  expect(new Set(["chat.postMessage", ...calls.map(([method]) => method)])).toEqual(
    new Set(METHODS.keys()),
  );
  expect(brokenIn("chat.postMessage", posted)).toEqual([]);
  for (const [method, asked] of calls) {
    expect(brokenIn(method, await call(method, asked)), method).toEqual([]);
  }
});

test.each([
  [{ ok: true, chanel: "C1" }, ["chat.update.chanel is not declared"]],
  [{ ok: "true" }, ["chat.update.ok is no boolean"]],
  [{ message: { ts: 1 } }, ["chat.update.message.ts is not declared"]],
  [{ message: { edited: { ts: 1 } } }, ["chat.update.message.edited.ts is no string"]],
  [{ message: { x_files: "F1" } }, ["chat.update.message.x_files is no list"]],
  [{ message: { edited: "now" } }, ["chat.update.message.edited may not be now"]],
])("an answer that is not as declared is found: %j", (answer, expected) => {
  expect(brokenIn("chat.update", answer)).toEqual(expected);
});
