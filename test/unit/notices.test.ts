import { describe, expect, test } from "vitest";
import { fact } from "../../shared/domain/audit-record.ts";
import type { AuditRecord, FactKind } from "../../shared/domain/audit-record.ts";
import { environmentId, serviceId } from "../../shared/domain/ids.ts";
import { cardOf } from "../../shared/domain/notices/card.ts";
import {
  channelsOf,
  channelsOfAll,
  isWanted,
  PLATFORM_CHANNEL,
} from "../../shared/domain/notices/channel.ts";
import type { NotifyRule } from "../../shared/domain/notices/channel.ts";
import { isTold, NOTICE_KINDS, noticeOf } from "../../shared/domain/notices/notice.ts";
import type { Notice } from "../../shared/domain/notices/notice.ts";
import { newServiceState } from "../../shared/domain/state.ts";
import { aService, anEnvironment, aPolicy, START } from "../support/builders.ts";
import { aPromotion } from "../support/gate-case.ts";
import { present } from "../support/present.ts";

const PROD = environmentId("prod");
const WEB = serviceId("web");

function aRecord(kind: FactKind, about: Partial<AuditRecord> = {}): AuditRecord {
  const place = { id: "web-7", chain: "web", sequence: 7, time: START };
  return { ...fact(kind, "user:ann@example.com"), ...place, previousHash: "", hash: "", ...about };
}

function aNotice(kind: FactKind, about: Partial<AuditRecord> = {}): Notice {
  return present(noticeOf(aRecord(kind, about)), `a notice of ${kind}`);
}

const TOLD: readonly (readonly [FactKind, Partial<AuditRecord>, string, string])[] = [
  [
    "promotion.started",
    { reason: "go" },
    "started",
    "started, asked for by user:ann@example.com: go",
  ],
  [
    "promotion.waiting",
    { reason: "soak: 5 minutes left" },
    "waiting",
    "waits: soak: 5 minutes left",
  ],
  ["promotion.approved", {}, "approved", "is approved by user:ann@example.com"],
  ["promotion.succeeded", {}, "done", "is done"],
  [
    "promotion.failed",
    { reason: "no pods", details: { step: "rollout" } },
    "failed",
    "failed at the step rollout: no pods",
  ],
  ["promotion.cancelled", {}, "ended", "was cancelled by user:ann@example.com"],
  ["promotion.rejected", { reason: "no" }, "ended", "was rejected by user:ann@example.com: no"],
  ["promotion.superseded", { reason: "a newer one" }, "ended", "gave way: a newer one"],
  [
    "promotion.rolled-back",
    { reason: "503", details: { to: "r-1" } },
    "rolled-back",
    "did not prove itself: 503; r-1 comes back",
  ],
  [
    "gates.broken",
    { reason: "fire", details: { gates: "hold window" } },
    "break-glass",
    "user:ann@example.com BROKE THE GLASS: hold window passed: fire",
  ],
  ["hold.placed", { reason: "upgrade" }, "hold", "user:ann@example.com placed a hold: upgrade"],
  [
    "hold.reminded",
    { reason: "upgrade", details: { placedBy: "user:bob@example.com" } },
    "hold",
    "the hold of user:bob@example.com still stands: upgrade",
  ],
  ["hold.expired", {}, "hold", "the hold ended by itself"],
  ["incident.opened", { reason: "5xx" }, "incident", "an incident opened: 5xx"],
  [
    "drift.detected",
    { details: { running: "web@sha256:1" } },
    "drift",
    "something else runs than is recorded: web@sha256:1",
  ],
  [
    "restore.finished",
    { details: { backup: "b-1", warning: "prod's data" } },
    "restore",
    "the data of b-1 is back: prod's data",
  ],
  [
    "backup.removed",
    { details: { backup: "b-1" } },
    "backup",
    "backup b-1 was removed: nobody needs it any more",
  ],
  [
    "channel.failed",
    { reason: "503", details: { channel: "slack #a", since: "2026-01-01" } },
    "channel",
    "nobody is told anything by slack #a since 2026-01-01: 503",
  ],
  [
    "service.failed",
    { reason: "damaged", details: { service: "api" } },
    "stuck",
    "api cannot be decided on: damaged",
  ],
];

describe("what people are told", () => {
  test.each(TOLD)("of %s %j is %s: %s", (kind, about, expected, text) => {
    expect(aNotice(kind, about)).toMatchObject({ id: "web-7", kind: expected, text });
  });

  test("has a kind of each word that a specification may have", () => {
    const kinds = new Set(TOLD.map(([kind, about]) => aNotice(kind, about).kind));
    expect(NOTICE_KINDS.filter((kind) => !kinds.has(kind))).toEqual([]);
  });

  test.each(["rollout.created", "audit.checkpoint", "release.created", "toString", "no.such"])(
    "is nothing of %s",
    (kind) => {
      expect(isTold(kind)).toBe(false);
    },
  );

  test("of one hold, incident or service is one conversation, as is what drifts in one place", () => {
    const hold = { details: { hold: "hold-1" } };
    expect(aNotice("hold.lifted", hold).subject).toBe(aNotice("hold.placed", hold).subject);
    const drifted = aNotice("drift.detected", { environment: PROD }).subject;
    expect(aNotice("drift.resolved", { environment: PROD }).subject).toBe(drifted);
    expect(aNotice("drift.detected", { environment: environmentId("dev") }).subject).not.toBe(
      drifted,
    );
    expect(aNotice("backup.removed").subject).toBe("web-7");
  });
});

function rule(parts: Partial<NotifyRule> = {}): NotifyRule {
  const channel = { kind: "slack", name: "#a" } as const;
  return { channel, on: [], environments: [], categories: [], ...parts };
}

function names(plans: ReturnType<typeof channelsOf>): readonly string[] {
  return plans.map(({ key }) => key);
}

describe("the channels of a service", () => {
  const service = aService();
  const none = { byDefault: [], everywhere: [] };
  const slack = { byDefault: [PLATFORM_CHANNEL], everywhere: [] };
  test("are one for each environment where Slack is there and the file says nothing", () => {
    expect(names(channelsOf(service, slack))).toEqual([
      "web slack #alerts-web-dev",
      "web slack #alerts-web-prod",
    ]);
    expect(channelsOf(service, none)).toEqual([]);
  });

  test("are those that the installation gives a service that says nothing", () => {
    const byDefault = [
      rule({ channel: { kind: "slack", name: "#of-<service>" }, on: ["failed"] }),
      rule({ categories: ["external"] }),
    ];
    const plans = channelsOf(service, { byDefault, everywhere: [] });
    expect(names(plans)).toEqual(["web slack #of-web", "web slack #a"]);
    expect(plans[0]?.rules).toMatchObject([{ on: ["failed"] }]);
    expect(channelsOf({ ...service, notify: [] }, { byDefault, everywhere: [] })).toEqual([]);
  });

  test("are those of the file, each once, and none where it names none", () => {
    const two = [rule({ on: ["done"] }), rule({ on: ["failed"] })];
    const [plan, ...others] = channelsOf({ ...service, notify: two }, slack);
    expect(others).toEqual([]);
    expect(plan).toMatchObject({ key: "web slack #a", rules: two });
    expect(channelsOf({ ...service, notify: [] }, slack)).toEqual([]);
  });

  test("are the installation's own as well, which alone hear of what is nobody's", () => {
    const own = { ...slack, everywhere: [rule({ on: ["stuck"] })] };
    expect(names(channelsOf({ ...service, notify: [] }, own))).toEqual(["web slack #a"]);
    expect(names(channelsOfAll("_slipway", own))).toEqual(["_slipway slack #a"]);
    expect(isWanted(aNotice("hold.placed"), null, own.everywhere)).toBe(true);
  });

  test.each([
    [{}, true],
    [{ on: ["done"] }, true],
    [{ on: ["failed"] }, false],
    [{ environments: ["prod"] }, true],
    [{ environments: ["dev"] }, false],
    [{ categories: ["internal"] }, true],
    [{ categories: ["test"] }, false],
    [{ environments: ["prod"], categories: ["test"] }, false],
  ] as const)("hear of a promotion to prod that is done by the rule %j: %s", (parts, isHeard) => {
    const notice = aNotice("promotion.succeeded", { environment: PROD });
    expect(isWanted(notice, service, [rule(parts)])).toBe(isHeard);
  });

  test("hear of what concerns the service as a whole, wherever they are for", () => {
    const notice = aNotice("hold.placed", { chain: WEB });
    expect(isWanted(notice, service, [rule({ environments: ["dev"] })])).toBe(true);
    expect(isWanted(notice, service, [rule({ on: ["done"] })])).toBe(false);
  });
});

describe("the card of a promotion", () => {
  const approvals = { required: 1, from: [], notRequester: true, notAuthor: false } as const;
  const policy = aPolicy({
    approvals,
    access: { promote: [], approve: ["group:sre@example.com"], breakGlass: [] },
  });
  const service = aService({
    environments: [anEnvironment("dev"), anEnvironment("prod", { stage: 1, policy })],
  });
  const state = newServiceState(service);
  const gates = [
    {
      gate: "approval",
      verdict: { kind: "CLOSED", reason: "0 of 1 approvals", opensAt: null },
      since: START,
    },
  ] as const;

  test("asks whom the environment lets approve, with buttons, while an approval is missing", () => {
    const promotion = { ...aPromotion(), gates };
    expect(cardOf({ state, promotion, release: null })).toMatchObject({
      title: `web ${promotion.release} into prod`,
      headline: "waits for approval",
      why: "approval: 0 of 1 approvals",
      asked: ["group:sre@example.com"],
      actions: [
        { kind: "approve", promotion: promotion.id },
        { kind: "reject", promotion: promotion.id },
      ],
    });
  });

  test("asks those whom the policy names, before all others", () => {
    const named = { ...approvals, from: ["user:ann@example.com"] as const };
    const asking = aService({
      environments: [anEnvironment("prod", { stage: 1, policy: { ...policy, approvals: named } })],
    });
    const card = cardOf({
      state: newServiceState(asking),
      promotion: { ...aPromotion(), gates },
      release: null,
    });
    expect(card.asked).toEqual(["user:ann@example.com"]);
  });

  test("asks nobody, and has no buttons, while it goes on", () => {
    const promotion = { ...aPromotion(), gates, state: "RUNNING" } as const;
    expect(cardOf({ state, promotion, release: null })).toMatchObject({ asked: [], actions: [] });
  });
});
