import { describe, expect, test } from "vitest";
import type { ApprovalPolicy } from "../../shared/domain/policy.ts";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import { aCandidate, anEnvironment, aPolicy, aService, START } from "../support/builders.ts";
import { asked, deployed, given, when, within } from "../support/decider.ts";
import type { Story } from "../support/decider.ts";
import { verdictOf } from "../support/gate-case.ts";
import { present } from "../support/present.ts";

const TWO: ApprovalPolicy = { required: 2, from: [], notRequester: true, notAuthor: false };
const SUE = "user:sue@example.com";
const BOB = "user:bob@example.com";

describe("the gate approval", () => {
  test.each([
    ["nobody", [], "CLOSED"],
    ["one fewer than required", [SUE], "CLOSED"],
    ["the same person twice", [SUE, SUE], "CLOSED"],
    ["as many as required", [SUE, BOB], "OPEN"],
    ["one more than required", [SUE, BOB, "user:eve@example.com"], "OPEN"],
  ])("approved by %s of two", (_, people, kind) => {
    const approvals = people.map((by) => ({ by, at: START, comment: null, shown: null }));
    const verdict = verdictOf("approval", { policy: { approvals: TWO }, promotion: { approvals } });
    expect(verdict.kind).toBe(kind);
  });

  test("is open where no approval is asked for", () => {
    expect(verdictOf("approval", {}).kind).toBe("OPEN");
  });

  test("counts how many there are and says from whom they may come", () => {
    const approvals = { ...TWO, from: ["group:leads@example.com" as const] };
    expect(verdictOf("approval", { policy: { approvals } })).toMatchObject({
      reason: "0 of 2 approvals from group:leads@example.com",
    });
  });

  test("stays closed while the author must not approve and is not known, and names the label", () => {
    const approvals = { ...TWO, required: 1, notAuthor: true };
    const given1 = { approvals: [{ by: SUE, at: START, comment: null, shown: null }] };
    const policy = { approvals };
    const unknown = verdictOf("approval", { policy, promotion: given1 });
    expect(JSON.stringify(unknown)).toContain("org.opencontainers.image.authors");
    const authors = ["ann@example.com"];
    const known = { policy, promotion: given1, image: { authors } };
    expect(verdictOf("approval", known).kind).toBe("OPEN");
  });
});

describe("somebody approves", () => {
  test.each([
    [
      "the requester, where that is not allowed",
      { notRequester: true },
      "user:ann@example.com",
      "requested this promotion",
    ],
    [
      "the author, where that is not allowed",
      { notAuthor: true },
      "user:eve@example.com",
      "wrote the commit",
    ],
    [
      "the requester by another form of the same address",
      { notRequester: true },
      "serviceAccount:Ann+two@Example.com",
      "requested this promotion",
    ],
    [
      "another author by another form of the same address",
      { notAuthor: true },
      "user:bob+work@example.com",
      "wrote the commit",
    ],
  ])("%s, is refused and nothing is counted", (_, parts, by, why) => {
    const story = approve(waiting(parts), by);
    expect(story.reply).toMatchObject({ kind: "refused", refusal: { kind: "forbidden" } });
    expect(JSON.stringify(story.reply)).toContain(why);
    expect(within(story, "prod").waiting[0]?.approvals).toEqual([]);
  });

  test.each([
    ["the requester, where that is allowed", "user:ann@example.com"],
    ["the author, where that is allowed", "user:eve@example.com"],
    ["anybody else", BOB],
  ])("%s, starts the promotion", (_, by) => {
    expect(within(approve(waiting({}), by), "prod").active).not.toBeNull();
  });

  test("by two forms of one address, counts once", () => {
    const story = approve(approve(waiting({ required: 2 }), SUE), "user:sue+2@example.com");
    expect(within(story, "prod").active).toBeNull();
  });

  test("twice, counts once and is recorded once", () => {
    const story = approve(approve(waiting({ required: 2 }), SUE), SUE);
    expect(within(story, "prod").active).toBeNull();
    expect(story.facts.filter(({ kind }) => kind === "promotion.approved")).toHaveLength(1);
    expect(within(approve(story, BOB), "prod").active).not.toBeNull();
  });

  test("after the end, is refused and told where to look", () => {
    const story = waiting({});
    const promotion = present(within(story, "prod").waiting[0], "a waiting promotion").id;
    const over = when(story, { kind: "rejection-given", promotion, by: SUE, reason: "not now" });
    expect(over.ended.at(-1)).toMatchObject({ state: "REJECTED" });
    const late = when(over, { kind: "approval-given", promotion, by: SUE, comment: null });
    expect(late.reply).toMatchObject({ kind: "refused", refusal: { kind: "conflict" } });
    expect(late.reply).toMatchObject({ refusal: { help: { step: { kind: "look", promotion } } } });
  });

  test("one release, and the next one needs an approval of its own", () => {
    const first = approve(waiting({ required: 2 }), SUE);
    const second = when(deployed(when(first, found(2)), "dev"), asked("prod"));
    expect(second.ended.at(-1)).toMatchObject({ state: "SUPERSEDED", approvals: [{ by: SUE }] });
    expect(within(second, "prod").waiting).toMatchObject([{ approvals: [] }]);
  });
});

function found(number: number): ServiceEvent {
  const candidate = aCandidate(number, { authors: ["bob@example.com", "eve@example.com"] });
  return { kind: "image-found", candidate, by: "registry" };
}

function waiting(parts: Partial<ApprovalPolicy>): Story {
  const approvals = { required: 1, from: [], notRequester: false, notAuthor: false, ...parts };
  const prod = anEnvironment("prod", { stage: 1, policy: aPolicy({ approvals }) });
  const service = aService({ environments: [anEnvironment("dev"), prod] });
  return when(deployed(when(given(service), found(1)), "dev"), asked("prod"));
}

function approve(story: Story, by: string): Story {
  const promotion = present(within(story, "prod").waiting[0], "a waiting promotion").id;
  return when(story, { kind: "approval-given", promotion, by, comment: null });
}
