import { describe, expect, test } from "vitest";
import { explain } from "../../shared/domain/explain/explain.ts";
import { environmentId } from "../../shared/domain/ids.ts";
import { environmentState, findEnvironment } from "../../shared/domain/state.ts";
import { afterContract } from "../../shared/domain/steps/floor.ts";
import { days, instant, minutes } from "../../shared/domain/time.ts";
import { asked, deployed, when, within } from "../support/decider.ts";
import type { Story } from "../support/decider.ts";
import { present } from "../support/present.ts";
import {
  again,
  back,
  BACKUP,
  contracted,
  GUARDED,
  release,
  request,
  restored,
  SUE,
  through,
  to,
  verdict,
} from "../support/rollback-story.ts";
import {
  backedUp,
  databases,
  effectsSince,
  executed,
  inProd,
  nextToProd,
} from "../support/step-events.ts";

describe("the floor", () => {
  test("falls when the data from before the migration was restored: going behind is safe then", () => {
    const story = contracted(through(GUARDED, 1, 2));
    expect(verdict(story).verdict).toBe("needs-data-restore");
    const done = restoring(story, `${to(2, 2)}-b1`);
    expect(within(done, "prod").floor).toBeNull();
    expect(verdict(done)).toMatchObject({ verdict: "safe", release: release(1) });
  });

  test("is foretold for a migration that waits, as it is once that has run", () => {
    const story = through(GUARDED, 1, 2);
    const prod = present(findEnvironment(story.state.service, "prod"), "production");
    const foretold = present(afterContract(story.state, prod, story.now), "what it will be");
    const floor = environmentState(foretold, prod.id).floor;
    const { since, ...done } = present(within(contracted(story), "prod").floor, "a floor");
    expect(floor).toMatchObject(done);
    expect(within(story, "prod").floor).toBeNull();
    expect(afterContract(contracted(story).state, prod, since)).toBeNull();
  });

  test("stands before a release that is pushed once more under another tag", () => {
    const story = contracted(through(GUARDED, 1, 2));
    const known = present(story.state.releases[release(1)], "the first release");
    const [, ...rest] = known.order.split(" ");
    const pushed = { ...known, order: ["2027-01-01T00:00:00.000000000Z", ...rest].join(" ") };
    const releases = { ...story.state.releases, [pushed.id]: pushed };
    const later = { ...story, state: { ...story.state, releases } };
    expect(verdict(later).verdict).toBe("needs-data-restore");
  });

  test("keeps a promotion forward to a release from before it waiting, and says what would be lost", () => {
    const story = contracted(through(GUARDED, 1, 2));
    const behind = when(story, asked("prod", { release: release(1) }));
    const order = inProd(behind).gates.find(({ gate }) => gate === "order");
    expect(order?.verdict).toMatchObject({ kind: "CLOSED" });
    expect(JSON.stringify(order?.verdict)).toMatch(
      /the migration of release r-2\S+ came after it and cannot be undone; .* of backup r-2\S+-b1 would lose all that was written since/,
    );
    const environment = present(
      behind.state.service.environments.find(({ id }) => id === "prod"),
      "prod",
    );
    const { state, now } = behind;
    const about = { last: null, by: SUE };
    const explained = explain({
      ...about,
      state,
      environment,
      now,
      release: state.releases[release(1)] ?? null,
    });
    const there = { service: "web", environment: "prod", release: release(1) };
    expect(explained.advice.map(({ step }) => step)).toContainEqual({
      kind: "roll-back-with-data",
      ...there,
    });
    const broken = { by: SUE, reason: "it reads both", gates: ["order"] as const };
    const forced = when(behind, asked("prod", { release: release(1), breakGlass: broken }));
    expect(inProd(forced)).toMatchObject({ release: release(1), state: "RUNNING" });
  });

  test("lets go forward what is from after it", () => {
    const story = again(contracted(through(GUARDED, 1, 2)), 3);
    expect(within(story, "prod").current?.release).toBe(release(3));
  });

  test("falls with a rollback that brings the data back, and stays down after it", () => {
    const story = contracted(through(GUARDED, 1, 2));
    const asking = backedUp(when(story, back({ restoreData: true })));
    const done = deployed(when(asking, restored(asking, "SUCCEEDED")), "prod");
    expect(within(done, "prod")).toMatchObject({ floor: null, current: { release: release(1) } });
  });

  test("stays when data from after the migration was restored", () => {
    const story = again(contracted(through(GUARDED, 1, 2)), 3);
    const done = restoring(story, `${to(3, 3)}-b1`);
    expect(within(done, "prod").floor).toMatchObject({ release: release(2) });
    expect(verdict(done, { release: release(1) }).verdict).toBe("needs-data-restore");
  });

  test("comes back when the data from after the migration comes back", () => {
    const story = contracted(through(GUARDED, 1, 2));
    const before = restoring(story, `${to(2, 2)}-b1`);
    const [overwritten] = within(before, "prod").backups;
    const after = restoring(before, present(overwritten, "the backup of what was overwritten").id);
    expect(within(after, "prod").floor).toMatchObject({
      release: release(2),
      backups: [{ id: `${to(2, 2)}-b1` }],
    });
    expect(verdict(after).verdict).toBe("needs-data-restore");
  });

  test("is the higher one of both while data comes back, and when that fails", () => {
    const story = contracted(through(GUARDED, 1, 2));
    const asking = backedUp(when(story, request(story, `${to(2, 2)}-b1`)));
    expect(within(asking, "prod").floor).toMatchObject({ release: release(2) });
    const failed = when(asking, restored(asking, "FAILED"));
    expect(within(failed, "prod").floor).toMatchObject({ release: release(2) });
  });

  test("stays when only one of two databases came back", () => {
    const two = nextToProd(through(GUARDED, 1), 2);
    const both = deployed(backedUp(when(two, databases(two, "web-a", "web-b"))), "prod");
    const story = contracted(both);
    const done = restoring(story, `${to(2, 2)}-b1`);
    expect(within(done, "prod").floor).toMatchObject({ release: release(2) });
  });

  test("counts a backup that was taken while the migration ran as one from after it", () => {
    const before = through(GUARDED, 1, 2);
    const started = when(before, {
      kind: "contract-requested",
      environment: environmentId("prod"),
      by: SUE,
    });
    const story = again(started, 3);
    const done = restoring(story, `${to(3, 3)}-b1`);
    expect(within(done, "prod").floor).toMatchObject({ release: release(2) });
  });

  test.each([
    ["failed", "FAILED" as const],
    ["was cancelled", null],
  ])(
    "is there too when a migration that had begun %s, for some of the data may be changed",
    (_, how) => {
      const after = { job: "contract", start: "automatic" as const, reversible: false };
      const policy = { backup: BACKUP, migrations: { before: null, after } };
      const first = through(policy, 1);
      const one = when(first, executed(first, "SUCCEEDED"));
      const two = again(one, 2);
      const running = when(two, executed(two, "RUNNING", "run-2"));
      const cancel = {
        kind: "cancellation-requested" as const,
        promotion: inProd(running).id,
        by: SUE,
        reason: null,
      };
      const over = when(running, how === null ? cancel : executed(running, how, "run-2"));
      expect(within(over, "prod").active).toBeNull();
      expect(within(over, "prod").floor).toMatchObject({ release: release(2) });
    },
  );

  test("of a backup that says nothing of it is kept as it is", () => {
    const story = contracted(through(GUARDED, 1, 2));
    const [newest] = within(story, "prod").backups;
    const old = { ...present(newest, "a backup"), floor: { kind: "unknown" as const } };
    const { environments } = story.state;
    const prod = { ...within(story, "prod"), backups: [old] };
    const known = { ...story, state: { ...story.state, environments: { ...environments, prod } } };
    const done = restoring(known, old.id);
    expect(within(done, "prod").floor).toMatchObject({ release: release(2) });
  });
});

describe("a backup from before a restore", () => {
  const lasting = { backup: { ...BACKUP, maxAge: days(1) } };

  test("is never young enough for a promotion, one from after it is", () => {
    const story = through(lasting, 1, 2);
    expect(effectsSince(story, nextToProd(story, 3))).not.toContain("find-databases");
    const done = restoring(story, within(story, "prod").backups[0]?.id ?? "");
    const next = nextToProd(done, 3);
    expect(effectsSince(done, next)).toContain("find-databases");
    const taken = backedUp(when(next, databases(next, "web-a")));
    const later = deployed(taken, "prod");
    expect(effectsSince(later, nextToProd(later, 4))).not.toContain("find-databases");
  });

  test("taken at the very moment of the restore does not serve either", () => {
    const story = through(lasting, 1);
    const [newest] = within(story, "prod").backups;
    const at = present(newest?.finishedAt, "when it finished");
    expect(usesYoung(story, at)).toBe(false);
    expect(usesYoung(story, instant(at - 1))).toBe(true);
  });
});

/** Whether the next promotion rests on the newest backup, if the data was restored at a moment. */
function usesYoung(story: Story, restoredAt: ReturnType<typeof instant>): boolean {
  const { environments } = story.state;
  const prod = { ...within(story, "prod"), restoredAt };
  const known = { ...story, state: { ...story.state, environments: { ...environments, prod } } };
  return !effectsSince(known, nextToProd(known, 2)).includes("find-databases");
}

/** The story after a backup of prod was restored. */
function restoring(story: Story, id: string): Story {
  const asking = backedUp(when(story, request(story, id)));
  const later = { ...asking, now: instant(asking.now + minutes(1)) };
  return when(later, restored(later, "SUCCEEDED"));
}
