import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toChatButton } from "../../shared/wire/chat-actions.ts";
import { asPromotionId } from "../../shared/domain/ids.ts";
import { promotionEnds, readPromotions, tagArrives } from "../support/local-views.ts";
import { smallSpec } from "../support/local-spec.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { until } from "../support/until.ts";
import { CHANNEL, chatIn } from "./chat-setting.ts";
import { clientOf } from "../emulators/slack-setting.ts";
import type { Chat } from "./chat-setting.ts";

const SERVICE = "web";
const TAG = "aaaaaaaaaaaa_1";

/** A service that nobody has to approve anything of. */
const FREE = "free";

/** Somebody else has to approve what goes to production. */
const DELIVERY = [
  "delivery:",
  "  environments:",
  "    prod:",
  "      approvals: {required: 1, from: ['group:eng@example.com'], notRequester: true}",
];

let world: LocalWorld;
let chat: Chat;
let dana: string;
let alex: string;
let oli: string;
let vera: string;

beforeAll(async () => {
  world = await openLocalWorld();
  chat = chatIn(world);
  [dana, alex, oli, vera] = [
    chat.idOf("deployer"),
    chat.idOf("approver"),
    chat.idOf("oncall"),
    chat.idOf("viewer"),
  ];
  await Promise.all([world.apply(smallSpec(SERVICE, DELIVERY)), world.apply(smallSpec(FREE))]);
  await arrive(SERVICE, TAG);
});
afterAll(async () => {
  await world.close();
});

async function arrive(service: string, tag: string): Promise<void> {
  await world.push(service, tag);
  await tagArrives(world, service, { environment: "dev", tag });
}

/** The records of a service, as one text. */
async function record(service: string): Promise<string> {
  const { body } = await world.call("viewer", `GET /v1/audit?service=${service}&pageSize=500`);
  return JSON.stringify(body);
}

async function openPromotion(service: string): Promise<string> {
  const [promotion] = await readPromotions(world, service);
  return promotion?.id ?? "";
}

describe("a command that only looks", () => {
  test.each([
    ["help", "/slipway rollback SERVICE ENVIRONMENT"],
    ["", "/slipway rollback SERVICE ENVIRONMENT"],
    ["status", "*web*"],
    ["status web", `dev: \`${TAG}\` since`],
    ["timeline web", `dev: \`${TAG}\` from`],
    ["changes web prod", `Nothing runs in prod yet: ${TAG} is the first.`],
    ["explain web prod", "approval is closed"],
  ])("%s says what there is", async (text, expected) => {
    expect((await chat.ask(vera, text)).text).toContain(expected);
  });
});

test("a promotion is shown first, waits, is approved by its button and ends; the record says who", async () => {
  const shown = await chat.ask(dana, `promote ${SERVICE} prod because it works in dev`);
  expect(shown.text).toContain("Nothing has been done yet");
  expect(shown.text).toContain("approval is closed");
  expect(shown.buttons).toEqual(["Promote", "Leave it"]);
  expect(
    (await readPromotions(world, SERVICE)).filter(({ environment }) => environment === "prod"),
  ).toEqual([]);
  const promoted = await chat.press(dana, shown, "Promote");
  expect(promoted.ts).toBe(shown.ts);
  expect(promoted.text).toContain("waits");
  expect(promoted.buttons).toEqual([]);
  const id = await openPromotion(SERVICE);

  // Who asked may not approve, which is said at once; somebody else sees what they approve, and then does.
  expect((await chat.ask(dana, `approve ${id}`)).text).toContain("somebody else must approve it");
  const { actionId, value } = toChatButton({ kind: "approve", promotion: asPromotionId(id) });
  const { slack } = chat;
  const { ts: posted = "" } = await clientOf(slack).chat.postMessage({
    channel: CHANNEL,
    text: "web waits",
    blocks: [
      {
        type: "actions",
        elements: [
          {
            type: "button",
            action_id: actionId,
            text: { type: "plain_text", text: "Approve" },
            value,
          },
        ],
      },
    ],
  });
  const asked = await chat.press(alex, { ts: posted }, "Approve");
  expect(asked.text).toContain(`into *prod* of ${SERVICE}, asked for by user:dana@example.com`);
  // Who presses twice, as people do, has approved once.
  const pressed = await Promise.all([
    chat.press(alex, asked, "Approve"),
    chat.press(alex, asked, "Approve"),
  ]);
  expect(pressed.map(({ text }) => text).join()).toContain("You approved it.");
  expect(slack.messages(CHANNEL).find(({ ts }) => ts === posted)?.editedTs).toBeNull();
  expect(await promotionEnds(world, id)).toMatchObject({ state: "SUCCEEDED" });
  const records = await record(SERVICE);
  expect(records).toContain("user:alex@example.com");
  expect(records.split('"promotion.approved"')).toHaveLength(2);
  expect(records).toContain("it works in dev");
  // The button stays where it was posted, and nothing is shown to approve.
  const late = await chat.press(alex, { ts: posted }, "Approve");
  expect(late.text).toContain("no longer waits, so it cannot be approved");
  expect(late.buttons).toEqual([]);
});

test("a rollback asks for its reason in a modal, is judged first, and holds the environment", async () => {
  for (const tag of [TAG, "bbbbbbbbbbbb_2"]) {
    await arrive(FREE, tag);
    const shown = await chat.ask(oli, `promote ${FREE} prod ${tag}`);
    await chat.press(oli, shown, "Promote");
    await promotionEnds(world, await openPromotion(FREE));
  }
  await chat.slack.command({ user: oli, channel: CHANNEL, text: "rollback free prod" });
  const judged = await chat.sayWhy(oli, "errors since noon");
  expect(judged.text).toContain("is safe");
  const done = await chat.press(oli, judged, "Roll back");
  expect(done.text).toContain("is held afterwards");
  expect(await promotionEnds(world, await openPromotion(FREE))).toMatchObject({
    state: "SUCCEEDED",
    kind: "rollback",
    reason: "errors since noon",
  });
});

test("a hold is placed at once and lifted after a look, by those who may", async () => {
  const held = await chat.ask(oli, "hold web prod for 4h because the database is moved");
  const [id = ""] = held.text.match(/hold-\w+/) ?? [];
  expect(held.text).toContain("*prod* of web is held until");
  expect((await chat.ask(vera, `lift ${id}`)).text).toContain("vera@example.com");
  const shown = await chat.ask(oli, `lift ${id}`);
  expect(shown.text).toContain("the database is moved");
  const left = chat.seen(oli).length;
  await chat.slack.press({ user: oli, channel: CHANNEL, ts: shown.ts, actionId: "dismiss" });
  await until(
    "it is gone",
    async () => chat.seen(oli).length,
    (count) => count === left - 1,
  );
  const again = await chat.ask(oli, `lift ${id}`);
  expect((await chat.press(oli, again, "Lift it")).text).toContain("no more");
});

test("a promotion that waits is cancelled, or rejected with a reason", async () => {
  await arrive(SERVICE, "cccccccccccc_3");
  const parked = async (): Promise<string> => {
    const shown = await chat.ask(dana, `promote ${SERVICE} prod`);
    await chat.press(dana, shown, "Promote");
    return openPromotion(SERVICE);
  };
  const cancelled = await chat.ask(dana, `cancel ${await parked()} because not today`);
  expect(cancelled.text).toContain("You cancelled it");
  const id = await parked();
  await chat.slack.command({ user: alex, channel: CHANNEL, text: `reject ${id}` });
  expect((await chat.sayWhy(alex, "not like this")).text).toContain("You rejected it");
  expect(await promotionEnds(world, id)).toMatchObject({ state: "REJECTED" });
});
