import { describe, expect, test } from "vitest";
import type { BackupPolicy } from "../../shared/domain/policy.ts";
import { days, duration, instant, minutes } from "../../shared/domain/time.ts";
import { afterMs, asked, deployed, found, when, within } from "../support/decider.ts";
import type { Story } from "../support/decider.ts";
import { present } from "../support/present.ts";
import {
  backedUp,
  backupSeen,
  databases,
  effectsSince,
  inProd,
  withPolicy,
} from "../support/step-events.ts";

const PLAN = "projects/p/locations/l/backupPlans/daily";
const FRESH: BackupPolicy = {
  cloudSql: true,
  gkePlan: null,
  retain: days(30),
  maxAge: duration(0),
};
const APPROVALS = { required: 1, from: [], notRequester: true, notAuthor: false };
const hour = minutes(60);

describe("the step backup", () => {
  test("without a database fails before anything is deployed, and says what to set", () => {
    const story = started(FRESH);
    expect(story.effects.at(-1)?.kind).toBe("find-databases");
    const failed = when(story, databases(story));
    expect(failed.ended.at(-1)).toMatchObject({ environment: "prod", state: "FAILED" });
    expect(JSON.stringify(failed.ended.at(-1)?.steps)).toContain("cloudSQL to none");
    expect(effectsSince(story, failed)).toEqual([]);
  });

  test("takes one backup of each database and of the plan, and deploys when the last has finished", () => {
    const story = started({ ...FRESH, gkePlan: PLAN });
    const taking = when(story, databases(story, "web-a", "web-b"));
    expect(effectsSince(story, taking)).toEqual(["take-backup", "take-backup", "take-backup"]);
    const [first, second, third] = inProd(taking).backups;
    expect([first, second, third].map((backup) => backup?.source)).toEqual([
      { kind: "cloud-sql", project: "web-prod-0a1b", instance: "web-a" },
      { kind: "cloud-sql", project: "web-prod-0a1b", instance: "web-b" },
      { kind: "gke", plan: PLAN },
    ]);
    const two = [first, second].flatMap((backup) =>
      backup === undefined ? [] : [backupSeen(taking, backup, "SUCCEEDED")],
    );
    const nearly = when(taking, ...two);
    expect(effectsSince(taking, nearly)).toEqual([]);
    expect(effectsSince(taking, backedUp(taking))).toEqual(["create-rollout"]);
  });

  test("with a plan alone looks for no database", () => {
    const story = started({ ...FRESH, cloudSql: false, gkePlan: PLAN });
    expect(story.effects.at(-1)).toMatchObject({
      kind: "take-backup",
      backup: { source: { plan: PLAN } },
    });
  });

  test("with a plan that does not exist fails by its name, and nothing is deployed", () => {
    const story = started({ ...FRESH, cloudSql: false, gkePlan: PLAN });
    const effect = present(story.effects.at(-1), "the backup that is taken");
    const message = `${PLAN} was not found`;
    const failed = when(story, { kind: "effect-failed", effect, status: "NOT_FOUND", message });
    expect(failed.ended.at(-1)).toMatchObject({ environment: "prod", state: "FAILED" });
    expect(JSON.stringify(failed.ended.at(-1)?.steps)).toContain(message);
    expect(effectsSince(story, failed)).toEqual([]);
  });

  test("that fails ends the promotion, and nothing is deployed", () => {
    const story = taken(FRESH);
    const [backup] = inProd(story).backups;
    const failed = backup === undefined ? story : when(story, backupSeen(story, backup, "FAILED"));
    expect(failed.ended.at(-1)).toMatchObject({ environment: "prod", state: "FAILED" });
    expect(JSON.stringify(failed.ended.at(-1)?.steps)).toContain(
      "the disk is full; nothing was deployed",
    );
    expect(effectsSince(story, failed)).toEqual([]);
  });

  test("an answer that comes again, at once or after the deployment began, takes no second backup", () => {
    const story = taken(FRESH);
    const again = databases(story, "web-a");
    expect(effectsSince(story, when(story, again))).toEqual([]);
    const rolling = backedUp(story);
    const late = when(rolling, again, databases(rolling));
    expect(effectsSince(rolling, late)).toEqual([]);
    expect(within(late, "prod").active).toEqual(within(rolling, "prod").active);
  });
});

describe("a finished backup of another promotion", () => {
  test.each([
    ["as old as the policy lets it be", hour, 0, ["create-rollout"]],
    ["a millisecond older", hour, 1, ["find-databases"]],
    [
      "of any age where the policy asks for a fresh one",
      duration(0),
      -3_600_000,
      ["find-databases"],
    ],
  ] as const)("%s", (_, maxAge, lateMs, effects) => {
    const first = deployed(backedUp(taken({ ...FRESH, maxAge })), "prod");
    const finishedAt = within(first, "prod").backups[0]?.finishedAt ?? 0;
    const ready = deployed(when(first, found(2)), "dev");
    const at = instant(Math.max(ready.now, finishedAt + hour + lateMs - 1000));
    const story = when({ ...ready, now: at }, asked("prod"));
    expect(effectsSince(ready, story)).toEqual(effects);
  });

  test("does not serve when it is one of several, of which another failed", () => {
    const policy = { ...FRESH, maxAge: hour };
    const story = started(policy);
    const taking = when(story, databases(story, "web-a", "web-b"));
    const [first, second] = inProd(taking).backups;
    const failed =
      first === undefined || second === undefined
        ? taking
        : when(
            taking,
            backupSeen(taking, first, "SUCCEEDED"),
            backupSeen(taking, second, "FAILED"),
          );
    const again = when(failed, asked("prod"));
    expect(effectsSince(failed, again)).toEqual(["find-databases"]);
  });
});

describe("a backup taken while the promotion waits", () => {
  const early = { backup: { ...FRESH, maxAge: hour }, approvals: APPROVALS };

  test("for an approval alone is begun at once, and serves when it is young enough", () => {
    const waiting = when(withPolicy(early), asked("prod"));
    expect(waiting.effects.at(-1)?.kind).toBe("find-databases");
    const ready = backedUp(when(waiting, databases(waiting, "web-a")));
    expect(within(ready, "prod").active).toBeNull();
    expect(effectsSince(ready, approved(ready))).toEqual(["create-rollout"]);
  });

  test("and has become too old is followed by another under the next number", () => {
    const waiting = when(withPolicy(early), asked("prod"));
    const ready = backedUp(when(waiting, databases(waiting, "web-a")));
    const late = approved(afterMs(ready, hour));
    expect(effectsSince(ready, late)).toEqual(["find-databases"]);
    const again = when(late, databases(late, "web-a"));
    expect(again.effects.at(-1)).toMatchObject({ backup: { id: `${inProd(late).id}-b2` } });
  });

  test("is waited for when the promotion starts before it has finished", () => {
    const waiting = when(withPolicy(early), asked("prod"));
    const story = approved(when(waiting, databases(waiting, "web-a")));
    expect(within(story, "prod").active?.steps.map(({ state }) => state)).toContain("RUNNING");
    expect(effectsSince(story, backedUp(story))).toEqual(["create-rollout"]);
  });

  test.each([
    ["a fresh one is asked for", { ...early, backup: FRESH }],
    ["something else keeps it back as well", { ...early, soak: minutes(17) }],
  ])("is not begun where %s", (_, policy) => {
    const base = withPolicy(policy);
    expect(effectsSince(base, when(base, asked("prod")))).toEqual([]);
  });

  test("is begun a quarter of an hour before the soak ends, and not before", () => {
    const base = withPolicy({ backup: early.backup, soak: minutes(30) });
    const waiting = when(base, asked("prod"));
    const elapsed = waiting.now - base.now;
    const leftMs = minutes(15) - elapsed;
    expect(effectsSince(waiting, afterMs(waiting, leftMs - 1001))).toEqual([]);
    expect(effectsSince(waiting, afterMs(waiting, leftMs - 1000))).toEqual(["find-databases"]);
  });

  test("that fails ends the promotion that waits", () => {
    const waiting = when(withPolicy(early), asked("prod"));
    const taking = when(waiting, databases(waiting, "web-a"));
    const [backup] = inProd(taking).backups;
    const failed =
      backup === undefined ? taking : when(taking, backupSeen(taking, backup, "FAILED"));
    expect(failed.ended.at(-1)).toMatchObject({ environment: "prod", state: "FAILED" });
  });
});

function started(backup: BackupPolicy): Story {
  return when(withPolicy({ backup }), asked("prod"));
}

function taken(backup: BackupPolicy): Story {
  const story = started(backup);
  return when(story, databases(story, "web-a"));
}

function approved(story: Story): Story {
  const { id } = inProd(story);
  return when(story, {
    kind: "approval-given",
    promotion: id,
    by: "user:sue@example.com",
    comment: null,
  });
}
