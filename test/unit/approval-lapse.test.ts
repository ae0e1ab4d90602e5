import { describe, expect, test } from "vitest";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import type { ApprovalPolicy, Policy } from "../../shared/domain/policy.ts";
import type { Promotion } from "../../shared/domain/promotion.ts";
import type { Service } from "../../shared/domain/service.ts";
import { aCandidate, anEnvironment, aPolicy, aService } from "../support/builders.ts";
import { asked, deployed, found, given, when, within } from "../support/decider.ts";
import type { Story } from "../support/decider.ts";
import { present } from "../support/present.ts";

const SUE = "user:sue@example.com";
const BOB = "user:bob@example.com";
const TWO: ApprovalPolicy = { required: 2, from: [], notRequester: false, notAuthor: false };
const CONTRACT = { job: "contract", start: "manual", reversible: false } as const;

describe("an approval holds for what was shown", () => {
  test("and lapses when another release is there by then, which the gate says", () => {
    // Both wait for prod, where nothing runs, and Sue approves both. Then the first one gets there.
    const second = approve(approve(bothWait(), 0, SUE), 1, SUE);
    const there = deployed(approve(second, 0, BOB), "prod");
    expect(reasonOf(there)).toMatch(
      /^0 of 2 approvals; 1 lapsed.* approved was "over nothing", and now it is "over r-/,
    );
    const more = approve(there, 0, BOB);
    expect(reasonOf(more)).toMatch(/^1 of 2 approvals; 1 lapsed/);
    expect(within(approve(more, 0, SUE), "prod").active).not.toBeNull();
  });

  test("and stands whatever tag the image gets", () => {
    const approved = approve(bothWait(), 1, SUE);
    const put = { tag: "latest", at: "2026-11-21T00:00:00.000000000Z", commit: null };
    const candidate = aCandidate(2, { put });
    const tagged = when(approved, { kind: "image-found", candidate, by: "registry" });
    expect(reasonOf(tagged, 1)).toBe("1 of 2 approvals");
  });

  test.each([
    ["the same migrations", null, "1 of 2 approvals"],
    ["a migration more", CONTRACT, "0 of 2 approvals; 1 lapsed"],
  ])("when a specification is applied with %s", (_, after, reason) => {
    const approved = approve(bothWait(), 1, SUE);
    const migrations = { before: null, after };
    const service = aTwoStageService({ fingerprint: "second" }, { migrations });
    const applied = when(approved, { kind: "service-applied", service, by: SUE });
    expect(reasonOf(applied, 1).startsWith(reason)).toBe(true);
  });

  test("is refused to whom something else was shown, and given to whom this was", () => {
    const story = bothWait();
    const refused = when(story, { ...approval(story, 0, SUE), shown: "over r-1" });
    expect(refused.reply).toMatchObject({ kind: "refused", refusal: { kind: "conflict" } });
    const step = { kind: "changes", service: "web", environment: "prod" };
    expect(refused.reply).toMatchObject({ refusal: { help: { step } } });
    expect(refused.state).toBe(story.state);
    const shown = "over nothing";
    const given1 = when(story, { ...approval(story, 0, SUE), shown });
    expect(waiting(given1, 0).approvals).toMatchObject([{ by: SUE, shown }]);
  });

  test("and what was shown is on the record", () => {
    const { facts } = approve(bothWait(), 0, SUE);
    const approved = facts.find(({ kind }) => kind === "promotion.approved");
    expect(approved).toMatchObject({
      details: {
        shown: "over nothing",
        digest: aCandidate(1).digest,
        revision: "0a1b2c",
      },
    });
  });
});

function aTwoStageService(parts: Partial<Service>, policy: Partial<Policy> = {}): Service {
  const prod = aPolicy({ approvals: TWO, ...policy });
  const environments = [
    anEnvironment("dev"),
    anEnvironment("prod", { stage: 1, category: "internal", policy: prod }),
  ];
  return aService({ queue: "all", environments, ...parts });
}

/** Two releases wait for prod. */
function bothWait(): Story {
  let story = given(aTwoStageService({}));
  for (const number of [1, 2]) {
    story = when(deployed(when(story, found(number)), "dev"), asked("prod"));
  }
  expect(within(story, "prod").waiting).toHaveLength(2);
  return story;
}

function waiting(story: Story, index: number): Promotion {
  return present(within(story, "prod").waiting[index], "a promotion that waits");
}

function approval(
  story: Story,
  index: number,
  by: string,
): Extract<ServiceEvent, { kind: "approval-given" }> {
  return { kind: "approval-given", promotion: waiting(story, index).id, by, comment: null };
}

function approve(story: Story, index: number, by: string): Story {
  return when(story, approval(story, index, by));
}

function reasonOf(story: Story, index = 0): string {
  const report = waiting(story, index).gates.find(({ gate }) => gate === "approval");
  return report?.verdict.kind === "CLOSED" ? report.verdict.reason : "";
}
