import { describe, expect, test } from "vitest";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import type { Policy, VerifyPolicy } from "../../shared/domain/policy.ts";
import type { Promotion } from "../../shared/domain/promotion.ts";
import { RETRY_HOLDS } from "../../shared/domain/steps/retry.ts";
import { days, duration, instant } from "../../shared/domain/time.ts";
import { asked, deployed, seen, when, within } from "../support/decider.ts";
import type { Story } from "../support/decider.ts";
import { present } from "../support/present.ts";
import {
  backedUp,
  databases,
  effectsSince,
  executed,
  inProd,
  nextToProd,
  probed,
  stepsOf,
  withPolicy,
} from "../support/step-events.ts";

const SUE = "user:sue@example.com";
const BOB = "user:bob@example.com";
const APPROVALS = { required: 1, from: [], notRequester: true, notAuthor: false };
const BACKUP = { cloudSql: true, gkePlan: null, retain: days(30), maxAge: days(1) };
const MIGRATE = { before: { job: "migrate" }, after: null };
const VERIFY: VerifyPolicy = {
  path: "/-/healthz",
  version: "/-/version",
  url: null,
  bake: duration(0),
  onFailure: "rollback",
};
const RUN = "projects/web-prod-0a1b/locations/us-central1/jobs/migrate/executions/run-1";

function approve(story: Story, by: string): ServiceEvent {
  return { kind: "approval-given", promotion: inProd(story).id, by, comment: null };
}

function lastOf(story: Story): Promotion {
  return present(story.ended.at(-1), "a promotion that ended");
}

function retry(story: Story, by = "user:ann@example.com"): Story {
  return when(story, { kind: "retry-requested", promotion: lastOf(story), by });
}

function pass(story: Story, length: number): Story {
  return { ...story, now: instant(story.now + length) };
}

/** A promotion to prod that had its approval, its backup and its migration, and failed at its rollout. */
function failed(parts: Partial<Policy> = {}): Story {
  const policy = { approvals: APPROVALS, backup: BACKUP, migrations: MIGRATE, ...parts };
  const waiting = when(withPolicy(policy), asked("prod"));
  const approved = when(waiting, approve(waiting, SUE));
  const isAsking = approved.effects.at(-1)?.kind === "find-databases";
  const ready = isAsking
    ? backedUp(when(approved, databases(approved, "web-a")))
    : backedUp(approved);
  const migrated = when(ready, executed(ready, "SUCCEEDED", RUN));
  return when(migrated, seen(migrated, "prod", { state: "FAILED", failure: "no quota" }));
}

describe("a retry", () => {
  test("goes on at the rollout that failed: approval, young backup and migration hold", () => {
    const story = failed();
    const again = retry(story);
    expect(effectsSince(story, again)).toEqual(["create-rollout"]);
    expect(stepsOf(inProd(again))).toEqual([
      "gates SUCCEEDED",
      "approval SUCCEEDED",
      "backup SUCCEEDED",
      "migrate SKIPPED",
      "rollout RUNNING",
    ]);
    expect(inProd(again)).toMatchObject({
      approvals: [{ by: SUE }],
      retry: { of: lastOf(story).id },
      backups: [{ promotion: lastOf(story).id }],
    });
    const told = again.facts.find(({ details }) => details["retryOf"] === lastOf(story).id);
    expect(told).toMatchObject({ kind: "promotion.requested", details: { approvedBy: SUE } });
  });

  test("asked for twice is one", () => {
    const story = failed();
    const event = { kind: "retry-requested" as const, promotion: lastOf(story), by: SUE };
    const once = when(story, { ...event, by: BOB });
    expect(when(once, { ...event, by: BOB }).state).toBe(once.state);
  });

  test.each([
    ["at the bound", RETRY_HOLDS, "WAITING"],
    ["a minute before the bound", RETRY_HOLDS - 60_000, "RUNNING"],
  ])("%s of a day an approval holds no longer, or just", (_, length, state) => {
    expect(inProd(retry(pass(failed(), length))).state).toBe(state);
  });

  test("does not count the approval of whoever asks for it now", () => {
    const again = retry(failed(), SUE);
    expect(inProd(again)).toMatchObject({ state: "WAITING", approvals: [] });
    expect(inProd(when(again, approve(again, BOB))).state).toBe("RUNNING");
  });

  test("takes another backup where none of any age serves, and migrates again after a day", () => {
    const fresh = failed({ backup: { ...BACKUP, maxAge: duration(0) } });
    expect(effectsSince(fresh, retry(fresh))).toEqual(["find-databases"]);
    const open = failed({ approvals: null, backup: null });
    expect(effectsSince(open, retry(open))).toEqual(["create-rollout"]);
    const late = pass(open, RETRY_HOLDS);
    expect(effectsSince(late, retry(late))).toEqual(["run-job"]);
  });

  test("migrates again when the data was restored since, or the job is another", () => {
    const story = failed({ approvals: null });
    const { service } = story.state;
    const prod = present(service.environments[1], "prod");
    const policy = { ...prod.policy, migrations: { before: { job: "other" }, after: null } };
    const environments = [present(service.environments[0], "dev"), { ...prod, policy }];
    const other = { ...story, state: { ...story.state, service: { ...service, environments } } };
    expect(effectsSince(other, retry(other))).toEqual(["run-job"]);
    const restoredAt = story.now;
    const known = { ...within(story, "prod"), restoredAt };
    const data = {
      ...story,
      state: { ...story.state, environments: { ...story.state.environments, prod: known } },
    };
    const again = retry(data);
    const ready = backedUp(when(again, databases(again, "web-a")));
    expect(effectsSince(again, ready)).toEqual(["take-backup", "run-job"]);
  });

  test("of a retry goes on from all that was done before", () => {
    const story = failed({ approvals: null });
    const once = retry(story);
    const twice = retry(when(once, seen(once, "prod", { state: "FAILED", failure: "no quota" })));
    expect(stepsOf(inProd(twice))).toContain("migrate SKIPPED");
    expect(effectsSince(once, twice)).toEqual(["create-rollout"]);
  });
});

describe("a retry after the rollout", () => {
  const contract = {
    before: null,
    after: { job: "contract", start: "automatic" as const, reversible: false },
  };

  /** Release 2 is in prod, proved, and its migration failed. */
  function left(): Story {
    const policy = { verify: VERIFY, backup: BACKUP, migrations: contract };
    const first = when(withPolicy(policy), asked("prod"));
    const one = deployed(backedUp(when(first, databases(first, "web-a"))), "prod");
    const done = when(when(one, probed(one, true, "v1")), executed(one, "SUCCEEDED"));
    const two = deployed(nextToProd(done, 2), "prod");
    const proved = when(two, probed(two, true, "v2"));
    return when(proved, executed(proved, "FAILED", "run-2"));
  }

  test("does only what is left, and the release is proved with it", () => {
    const story = left();
    const again = retry(story);
    expect(effectsSince(story, again)).toEqual(["run-job"]);
    expect(stepsOf(inProd(again))).toEqual([
      "gates SUCCEEDED",
      "backup SUCCEEDED",
      "rollout SKIPPED",
      "verify SKIPPED",
      "contract RUNNING",
    ]);
    const over = when(again, executed(again, "SUCCEEDED", "run-3"));
    expect(lastOf(over)).toMatchObject({ state: "SUCCEEDED" });
    expect(within(over, "prod").floor?.backups).not.toEqual([]);
    expect(over.state.releases[lastOf(over).release]?.succeededIn["prod"]).toBe(over.now);
  });

  test("rolls out again what is no longer there", () => {
    const story = left();
    const { current } = within(story, "prod");
    const drifted = when(story, {
      kind: "running-observed",
      environment: present(story.state.service.environments[1], "prod").id,
      image: "another",
      by: null,
    });
    expect(current?.release).toBe(lastOf(story).release);
    expect(effectsSince(drifted, retry(drifted))).toEqual(["create-rollout"]);
  });

  test("is refused where the release is there and nothing is left", () => {
    const story = failed({ approvals: null });
    const again = deployed(retry(story), "prod");
    const event = { kind: "retry-requested" as const, promotion: lastOf(story), by: SUE };
    expect(when(again, event).reply).toMatchObject({ kind: "refused" });
  });
});
