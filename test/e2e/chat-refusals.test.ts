import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HoldView, PromotionView } from "../../shared/wire/api/schemas.ts";
import { PEOPLE } from "../support/api-world.ts";
import type { ApiWorld } from "../support/api-world.ts";
import { aSlackPerson, startChatWorld } from "../support/chat-world.ts";
import type { ChatWorld } from "../support/chat-world.ts";
import { happen } from "../support/storm.ts";
import { NAMED, startRights } from "./rights-setting.ts";

/** Who is in Slack, by what they are to Slipway. */
const ID = {
  viewer: "U0VERA",
  deployer: "U0DANA",
  oncall: "U0OLI",
  approver: "U0AMY",
  /** Nobody names them, but for the domain of their address. */
  stranger: "U0SAM",
  /** Two whom the installation takes for one. */
  twin: "U0TWIN",
  other: "U0OTHER",
} as const;

const IN_SLACK = new Map([
  [ID.viewer, aSlackPerson(PEOPLE.viewer)],
  [ID.deployer, aSlackPerson(PEOPLE.deployer)],
  [ID.oncall, aSlackPerson(PEOPLE.oncall)],
  [ID.approver, aSlackPerson(NAMED.approver)],
  [ID.stranger, aSlackPerson(PEOPLE.stranger)],
  [ID.twin, aSlackPerson(null)],
  [ID.other, aSlackPerson(null)],
]);
const TWINS = new Map([ID.twin, ID.other].map((id) => [id, "tim@example.com"]));

let api: ApiWorld;
let chat: ChatWorld;

/** The ids that commands have in place of these words: what waits, what is over, and a hold of on-call's. */
const ids = new Map<string, string>();

beforeAll(async () => {
  api = await startRights({
    SLIPWAY_VIEWERS: `user:${PEOPLE.viewer},domain:example.org`,
    SLIPWAY_OWNERS: "web=domain:example.org",
    SLIPWAY_PAGES: "https://pages.example.com",
  });
  chat = await startChatWorld(api, IN_SLACK, TWINS);
  await happen(api.memory, { kind: "push", image: 1 });
  await happen(api.memory, { kind: "roll", isNotified: true });
  ids.set("OVER", await promoted("qa"));
  await happen(api.memory, { kind: "roll", isNotified: true });
  ids.set("WAITS", await promoted("prod"));
  const held = { service: "bank", reason: "errors" };
  const hold = await api.call("oncall", "POST /v1/holds", held);
  ids.set("HOLD", HoldView.parse(hold.body).id);
});
afterAll(async () => {
  await chat.close();
  await api.close();
});

async function promoted(environment: string): Promise<string> {
  const line = `POST /v1/services/web/environments/${environment}:promote`;
  return PromotionView.parse((await api.call("oncall", line, { reason: "it works" })).body).id;
}

/** Gives a command and expects that it changes nothing. */
async function refusal(who: keyof typeof ID, text: string): Promise<string> {
  const before = structuredClone(api.memory.world);
  const named = text.replace(/WAITS|OVER|HOLD/, (word) => ids.get(word) ?? "");
  const { text: answer } = await chat.ask(ID[who], named);
  expect(api.memory.world).toEqual(before);
  // What the terminal knows is of no use here.
  expect(answer).not.toMatch(/(?<![/\w])slipway [a-z]/);
  return answer;
}

const NO_SERVICE = "there is no service web";
const NO_PROMOTION = "there is no promotion r-";

describe("somebody whom a domain: names alone", () => {
  test("may read by the API, where Google says that their account is managed", async () => {
    const token = await api.mint({ email: PEOPLE.stranger, claims: { hd: "example.org" } });
    const headers = { authorization: `Bearer ${token}` };
    expect((await fetch(`${api.url}/v1/services/web`, { headers })).status).toBe(200);
  });

  // Every command, as whoever has the right writes it.
  test.each([
    ["status", "sam@example.org may not read any service"],
    ["status web", NO_SERVICE],
    ["timeline web", NO_SERVICE],
    ["explain web qa", NO_SERVICE],
    ["changes web qa", NO_SERVICE],
    ["promote web qa", NO_SERVICE],
    ["rollback web qa because x", NO_SERVICE],
    ["approve WAITS", NO_PROMOTION],
    ["reject WAITS because x", NO_PROMOTION],
    ["cancel WAITS", NO_PROMOTION],
    ["hold web qa because x", NO_SERVICE],
    ["hold everything because x", "sam@example.org may not hold everything"],
    ["lift HOLD", "there is no hold hold-"],
  ])("is refused in Slack: %s", async (text, expected) => {
    expect(await refusal("stranger", text)).toContain(expected);
  });
});

describe("somebody without the right", () => {
  test.each([
    ["viewer", "promote web qa", "vera@example.com may not promote into qa of web"],
    ["viewer", "rollback web qa because x", "vera@example.com may not roll back qa of web"],
    ["viewer", "approve WAITS", "may not approve in prod of web. Who may: prod's approvals.from"],
    ["viewer", "reject WAITS because x", "vera@example.com may not approve in prod"],
    ["viewer", "cancel WAITS", "vera@example.com may not cancel a promotion into prod"],
    ["viewer", "hold web qa because x", "vera@example.com may not place holds"],
    ["viewer", "hold everything because x", "vera@example.com may not hold everything"],
    ["viewer", "lift HOLD", "vera@example.com may not place holds"],
    ["deployer", "promote web prod", "dana@example.com may not promote into prod of web"],
    ["deployer", "approve WAITS", "dana@example.com may not approve in prod of web"],
    ["deployer", "lift HOLD", "dana@example.com may not undo a hold or bad mark of on-call"],
    ["approver", "approve OVER", "amy@example.com may not approve in qa of web"],
  ] as const)("is told who may: %s, %s", async (who, text, expected) => {
    expect(await refusal(who, text)).toContain(expected);
  });

  test("gains nothing by the button of somebody who has it", async () => {
    const shown = await chat.ask(ID.approver, `approve ${ids.get("WAITS") ?? ""}`);
    expect(shown.text).toContain("Nothing has been done yet. You would approve");
    const before = structuredClone(api.memory.world);
    expect((await chat.press(ID.viewer, shown, "Approve")).text).toContain(
      "vera@example.com may not approve",
    );
    expect(api.memory.world).toEqual(before);
  });
});

describe("a command is refused in words", () => {
  test.each([
    ["nonsense", "there is no command nonsense; /slipway help lists them"],
    ["status web qa", "write it as /slipway status [SERVICE]"],
    ["timeline", "write it as /slipway timeline SERVICE"],
    ["explain web", "write it as /slipway explain SERVICE ENVIRONMENT"],
    ["changes", "write it as /slipway changes SERVICE ENVIRONMENT"],
    ["promote web", "write it as /slipway promote SERVICE ENVIRONMENT"],
    ["rollback web because x", "write it as /slipway rollback SERVICE ENVIRONMENT"],
    ["approve", "write it as /slipway approve PROMOTION"],
    ["reject because x", "write it as /slipway reject PROMOTION"],
    ["cancel one two", "write it as /slipway cancel PROMOTION"],
    ["hold because x", "write it as /slipway hold SERVICE|everything"],
    ["hold everything for 9y because x", "write it as /slipway hold"],
    ["lift", "write it as /slipway lift HOLD"],
    [`reject r-x because ${"x".repeat(501)}`, "shorten it"],
  ])("that is written wrong: %s", async (text, expected) => {
    expect(await refusal("oncall", text)).toContain(expected);
  });

  test.each([
    ["status nothing", "there is no service nothing; list them: `/slipway status`"],
    ["timeline nothing", "there is no service nothing"],
    ["explain web nowhere", "has no environment nowhere; it has dev, qa, prod"],
    ["changes web qa nothing", "nothing"],
    ["promote nothing prod", "there is no service nothing"],
    ["promote web qa nothing", "has no release nothing; list them: `/slipway timeline web`"],
    ["rollback web qa nothing because x", "nothing"],
    ["rollback web qa because x", "no earlier release has proved itself"],
    ["approve r-nothing", "there is no promotion r-nothing; list them: `/slipway status`"],
    ["reject r-nothing because x", "there is no promotion r-nothing"],
    ["cancel r-nothing", "there is no promotion r-nothing"],
    ["cancel OVER", "has ended or does not exist, so it cannot be cancelled"],
    ["hold nothing because x", "there is no service nothing"],
    ["hold web nowhere because x", "has no environment nowhere"],
    ["lift hold-nothing", "there is no hold hold-nothing; list them: `/slipway status`"],
  ])("that names what is not there, or is over: %s", async (text, expected) => {
    expect(await refusal("oncall", text)).toContain(expected);
  });

  test.each(["rollback web qa", "reject WAITS", "hold web qa"])(
    "that says no reason opens a window which asks for it: %s",
    async (text) => {
      expect(await refusal("oncall", text)).toMatch(/^modal: (?:Rollback|Reject|Hold)$/);
    },
  );
});

test("what would help is a command of chat, or a link where chat has none", async () => {
  const told = await refusal("oncall", "explain web prod");
  const promotion = ids.get("WAITS") ?? "";
  expect(told).toContain(`approves it: \`/slipway approve ${promotion}\``);
  const page = `https://pages.example.com/promotions/${promotion}`;
  expect(told).toContain(`follows it to its end: <${page}|See the promotion>`);
});

test.each(["twin", "other"] as const)(
  "two whom the installation takes for one may do nothing, and are named: %s",
  async (who) => {
    const answer = await refusal(who, "status");
    expect(answer).toContain(`<@${ID[who]}>`);
    expect(answer).toContain("are both tim@example.com here, so neither may do anything");
  },
);

test("a hold is said before anything is promoted, and keeps what goes on nevertheless waiting", async () => {
  await happen(api.memory, { kind: "push", image: 2 });
  await happen(api.memory, { kind: "roll", isNotified: true });
  expect((await chat.ask(ID.deployer, "hold web qa because of a freeze")).text).toContain(
    "*qa* of web is held until somebody lifts it",
  );
  const shown = await chat.ask(ID.deployer, "promote web qa");
  expect(shown.text).toContain("It would wait until every gate is open.");
  expect(shown.text).toMatch(/hold is closed: .*of a freeze/);
  const goesOn = await chat.press(ID.deployer, shown, "Promote");
  expect(goesOn.text).toMatch(/waits: .*\n• hold is closed/);
});
