import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { memoryPersistence } from "../support/memory-persistence.ts";
import { ANN, BEN, clientOf, openSlack } from "./slack-setting.ts";
import type { SlackSetting } from "./slack-setting.ts";

let setting: SlackSetting;
beforeEach(async () => {
  setting = await openSlack();
});
afterEach(async () => {
  await setting.slack.close();
});

/** What Slack's client says that a call was refused with. */
async function refusal(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    return error instanceof Error && "data" in error ? error.data : error;
  }
}

function section(length: number): object {
  return { type: "section", text: { type: "mrkdwn", text: "x".repeat(length) } };
}

function button(actionId: string): object {
  return {
    type: "button",
    action_id: actionId,
    text: { type: "plain_text", text: "Approve" },
    value: "v",
  };
}

describe("a message", () => {
  test("is posted by a channel's name, and updated by what it is called there", async () => {
    const { client, slack } = setting;
    const metadata = { event_type: "promotion", event_payload: { id: "p1" } };
    const posted = await client.chat.postMessage({ channel: "#ops", text: "started", metadata });
    const { channel = "", ts = "" } = posted;
    expect(await client.chat.update({ channel, ts, text: "done" })).toMatchObject({ channel, ts });
    expect(slack.messages("ops")).toMatchObject([{ text: "done", ts, metadata }]);
    expect(await refusal(client.chat.update({ channel: "ops", ts, text: "x" }))).toMatchObject({
      error: "channel_not_found",
    });
    const long = { channel, ts, text: "x".repeat(4001) };
    expect(await refusal(client.chat.update(long))).toMatchObject({ error: "msg_too_long" });
  });

  test("answers in a thread; to a reply it answers the first message", async () => {
    const { client, slack } = setting;
    const { ts = "", channel = "" } = await client.chat.postMessage({ channel: "ops", text: "1" });
    const reply = await client.chat.postMessage({ channel, thread_ts: ts, text: "2" });
    await client.chat.postMessage({ channel, thread_ts: reply.ts ?? "", text: "3" });
    expect(slack.messages("ops").map(({ threadTs }) => threadTs)).toEqual([null, ts, ts]);
  });

  test("to a thread that was deleted stands in the channel", async () => {
    const { client, slack } = setting;
    const { ts = "", channel = "" } = await client.chat.postMessage({ channel: "ops", text: "1" });
    slack.remove("ops", ts);
    await client.chat.postMessage({ channel, thread_ts: ts, text: "2" });
    expect(slack.messages("ops")).toMatchObject([{ text: "2", threadTs: null }]);
    const gone = client.chat.update({ channel, ts, text: "x" });
    expect(await refusal(gone)).toMatchObject({ error: "message_not_found" });
  });

  test.each([
    ["no channel of that name", { channel: "nowhere", text: "x" }, "channel_not_found"],
    ["a channel that is archived", { channel: "closed", text: "x" }, "is_archived"],
    ["nothing to say", { channel: "ops", text: "" }, "no_text"],
  ])("is refused where there is %s", async (_, message, error) => {
    expect(await refusal(setting.client.chat.postMessage(message))).toMatchObject({ error });
  });

  test.each([
    [
      "a button's text of 76 characters",
      [{ ...button("a"), text: { type: "plain_text", text: "x".repeat(76) } }],
    ],
    ["two buttons of one id", [button("a"), button("a")]],
    ["26 buttons", Array.from({ length: 26 }, (_, index) => button(String(index)))],
    ["no buttons", []],
  ])("is refused with %s", async (_, elements) => {
    const blocks = [{ type: "actions", elements }];
    expect(
      await refusal(setting.client.chat.postMessage({ channel: "ops", text: "x", blocks })),
    ).toMatchObject({ error: "invalid_blocks" });
  });

  test("is taken at the limits, and refused one block or one character above", async () => {
    const { client } = setting;
    const post = async (blocks: readonly object[]): Promise<unknown> =>
      refusal(
        client.apiCall("chat.postMessage", { channel: "ops", blocks: JSON.stringify(blocks) }),
      );
    expect(await post(Array.from({ length: 50 }, () => section(1)))).toMatchObject({ ok: true });
    expect(await post(Array.from({ length: 51 }, () => section(1)))).toMatchObject({ ok: false });
    expect(await post([section(3000)])).toMatchObject({ ok: true });
    expect(await post([section(3001)])).toMatchObject({
      error: "invalid_blocks",
      response_metadata: { messages: [expect.stringContaining("[json-pointer:/blocks/0/text")] },
    });
    expect(
      await post([{ type: "image", image_url: "https://a.example/b", alt_text: "c" }]),
    ).toMatchObject({
      response_metadata: {
        messages: [
          expect.stringContaining(
            "this emulator has no blocks of this type [json-pointer:/blocks/0",
          ),
        ],
      },
    });
  });
});

describe("a call", () => {
  test("with no token, another token, or a token without the scope is refused as Slack refuses it", async () => {
    const { slack } = setting;
    const bare = await fetch(`${slack.apiUrl}auth.test`, { method: "POST" });
    expect([bare.status, await bare.json()]).toEqual([200, { ok: false, error: "not_authed" }]);
    expect(await refusal(clientOf(slack, "xoxb-other").auth.test())).toMatchObject({
      error: "invalid_auth",
    });
    slack.set({ token: "xoxb-new" });
    expect(await clientOf(slack, "xoxb-new").auth.test()).toMatchObject({ team_id: "T0LOCAL" });
    const narrow = await openSlack({ token: { scopes: ["commands"] } });
    expect(await refusal(narrow.client.users.info({ user: ANN.id }))).toMatchObject({
      error: "missing_scope",
      needed: "users:read",
      provided: "commands",
    });
    await narrow.slack.close();
  });

  test("that is planned to fail is 429 with when to come again, 500, or nothing at all", async () => {
    const { faults, client } = setting;
    const post = async (): Promise<unknown> =>
      refusal(client.chat.postMessage({ channel: "ops", text: "x" }));
    const method = "chat.postMessage";
    faults.add({ method, call: 1, kind: "status", status: "RESOURCE_EXHAUSTED", delayMs: 7000 });
    expect(await post()).toMatchObject({ retryAfter: 7 });
    faults.add({ method, call: 1, kind: "status", status: "INTERNAL" });
    expect(await post()).toMatchObject({ statusCode: 500 });
    faults.add({ method, call: 1, kind: "drop-after" });
    expect(await post()).toBeInstanceOf(Error);
    expect(setting.slack.messages("ops").map(({ text }) => text)).toEqual(["x"]);
  });

  test("of a method that is not there says so with 501", async () => {
    const answer = await fetch(`${setting.slack.apiUrl}conversations.history`, { method: "POST" });
    expect(answer.status).toBe(501);
    expect(await answer.json()).toMatchObject({
      error: "unknown_method",
      req_method: "conversations.history",
    });
  });
});

describe("people", () => {
  test("are shown by id and by address, with their address to who may read it", async () => {
    const { client, slack } = setting;
    slack.putUser({
      ...BEN,
      is_restricted: true,
      is_email_confirmed: false,
      team_id: "T0OTHER",
    });
    expect(await client.users.info({ user: ANN.id })).toMatchObject({
      user: { id: ANN.id, is_bot: false, deleted: false, profile: ANN.profile },
    });
    expect(await client.users.info({ user: BEN.id })).toMatchObject({
      user: { is_restricted: true, is_email_confirmed: false, team_id: "T0OTHER" },
    });
    expect(await client.users.lookupByEmail({ email: "ANN@example.com" })).toMatchObject({
      user: { id: ANN.id },
    });
    expect(await refusal(client.users.lookupByEmail({ email: "x@y.z" }))).toMatchObject({
      error: "users_not_found",
    });
    const blind = await openSlack({ token: { scopes: ["users:read"] } });
    const { user } = await blind.client.users.info({ user: ANN.id });
    expect(user?.profile).not.toHaveProperty("email");
    await blind.slack.close();
  });
});

test("a workspace goes on after a restart where it stopped", async () => {
  const persistence = memoryPersistence();
  const before = await openSlack({ persistence });
  await before.client.chat.postMessage({ channel: "ops", text: "kept" });
  await before.slack.close();
  const after = await openSlack({ persistence });
  expect(after.slack.messages("ops")).toMatchObject([{ text: "kept" }]);
  after.slack.reset();
  expect(after.slack.messages("ops")).toEqual([]);
  await after.slack.close();
});
