import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { faultPlan } from "../../emulators/kit/faults.ts";
import { startSlack } from "../../emulators/slack/server.ts";
import type { RunningSlack } from "../../emulators/slack/server.ts";
import { slackMessenger } from "../../shared/adapters/slack-messenger.ts";
import { systemClock } from "../../shared/adapters/system-clock.ts";
import { asPromotionId } from "../../shared/domain/ids.ts";
import type { Card } from "../../shared/domain/notices/card.ts";
import { TransientError } from "../../shared/ports/errors.ts";
import type { NoticeMessage } from "../../shared/ports/notices.ts";
import { START } from "../support/builders.ts";

const ANN = {
  id: "U0ANN",
  name: "ann",
  real_name: "Ann",
  profile: { email: "ann@example.com" },
} as const;
const OPS = { kind: "slack", name: "#ops" } as const;
const PROMOTION = asPromotionId("r-0123456789abcdef-a1b2c3-to-prod-0001");

const faults = faultPlan();
let slack: RunningSlack;
let token: string | null = null;
let tell: ReturnType<typeof slackMessenger>["tell"];

beforeAll(async () => {
  slack = await startSlack({
    users: [ANN],
    channels: ["ops", { name: "closed", isArchived: true }],
    faults,
  });
  ({ tell } = slackMessenger({
    endpoint: slack.apiUrl,
    token: async () => Promise.resolve(token),
    clock: systemClock(),
  }));
});

beforeEach(() => {
  slack.reset();
  token = slack.token();
});

afterAll(async () => {
  await slack.close();
});

const CARD: Card = {
  title: "web v1 into prod",
  state: "WAITING",
  headline: "waits for approval",
  why: "approval: 0 of 1 approvals",
  steps: "● gates  ○ rollout",
  requestedBy: "user:ann@example.com",
  reason: null,
  asked: ["user:ann@example.com", "user:nobody@example.com", "group:sre@example.com"],
  actions: [
    { kind: "approve", promotion: PROMOTION },
    { kind: "reject", promotion: PROMOTION },
  ],
};

const WAITING: NoticeMessage = {
  notice: {
    id: "web-7",
    kind: "waiting",
    chain: "web",
    at: START,
    environment: null,
    promotion: PROMOTION,
    subject: PROMOTION,
    text: "waits: approval: 0 of 1 approvals",
    isPressing: false,
  },
  title: CARD.title,
  card: CARD,
  about: { service: null, promotion: null, release: null, isCurrent: false, brought: [] },
  page: "https://slipway.example.com/promotions/p",
  thread: null,
  isFollowed: false,
};

function next(
  thread: string | null,
  notice: Partial<NoticeMessage["notice"]>,
  card: Partial<Card> = {},
): NoticeMessage {
  return {
    ...WAITING,
    thread,
    notice: { ...WAITING.notice, id: "web-8", ...notice },
    card: { ...CARD, asked: [], actions: [], ...card },
  };
}

const DONE = { kind: "done", text: "is done" } as const;
const FAILED = { kind: "failed", text: "failed: no pods", isPressing: true } as const;

async function begin(): Promise<string> {
  const answer = await tell(OPS, WAITING);
  expect(answer.kind).toBe("told");
  return answer.kind === "told" ? (answer.thread ?? "") : "";
}

/** Why a channel does not take a message for now; empty where it takes it. */
async function reasonOf(channel: Parameters<typeof tell>[0]): Promise<string> {
  const answer = await tell(channel, WAITING);
  return answer.kind === "later" ? answer.reason : "";
}

function texts(): readonly string[] {
  return slack.messages("ops").map(({ text }) => text);
}

describe("a conversation", () => {
  test("begins with how it stands, who is asked by name, buttons, and the notice's id", async () => {
    await begin();
    const [first] = slack.messages("ops");
    const shown = JSON.stringify(first?.blocks);
    expect(shown).toContain("Please approve: <@U0ANN>, nobody@example.com, group:sre@example.com");
    expect(shown).toContain("<https://slipway.example.com/promotions/p|web v1 into prod>");
    expect(first?.metadata).toMatchObject({ event_payload: { id: "web-7" } });
    expect(shown).toContain('"action_id":"approve"');
    expect(shown).toContain('"action_id":"reject"');
  });

  test("goes on in its first message alone, while nobody has to look", async () => {
    const thread = await begin();
    const card = { state: "SUCCEEDED", headline: "is done after 4m" } as const;
    expect(await tell(OPS, next(thread, DONE, card))).toEqual({ kind: "told", thread });
    expect(texts()).toEqual(["web v1 into prod is done after 4m"]);
  });

  test("says in a message of its own what somebody should look at", async () => {
    const thread = await begin();
    await tell(OPS, next(thread, FAILED, { state: "FAILED", headline: "failed" }));
    expect(texts()).toEqual(["web v1 into prod failed", "web v1 into prod: failed: no pods"]);
    const [first, reply] = slack.messages("ops");
    expect(reply?.threadTs).toBe(first?.ts);
  });

  test("is loud when a glass is broken, also when it begins with that", async () => {
    const broken = { kind: "break-glass", text: "ann BROKE THE GLASS", isPressing: true } as const;
    await tell(OPS, next(null, broken));
    const [, loud] = slack.messages("ops");
    expect(JSON.stringify(loud?.blocks)).toContain("<!here>");
  });

  test("begins anew where somebody deleted its first message", async () => {
    const thread = await begin();
    slack.remove("ops", slack.messages("ops")[0]?.ts ?? "");
    const answer = await tell(OPS, next(thread, FAILED, { state: "FAILED", headline: "failed" }));
    expect(answer).toMatchObject({ kind: "told" });
    expect(answer).not.toMatchObject({ thread });
    const [first, reply] = slack.messages("ops").slice(-2);
    expect(reply?.threadTs).toBe(first?.ts);
  });

  test("passes over what the next notice says as well", async () => {
    const thread = await begin();
    await tell(OPS, { ...next(thread, DONE, { headline: "is under way" }), isFollowed: true });
    expect(texts()).toEqual(["web v1 into prod waits for approval"]);
  });

  test("makes nothing of marks in what people wrote", async () => {
    const reason = "<!channel> & <https://evil.example.com|click>";
    await tell(OPS, next(null, DONE, { reason, why: reason, title: `web ${reason}` }));
    const shown = JSON.stringify(slack.messages("ops")[0]?.blocks);
    expect(shown).not.toContain("<!channel>");
    expect(shown).not.toContain("<https://evil");
  });
});

describe("what Slack does not take", () => {
  test.each([
    ["#nowhere", "channel_not_found; make the channel"],
    ["#closed", "is_archived; bring the channel back"],
  ])("in %s waits, and says what mends it", async (name, reason) => {
    expect(await reasonOf({ kind: "slack", name })).toContain(reason);
  });

  test("because it has too many messages waits as long as Slack says", async () => {
    faults.add({
      method: "slack/chat.postMessage",
      call: 1,
      kind: "status",
      status: "RESOURCE_EXHAUSTED",
      delayMs: 42_000,
    });
    expect(await tell(OPS, WAITING)).toMatchObject({ kind: "later", wait: 42_000 });
    expect(texts()).toEqual([]);
  });

  test("because it is down, or does not answer, is tried again", async () => {
    faults.add({ method: "slack/chat.postMessage", call: 1, kind: "status", status: "INTERNAL" });
    await expect(tell(OPS, WAITING)).rejects.toThrow(TransientError);
    faults.add({ method: "slack/chat.postMessage", call: 1, kind: "drop-after" });
    await expect(tell(OPS, WAITING)).rejects.toThrow(TransientError);
  });

  test("in the second message keeps the first one's conversation", async () => {
    const thread = await begin();
    faults.add({
      method: "slack/chat.postMessage",
      call: 1,
      kind: "status",
      status: "RESOURCE_EXHAUSTED",
    });
    const answer = await tell(OPS, next(thread, FAILED, { headline: "failed" }));
    expect(answer).toMatchObject({ kind: "later", thread });
  });

  test("without a token, or with one that was revoked, waits for a person", async () => {
    token = null;
    expect(await reasonOf(OPS)).toContain("no token");
    token = "xoxb-other";
    expect(await reasonOf(OPS)).toContain("invalid_auth");
  });
});
