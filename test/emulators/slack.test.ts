import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { memoryPersistence } from "../../emulators/kit/store.ts";
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
  test("is posted by a channel's id or name, updated, and found in the channel's history", async () => {
    const { client } = setting;
    const posted = await client.chat.postMessage({
      channel: "#ops",
      text: "started",
      metadata: { event_type: "promotion", event_payload: { id: "p1" } },
    });
    const { channel = "", ts = "" } = posted;
    expect(posted.message).toMatchObject({ text: "started", ts, bot_id: "B0SLIPWAY" });
    const updated = await client.chat.update({ channel, ts, text: "done" });
    expect(updated).toMatchObject({ channel, ts, text: "done", message: { edited: {} } });
    const { messages } = await client.conversations.history({
      channel,
      include_all_metadata: true,
    });
    expect(messages).toMatchObject([
      { text: "done", ts, metadata: { event_type: "promotion", event_payload: { id: "p1" } } },
    ]);
    const plain = await client.conversations.history({ channel });
    expect(plain.messages?.[0]).not.toHaveProperty("metadata");
  });

  test("answers in a thread; to a reply it answers the first message", async () => {
    const { client } = setting;
    const { ts = "", channel = "" } = await client.chat.postMessage({ channel: "ops", text: "1" });
    const reply = await client.chat.postMessage({ channel, thread_ts: ts, text: "2" });
    const other = await client.chat.postMessage({ channel, thread_ts: reply.ts ?? "", text: "3" });
    expect([reply, other].map(({ message }) => message?.thread_ts)).toEqual([ts, ts]);
    const { messages } = await client.conversations.replies({ channel, ts });
    expect(messages?.map(({ text }) => text)).toEqual(["1", "2", "3"]);
    const history = await client.conversations.history({ channel });
    expect(history.messages).toMatchObject([{ text: "1", reply_count: 2 }]);
  });

  test("to a thread that was deleted stands in the channel, and its answer names no thread", async () => {
    const { client, slack } = setting;
    const { ts = "", channel = "" } = await client.chat.postMessage({ channel: "ops", text: "1" });
    slack.remove("ops", ts);
    const orphan = await client.chat.postMessage({ channel, thread_ts: ts, text: "2" });
    expect(orphan.message).not.toHaveProperty("thread_ts");
    const gone = client.chat.update({ channel, ts, text: "x" });
    expect(await refusal(gone)).toMatchObject({ error: "message_not_found" });
  });

  test("that is deleted while it has replies leaves a tombstone", async () => {
    const { client } = setting;
    const { ts = "", channel = "" } = await client.chat.postMessage({ channel: "ops", text: "1" });
    await client.chat.postMessage({ channel, thread_ts: ts, text: "2" });
    await client.chat.delete({ channel, ts });
    const { messages } = await client.conversations.replies({ channel, ts });
    expect(messages).toMatchObject([{ subtype: "tombstone", user: "USLACKBOT" }, { text: "2" }]);
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
      response_metadata: { messages: [expect.stringContaining("[json-pointer:/0/text")] },
    });
    expect(
      await post([{ type: "image", image_url: "https://a.example/b", alt_text: "c" }]),
    ).toMatchObject({
      response_metadata: { messages: [expect.stringContaining("has no blocks of the type image")] },
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
    const answer = await fetch(`${setting.slack.apiUrl}files.list`, { method: "POST" });
    expect(answer.status).toBe(501);
    expect(await answer.json()).toMatchObject({
      error: "unknown_method",
      req_method: "files.list",
    });
  });
});

describe("people", () => {
  test("are shown by id and by address, with their address to who may read it", async () => {
    const { client, slack } = setting;
    slack.putUser({ ...BEN, isRestricted: true, isEmailConfirmed: false, teamId: "T0OTHER" });
    expect(await client.users.info({ user: ANN.id })).toMatchObject({
      user: { id: ANN.id, is_bot: false, deleted: false, profile: { email: ANN.email } },
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

test("channels are listed in pages, and joined", async () => {
  const { client } = setting;
  const first = await client.conversations.list({ limit: 2 });
  expect(first.channels).toMatchObject([{ name: "ops" }, { name: "closed", is_archived: true }]);
  const cursor = first.response_metadata?.next_cursor ?? "";
  const second = await client.conversations.list({ limit: 2, cursor });
  expect(second.channels).toMatchObject([{ name: "apart", is_member: false }]);
  expect(second.response_metadata?.next_cursor).toBe("");
  const channel = second.channels?.[0]?.id ?? "";
  expect(await refusal(client.conversations.history({ channel }))).toMatchObject({
    error: "not_in_channel",
  });
  await client.conversations.join({ channel });
  expect(await client.conversations.info({ channel })).toMatchObject({
    channel: { is_member: true },
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
