import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Message } from "../../emulators/slack/state.ts";
import { smallSpec } from "../support/local-spec.ts";
import { promote, readService, tagArrives } from "../support/local-views.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { until } from "../support/until.ts";

const TAG = "v1.4.2";
const APPROVED = [
  "delivery:",
  "  environments:",
  "    prod: {approvals: {required: 1, from: ['user:alex@example.com']}}",
];

let world: LocalWorld;

beforeAll(async () => {
  world = await openLocalWorld();
  await world.apply(smallSpec("web", APPROVED));
});

afterAll(async () => {
  await world.close();
});

/** The channel's messages once one of them says that. */
async function says(channel: string, text: string): Promise<readonly Message[]> {
  return until(
    `${channel} says ${text}`,
    async () => Promise.resolve(world.cloud.emulators.slack.messages(channel)),
    (messages) => messages.some((message) => message.text.includes(text)),
  );
}

describe("in the channel of an environment", () => {
  test("a push is one message, which goes on to say that it is done", async () => {
    await world.push("web", TAG);
    await tagArrives(world, "web", { environment: "dev", tag: TAG });
    const messages = await says("alerts-web-dev", "is done");
    expect(messages.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^web v1\.4\.2 into dev is done after \d+s$/),
    ]);
    expect(JSON.stringify(messages[0]?.blocks)).toContain(`${world.file.dashboard}/promotions/`);
    expect(JSON.stringify(messages[0]?.blocks)).toContain('"action_id":"promote"');
  });

  test("a promotion that waits asks for an approval by name, and ends as it was decided", async () => {
    const { id } = await promote(world, "web", "prod");
    const [asking] = await says("alerts-web-prod", "waits for approval");
    expect(JSON.stringify(asking?.blocks)).toContain("Please approve: <@U0ALEX>");
    expect(JSON.stringify(asking?.blocks)).toContain('"action_id":"approve"');
    await world.call("approver", `POST /v1/promotions/${id}:approve`, {});
    const [ended] = await says("alerts-web-prod", "is done");
    expect(ended?.ts).toBe(asking?.ts);
    expect(JSON.stringify(ended?.blocks)).not.toContain('"action_id":"approve"');
  });

  test("a hold and its end are one conversation, in the channels that it concerns", async () => {
    const held = { service: "web", environment: "prod", reason: "upgrade <!channel>" };
    await world.call("oncall", "POST /v1/holds", held);
    const placed = (await says("alerts-web-prod", "placed a hold")).at(-1);
    const { environments } = await readService(world, "web");
    const [hold] = environments.find(({ id }) => id === "prod")?.holds ?? [];
    await world.call("oncall", `DELETE /v1/holds/${hold?.id ?? ""}`);
    const messages = await says("alerts-web-prod", "lifted the hold");
    const lifted = messages.find(({ text }) => text.includes("lifted the hold"));
    expect(lifted?.threadTs).toBe(placed?.ts);
    expect(JSON.stringify(placed?.blocks)).not.toContain("<!channel>");
    const dev = world.cloud.emulators.slack.messages("alerts-web-dev");
    expect(dev.filter(({ text }) => text.includes("hold"))).toEqual([]);
  });
});
