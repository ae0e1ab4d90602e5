import { describe, expect, test } from "vitest";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import { environmentId, holdId, serviceId } from "../../shared/domain/ids.ts";
import type { ApprovalPolicy, Policy, VerifyPolicy } from "../../shared/domain/policy.ts";
import { STEP_MAX } from "../../shared/domain/steps/run.ts";
import { days, duration, minutes } from "../../shared/domain/time.ts";
import { aPolicy, anEnvironment } from "../support/builders.ts";
import { afterMs, asked, deployed, seen, when, within } from "../support/decider.ts";
import type { Story } from "../support/decider.ts";
import {
  backedUp,
  backupSeen,
  databases,
  effectsSince,
  executed,
  inProd,
  nextToProd,
  probed,
  stepsOf,
  withPolicy,
} from "../support/step-events.ts";

const PAM = "user:pam@example.com";
const SUE = "user:sue@example.com";
const VERIFY: VerifyPolicy = {
  path: "/-/healthz",
  version: "/-/version",
  url: null,
  bake: minutes(10),
  onFailure: "rollback",
};
const APPROVALS: ApprovalPolicy = {
  required: 1,
  from: [],
  notRequester: true,
  notAuthor: false,
};
const BACKUP = { cloudSql: true, gkePlan: null, retain: days(30), maxAge: duration(0) };
const BEFORE = { before: { job: "migrate" }, after: null };

/** Pam applies another policy for prod. */
function applied(story: Story, policy: Partial<Policy>): Story {
  const { service } = story.state;
  const prod = anEnvironment("prod", { stage: 1, policy: aPolicy(policy) });
  const fingerprint = `${service.fingerprint}+`;
  const environments = [anEnvironment("dev"), prod];
  const next = { ...service, fingerprint, environments };
  return when(story, { kind: "service-applied", service: next, by: PAM });
}

function replanned(story: Story): readonly unknown[] {
  return story.facts.filter(({ kind }) => kind === "promotion.replanned");
}

function held(story: Story): Story {
  return when(story, {
    kind: "hold-placed",
    hold: {
      id: holdId("hold-1"),
      scope: { kind: "environment", service: serviceId("web"), environment: environmentId("prod") },
      reason: "wait",
      by: SUE,
      asOncall: false,
      createdAt: story.now,
      until: null,
    },
  });
}

function approve(story: Story, by: string): ServiceEvent {
  return { kind: "approval-given", promotion: inProd(story).id, by, comment: null };
}

describe("a promotion that waits while its policy changes", () => {
  test("has the steps of the new policy, and the record says who changed what", () => {
    const story = when(held(withPolicy({ verify: VERIFY })), asked("prod"));
    const next = applied(story, { approvals: APPROVALS, backup: BACKUP });
    expect(stepsOf(inProd(next))).toEqual([
      "gates RUNNING",
      "approval RUNNING",
      "backup PENDING",
      "rollout PENDING",
    ]);
    expect(replanned(next)).toMatchObject([
      {
        by: PAM,
        promotion: inProd(story).id,
        details: { added: "approval backup", dropped: "verify bake" },
      },
    ]);
  });

  test("is left alone by a change that asks for the same steps", () => {
    const story = when(held(withPolicy({ verify: VERIFY })), asked("prod"));
    const next = applied(story, { verify: { ...VERIFY, path: "/healthz" }, soak: minutes(1) });
    expect(stepsOf(inProd(next))).toEqual(stepsOf(inProd(story)));
    expect(replanned(next)).toEqual([]);
  });

  test("goes through without what was dropped", () => {
    const story = when(held(withPolicy({ verify: VERIFY })), asked("prod"));
    const lifted = when(applied(story, {}), {
      kind: "hold-lifted",
      hold: holdId("hold-1"),
      by: SUE,
      asOncall: false,
    });
    expect(deployed(lifted, "prod").ended.at(-1)).toMatchObject({ state: "SUCCEEDED" });
  });

  test("is not failed by an early backup that nobody asks for any more", () => {
    const early = { backup: { ...BACKUP, maxAge: days(1) }, approvals: APPROVALS };
    const waiting = when(withPolicy(early), asked("prod"));
    const taking = when(waiting, databases(waiting, "web-a"));
    const [backup] = inProd(taking).backups;
    const dropped = applied(taking, { approvals: APPROVALS });
    const failed = when(
      dropped,
      ...(backup === undefined ? [] : [backupSeen(dropped, backup, "FAILED")]),
    );
    expect(inProd(failed).state).toBe("WAITING");
    expect(failed.facts.map(({ kind }) => kind)).toContain("backup.failed");
  });

  test("ends if it goes by itself, and from now on somebody has to ask", () => {
    const story = held(withPolicy({ promotion: "automatic", soak: minutes(30) }));
    const waiting = nextToProd(story, 2);
    const next = applied(waiting, { promotion: "manual", soak: minutes(30) });
    expect(next.ended.slice(waiting.ended.length)).toMatchObject([
      { kind: "automatic", state: "CANCELLED" },
    ]);
  });
});

describe("who may approve changes while a promotion waits", () => {
  const two = { ...APPROVALS, required: 2 };

  test("approvals by the rule before do not count, and can be given again", () => {
    const waiting = when(withPolicy({ approvals: two }), asked("prod"));
    const once = when(waiting, approve(waiting, SUE));
    const next = applied(once, { approvals: { ...APPROVALS, from: ["user:sue@example.com"] } });
    expect(inProd(next).state).toBe("WAITING");
    expect(JSON.stringify(inProd(next).gates)).toContain("0 of 1 approvals");
    expect(inProd(when(next, approve(next, SUE))).state).toBe("RUNNING");
  });

  test("they count where only the number changed", () => {
    const waiting = when(withPolicy({ approvals: two }), asked("prod"));
    const once = when(waiting, approve(waiting, SUE));
    expect(inProd(applied(once, { approvals: APPROVALS })).state).toBe("RUNNING");
  });
});

describe("a promotion that runs while its policy changes", () => {
  test("at verify goes on without it, and nothing is condemned", () => {
    const story = deployed(when(withPolicy({ verify: VERIFY }), asked("prod")), "prod");
    expect(stepsOf(inProd(story))).toContain("verify RUNNING");
    const next = applied(story, {});
    expect(next.ended.at(-1)).toMatchObject({ state: "SUCCEEDED" });
    expect(replanned(next)).toMatchObject([{ details: { added: "", dropped: "verify bake" } }]);
    const late = afterMs(next, STEP_MAX.verify);
    expect(Object.values(late.state.releases).every(({ image }) => image.bad === null)).toBe(true);
  });

  test("while it bakes goes on without that", () => {
    const story = deployed(when(withPolicy({ verify: VERIFY }), asked("prod")), "prod");
    const baking = when(story, probed(story, true, "v1"));
    expect(applied(baking, {}).ended.at(-1)).toMatchObject({ state: "SUCCEEDED" });
  });

  test("before its rollout takes up a backup that is asked for now", () => {
    const story = when(withPolicy({ migrations: BEFORE }), asked("prod"));
    expect(stepsOf(inProd(story))).toContain("migrate RUNNING");
    const next = when(
      applied(story, { migrations: BEFORE, backup: BACKUP }),
      executed(story, "SUCCEEDED"),
    );
    expect(stepsOf(inProd(next))).toEqual([
      "gates SUCCEEDED",
      "migrate SUCCEEDED",
      "backup RUNNING",
      "rollout PENDING",
    ]);
    expect(effectsSince(story, next)).toEqual(["find-databases"]);
    const ready = backedUp(when(next, databases(next, "web-a")));
    expect(effectsSince(next, ready)).toEqual(["take-backup", "create-rollout"]);
  });

  test("before its rollout stands until it has the approval that is asked for now", () => {
    const story = when(withPolicy({ migrations: BEFORE }), asked("prod"));
    const policy = { migrations: BEFORE, approvals: APPROVALS };
    const next = when(applied(story, policy), executed(story, "SUCCEEDED"));
    expect(inProd(next).steps).toMatchObject([
      {},
      {},
      { name: "approval", state: "PENDING", message: "waits: 0 of 1 approvals" },
      { name: "rollout", state: "PENDING" },
    ]);
    expect(effectsSince(story, next)).toEqual([]);
    const approved = when(next, approve(next, SUE));
    expect(effectsSince(next, approved)).toEqual(["create-rollout"]);
    const rejected = when(next, {
      kind: "rejection-given",
      promotion: inProd(next).id,
      by: SUE,
      reason: "not today",
    });
    expect(rejected.ended.at(-1)).toMatchObject({ state: "REJECTED" });
  });

  test("after its rollout began takes up only what comes after it", () => {
    const story = when(withPolicy({}), asked("prod"));
    const next = applied(story, {
      approvals: APPROVALS,
      backup: BACKUP,
      migrations: BEFORE,
      verify: VERIFY,
    });
    expect(stepsOf(inProd(next))).toEqual([
      "gates SUCCEEDED",
      "rollout RUNNING",
      "verify PENDING",
      "bake PENDING",
    ]);
    const rolled = when(next, seen(next, "prod"));
    expect(effectsSince(next, rolled)).toEqual(["probe"]);
  });

  test("keeps a migration that is under way though it is dropped", () => {
    const story = when(withPolicy({ migrations: BEFORE }), asked("prod"));
    const next = applied(story, {});
    expect(stepsOf(inProd(next))).toEqual([
      "gates SUCCEEDED",
      "migrate RUNNING",
      "rollout PENDING",
    ]);
    expect(replanned(next)).toEqual([]);
  });
});

describe("a young backup", () => {
  test("does not serve where more is asked for by now", () => {
    const lasting = { backup: { ...BACKUP, maxAge: days(1) } };
    const first = when(withPolicy(lasting), asked("prod"));
    const story = deployed(backedUp(when(first, databases(first, "web-a"))), "prod");
    expect(effectsSince(story, nextToProd(story, 2))).not.toContain("find-databases");
    const gkePlan = "projects/p/locations/l/backupPlans/b";
    const more = applied(story, { backup: { ...lasting.backup, gkePlan } });
    expect(effectsSince(more, nextToProd(more, 2))).toContain("find-databases");
    expect(within(more, "prod").backups).toHaveLength(1);
  });
});
