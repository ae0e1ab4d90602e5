import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sign } from "../../emulators/slack/request.ts";
import { tagArrives } from "../support/local-views.ts";
import { smallSpec } from "../support/local-spec.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { until } from "../support/until.ts";
import { CHANNEL, chatIn, STRANGER } from "./chat-setting.ts";
import type { Chat } from "./chat-setting.ts";

const SERVICE = "web";
const TAG = "aaaaaaaaaaaa_1";

let world: LocalWorld;
let chat: Chat;
let oli: string;
let vera: string;

beforeAll(async () => {
  world = await openLocalWorld();
  chat = chatIn(world);
  [oli, vera] = [chat.idOf("oncall"), chat.idOf("viewer")];
  await world.apply(smallSpec(SERVICE));
  await world.push(SERVICE, TAG);
  await tagArrives(world, SERVICE, { environment: "dev", tag: TAG });
});
afterAll(async () => {
  await world.close();
});

/** A command of oli's as Slack writes it. */
function commandBody(text: string): string {
  return new URLSearchParams({
    command: "/slipway",
    text,
    team_id: "T0LOCAL",
    user_id: oli,
    trigger_id: "1.2.3",
    response_url: "https://example.org/not-slack",
  }).toString();
}

/** Sends one as anybody can; its body is a command of oli's unless it says otherwise. */
async function send(change: {
  readonly body?: string;
  readonly secret?: string;
  readonly ageSeconds?: number;
  readonly signed?: string;
  readonly signature?: string;
}): Promise<number> {
  const body = change.body ?? commandBody(`hold ${SERVICE} because of ${JSON.stringify(change)}`);
  const timestamp = String(Math.floor(Date.now() / 1000) - (change.ageSeconds ?? 0));
  const secret = change.secret ?? chat.slack.signingSecret();
  const response = await fetch(world.file.functions["chat"] ?? "", {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-slack-request-timestamp": timestamp,
      "x-slack-signature": change.signature ?? sign(secret, timestamp, change.signed ?? body),
    },
    body,
  });
  await response.arrayBuffer();
  return response.status;
}

/** Puts a new version into a secret, as a person does. */
async function addVersion(id: string, value: string): Promise<void> {
  const secret = `${world.file.endpoints["secretManager"] ?? ""}/v1/projects/${world.file.project}/secrets/${id}`;
  const payload = { data: Buffer.from(value).toString("base64") };
  const response = await fetch(`${secret}:addVersion`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ payload }),
  });
  expect(response.status).toBe(200);
}

describe("somebody", () => {
  test.each([
    ["a guest", { is_restricted: true }, "Guests"],
    ["a guest of one channel", { is_ultra_restricted: true }, "Guests"],
    ["a bot", { is_bot: true }, "Bots"],
    ["who left", { deleted: true }, "deactivated"],
    ["of another workspace", { team_id: "T0OTHER" }, "other workspaces"],
    ["met in a shared channel", { is_stranger: true }, "other workspaces"],
    ["whose address was not confirmed", { is_email_confirmed: false }, "was confirmed"],
    ["without an address", { profile: {} }, "was confirmed"],
  ])("%s may do nothing, whatever their address", async (_, change, expected) => {
    chat.slack.putUser({
      ...STRANGER,
      profile: { email: "oli@example.org" },
      id: "U0KIND",
      ...change,
    });
    expect((await chat.ask("U0KIND", "status")).text).toContain(expected);
  });

  test("whose address somebody else has in Slack, too, may do nothing, and both are named", async () => {
    chat.slack.putUser({ ...STRANGER, id: "U0TWIN", profile: { email: "oli@example.com" } });
    const { text } = await chat.ask("U0TWIN", "status");
    expect(text).toContain("<@U0TWIN> and <@U0OLI> are both oli@example.com");
    chat.slack.putUser({ ...STRANGER, id: "U0TWIN", profile: { email: "twin@example.com" } });
  });
});

describe("a request", () => {
  test.each([
    ["signed with another secret", { secret: "other" }],
    ["with the signature of another body", { signed: "command=%2Fslipway" }],
    ["that is six minutes old", { ageSeconds: 301 }],
    ["of five minutes to come", { ageSeconds: -302 }],
    ["with no signature", { signature: "" }],
    ["with half a signature", { signature: "v0=00" }],
    ["with a signature of another version", { signature: "v1=" }],
  ])("%s is refused", async (_, change) => {
    expect(await send(change)).toBe(401);
    const { body } = await world.call("viewer", "GET /v1/holds");
    expect(JSON.stringify(body)).not.toContain(JSON.stringify(JSON.stringify(change)).slice(1, -1));
  });

  test("that is neither a command nor an interaction of Slack's is taken and does nothing", async () => {
    for (const body of [
      "",
      "ssl_check=1&token=x",
      "payload=%7B%7D",
      "payload=x",
      "command=%2Fslipway",
    ]) {
      expect(await send({ body })).toBe(200);
    }
    expect(await send({ body: "x".repeat(600_000) })).toBe(413);
  });

  test("is done once, however often Slack sends it and Pub/Sub brings it", async () => {
    const holds = async (): Promise<number> => {
      const { body } = await world.call("viewer", "GET /v1/holds");
      return JSON.stringify(body).split("sent often").length - 1;
    };
    const body = commandBody(`hold ${SERVICE} dev because sent often`);
    expect(await Promise.all([send({ body }), send({ body }), send({ body })])).toEqual([
      200, 200, 200,
    ]);
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = sign(chat.slack.signingSecret(), timestamp, body);
    world.publish("slipway-chat", { timestamp, signature, body });
    // What nobody signed is brought in vain.
    world.publish("slipway-chat", { timestamp, signature: "v0=1", body: `${body}&more=1` });
    await until("it is held", holds, (count) => count > 0);
    await world.cloud.emulators.pubsub.idle();
    expect(await holds()).toBe(1);
  });
});

describe("when Slack", () => {
  test("does not say who asks, nothing is done and that is said", async () => {
    const { faults } = chat.slack;
    const answers = [
      { kind: "status", status: "RESOURCE_EXHAUSTED" },
      { kind: "status", status: "INTERNAL" },
      // The connection ends without an answer.
      { kind: "drop-before" },
    ] as const;
    for (const [index, answer] of answers.entries()) {
      faults.add({ method: "users.info", call: 1, ...answer });
      faults.add({ method: "users.info", call: 2, ...answer });
      expect(
        (await chat.ask(oli, `hold ${SERVICE} because of nobody known ${index}`)).text,
      ).toContain("try again");
    }
    const { body } = await world.call("viewer", "GET /v1/holds");
    expect(JSON.stringify(body)).not.toContain("nobody known");
  });

  test("loses an answer, it is given again", async () => {
    chat.slack.faults.add({ method: "response_url", call: 1, kind: "status", status: "INTERNAL" });
    expect((await chat.ask(vera, "status")).text).toContain(SERVICE);
  });

  test("opens no modal, the person is told to say why themselves", async () => {
    chat.slack.faults.add({ method: "views.open", call: 1, kind: "status", status: "INTERNAL" });
    const { text } = await chat.ask(oli, "rollback free prod");
    expect(text).toContain("Say why yourself: /slipway rollback free prod because …");
  });

  test("signs with a new secret and takes a new token, both are found out without a new start", async () => {
    const { slack } = chat;
    await addVersion("slack-signing-secret", "replaced-secret");
    slack.set({ signingSecret: "replaced-secret" });
    // What was forged before had it read a moment ago; it is read anew some seconds later.
    await until(
      "the new secret is believed",
      async () => slack.command({ user: vera, channel: CHANNEL, text: "help" }),
      (answer) => answer.problem === null,
    );
    expect((await chat.ask(vera, "status")).text).toContain(SERVICE);
    await addVersion("slack-token", "xoxb-replaced");
    slack.set({ token: "xoxb-replaced" });
    expect((await chat.ask(vera, "status web")).text).toContain(SERVICE);
  });
});
