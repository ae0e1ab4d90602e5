import type { ActionsBlock, ModalView } from "@slack/types";
import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { present } from "../support/present.ts";
import { until } from "../support/until.ts";
import { ANN, BEN, openApp, openSlack } from "./slack-setting.ts";
import type { SlackApp, SlackSetting } from "./slack-setting.ts";

const SECRET = "shh";
const APPROVE: ActionsBlock = {
  type: "actions",
  block_id: "ask",
  elements: [
    {
      type: "button",
      action_id: "approve",
      text: { type: "plain_text", text: "Approve" },
      value: "p1",
    },
  ],
};

let setting: SlackSetting;
let app: SlackApp;
beforeEach(async () => {
  app = await openApp();
  setting = await openSlack({ requestUrl: app.url, signingSecret: SECRET });
});
afterEach(async () => {
  await Promise.all([setting.slack.close(), app.close()]);
});

/** The forms that the app was sent. */
function forms(): readonly URLSearchParams[] {
  return app.arrived.map(({ body }) => new URLSearchParams(body));
}

function payload(): Readonly<Record<string, unknown>> {
  return z
    .record(z.string(), z.unknown())
    .parse(JSON.parse(forms().at(-1)?.get("payload") ?? "{}"));
}

async function respond(url: unknown, body: object): Promise<number> {
  const response = await fetch(String(url), { method: "POST", body: JSON.stringify(body) });
  return response.status;
}

/** What ann sees in #ops. */
function seen(): readonly string[] {
  return setting.slack.messages("ops", ANN.id).map(({ text }) => text);
}

describe("a command", () => {
  test("is sent as a form, signed over its bytes with the time", async () => {
    await setting.slack.command({ user: ANN.id, channel: "ops", text: "status web" });
    const { headers, body } = present(app.arrived[0], "a request");
    const timestamp = String(headers["x-slack-request-timestamp"]);
    expect(Number(timestamp)).toBe(setting.clock.now() / 1000);
    const mac = createHmac("sha256", SECRET).update(`v0:${timestamp}:${body}`).digest("hex");
    expect(headers["x-slack-signature"]).toBe(`v0=${mac}`);
    expect(Object.fromEntries(new URLSearchParams(body))).toMatchObject({
      command: "/slipway",
      text: "status web",
      user_id: ANN.id,
      channel_name: "ops",
      team_id: "T0LOCAL",
    });
  });

  test("shows the answer to who gave it, or to all where the answer says so", async () => {
    app.answerWith({ body: "just text" });
    await setting.slack.command({ user: ANN.id, channel: "ops", text: "" });
    app.answerWith({ body: JSON.stringify({ response_type: "in_channel", text: "for all" }) });
    await setting.slack.command({ user: ANN.id, channel: "ops", text: "" });
    expect(setting.slack.messages("ops").map(({ text }) => text)).toEqual(["for all"]);
    expect(seen()).toEqual(["just text", "for all"]);
  });

  test("that is not answered within three seconds has failed, and says so", async () => {
    app.answerWith(null);
    const given = setting.slack.command({ user: ANN.id, channel: "ops", text: "" });
    await until(
      "the request is there",
      async () => app.arrived.length,
      (count) => count === 1,
    );
    await setting.clock.advance(3000);
    expect(await given).toEqual({ problem: "operation_timeout", body: null });
    expect(seen()).toEqual(['/slipway failed with the error "operation_timeout"']);
  });
});

describe("a response_url", () => {
  test("takes five answers within thirty minutes", async () => {
    await setting.slack.command({ user: ANN.id, channel: "ops", text: "" });
    const url = forms()[0]?.get("response_url");
    for (const status of [200, 200, 200, 200, 200, 404]) {
      expect(await respond(url, { text: "x" })).toBe(status);
    }
    await setting.slack.command({ user: ANN.id, channel: "ops", text: "" });
    const late = forms()[1]?.get("response_url");
    await setting.clock.advance(30 * 60_000);
    expect(await respond(late, { text: "in time" })).toBe(200);
    await setting.clock.advance(1);
    expect(await respond(late, { text: "late" })).toBe(404);
    expect(seen()).toEqual(["x", "x", "x", "x", "x", "in time"]);
  });

  test("of a button replaces the message, deletes it, or adds one", async () => {
    const { client, slack } = setting;
    const { ts = "" } = await client.chat.postMessage({
      channel: "ops",
      text: "ask",
      blocks: [APPROVE],
    });
    await slack.press({ user: ANN.id, channel: "ops", ts, actionId: "approve" });
    const url = payload()["response_url"];
    await respond(url, { text: "approved", replace_original: true });
    expect(slack.messages("ops")).toMatchObject([{ ts, text: "approved", blocks: [] }]);
    await respond(url, { delete_original: true });
    expect(slack.messages("ops")).toEqual([]);
    expect(await respond(url, { blocks: [{ type: "nothing" }] })).toBe(400);
  });
});

describe("a button", () => {
  test("sends who pressed what where", async () => {
    const { client, slack } = setting;
    const { ts = "", channel = "" } = await client.chat.postMessage({
      channel: "ops",
      text: "ask",
      blocks: [APPROVE],
    });
    await slack.press({ user: BEN.id, channel: "ops", ts, actionId: "approve" });
    expect(payload()).toMatchObject({
      type: "block_actions",
      user: { id: BEN.id, team_id: "T0LOCAL" },
      channel: { id: channel },
      actions: [{ action_id: "approve", block_id: "ask", value: "p1", type: "button" }],
    });
  });

  test("is there for those who see its message alone", async () => {
    const { slack } = setting;
    app.answerWith({ body: JSON.stringify({ text: "ask", blocks: [APPROVE] }) });
    await slack.command({ user: ANN.id, channel: "ops", text: "" });
    const ts = slack.messages("ops", ANN.id)[0]?.ts ?? "";
    const press = { channel: "ops", ts, actionId: "approve" };
    await expect(slack.press({ ...press, user: BEN.id })).rejects.toThrow("message_not_found");
    await slack.press({ ...press, user: ANN.id });
    expect(payload()).toMatchObject({ actions: [{ action_id: "approve" }] });
  });
});

/** Leave to open a view, as a command brings it. */
async function trigger(): Promise<string> {
  await setting.slack.command({ user: ANN.id, channel: "ops", text: "" });
  return forms().at(-1)?.get("trigger_id") ?? "";
}

describe("a modal", () => {
  const VIEW: ModalView = {
    type: "modal",
    title: { type: "plain_text", text: "Reject" },
    submit: { type: "plain_text", text: "Reject" },
    private_metadata: "p1",
    callback_id: "reject",
    blocks: [
      {
        type: "input",
        block_id: "reason",
        label: { type: "plain_text", text: "Why" },
        element: { type: "plain_text_input", action_id: "text" },
      },
    ],
  };

  test("opens with a trigger once, and not after three seconds", async () => {
    const { client, clock, slack } = setting;
    const trigger_id = await trigger();
    await clock.advance(3000);
    await client.views.open({ trigger_id, view: VIEW });
    expect(slack.viewOf(ANN.id)).toMatchObject({ user: ANN.id, view: { callback_id: "reject" } });
    await expect(client.views.open({ trigger_id, view: VIEW })).rejects.toThrow(
      "invalid_trigger_id",
    );
    const late = await trigger();
    await clock.advance(3001);
    await expect(client.views.open({ trigger_id: late, view: VIEW })).rejects.toThrow(
      "expired_trigger_id",
    );
  });

  test("sends what was written, stays with what the app finds wrong, and closes after that", async () => {
    const { client, slack } = setting;
    await client.views.open({ trigger_id: await trigger(), view: VIEW });
    const { id } = present(slack.viewOf(ANN.id), "a view");
    app.answerWith({
      body: JSON.stringify({ response_action: "errors", errors: { reason: "too short" } }),
    });
    await slack.submit({ user: ANN.id, view: id, values: { reason: "no" } });
    expect(payload()).toMatchObject({
      type: "view_submission",
      view: {
        id,
        private_metadata: "p1",
        state: { values: { reason: { text: { type: "plain_text_input", value: "no" } } } },
      },
    });
    expect(slack.viewOf(ANN.id)).toMatchObject({ errors: { reason: "too short" } });
    app.answerWith({ body: "" });
    await slack.submit({ user: ANN.id, view: id, values: { reason: "it is broken" } });
    expect(slack.viewOf(ANN.id)).toBeNull();
  });

  test("is refused with fields and no button to send them, or a title of 25 characters", async () => {
    const { submit: _submit, ...mute } = VIEW;
    const { client } = setting;
    await expect(client.views.open({ trigger_id: await trigger(), view: mute })).rejects.toThrow(
      "invalid_arguments",
    );
    const title = { type: "plain_text", text: "x".repeat(25) } as const;
    await expect(
      client.views.open({ trigger_id: await trigger(), view: { ...VIEW, title } }),
    ).rejects.toThrow("invalid_arguments");
  });
});
