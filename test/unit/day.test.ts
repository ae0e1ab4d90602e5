import { describe, expect, test } from "vitest";
import type { Backup } from "../../shared/domain/backup.ts";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import { asPromotionId, environmentId, holdId, serviceId } from "../../shared/domain/ids.ts";
import type { MigrationAfter } from "../../shared/domain/policy.ts";
import { toRestorePoint } from "../../shared/domain/promotion.ts";
import { days, duration, instant } from "../../shared/domain/time.ts";
import { asked, deployed, when, within } from "../support/decider.ts";
import type { Story } from "../support/decider.ts";
import { present } from "../support/present.ts";
import {
  backedUp,
  databases,
  effectsSince,
  executed,
  inProd,
  nextToProd,
  withPolicy,
} from "../support/step-events.ts";

const SUE = "user:sue@example.com";
const after: MigrationAfter = { job: "contract", start: "automatic", reversible: false };

describe("a day", () => {
  const retain = days(30);
  const policy = { backup: { cloudSql: true, gkePlan: null, retain, maxAge: duration(0) } };

  test.each([
    ["a millisecond before its time", -1, []],
    ["at its time", 0, ["remove-backup"]],
  ])("removes an old backup %s, and never the newest", (_, offMs, effects) => {
    const first = arrive(when(withPolicy(policy), asked("prod")));
    const story = arrive(nextToProd(first, 2));
    const oldest = present(within(story, "prod").backups.at(-1)?.finishedAt, "a finished backup");
    const due = { ...story, now: instant(oldest + retain + offMs - 1000) };
    const day = when(due, { kind: "day-began" });
    expect(effectsSince(story, day)).toEqual(effects);
    expect(within(day, "prod").backups).toHaveLength(2 - effects.length);
    const much = when({ ...day, now: instant(day.now + days(365)) }, { kind: "day-began" });
    expect(within(much, "prod").backups).toHaveLength(1);
  });

  test("removes no backup that going behind the floor would need", () => {
    const floored = { ...policy, migrations: { before: null, after } };
    const there = arrive(when(withPolicy(floored), asked("prod")));
    const first = when(there, executed(there, "SUCCEEDED"));
    const bound = within(first, "prod").floor?.backups.map(({ id }) => id) ?? [];
    const story = arrive(nextToProd(first, 2));
    const late = when({ ...story, now: instant(story.now + days(90)) }, { kind: "day-began" });
    expect(bound).toHaveLength(1);
    expect(within(late, "prod").backups.map(({ id }) => id)).toEqual(expect.arrayContaining(bound));
  });

  test("removes no backup that an open promotion brings back or rests on, until it has ended", () => {
    const first = arrive(when(withPolicy(policy), asked("prod")));
    const story = arrive(nextToProd(first, 2));
    const old = present(within(story, "prod").backups.at(-1), "the old backup");
    const point = present(toRestorePoint(old, old.source), "a point to restore to");
    const restoring = when(
      { ...story, now: instant(story.now + days(90)) },
      {
        kind: "restore-requested",
        environment: environmentId("prod"),
        points: [point],
        by: SUE,
        reason: "rows are gone",
      },
    );
    expect(effectsSince(restoring, when(restoring, { kind: "day-began" }))).toEqual([]);
    const ended = when(restoring, {
      kind: "cancellation-requested",
      promotion: inProd(restoring).id,
      by: SUE,
      reason: null,
    });
    expect(effectsSince(ended, when(ended, { kind: "day-began" }))).toEqual(["remove-backup"]);
  });

  describe("on which old backups are found that the state has forgotten", () => {
    const story = arrive(when(withPolicy(policy), asked("prod")));
    const newest = present(within(story, "prod").backups[0], "the newest backup");
    const id = `r-gone-to-prod-0001-b1`;
    const old: Backup = { ...newest, id, promotion: asPromotionId("r-gone-to-prod-0001") };

    function foundOld(finishedAt: Backup["finishedAt"], now = story.now): Story {
      const backups = [{ ...old, finishedAt }];
      const environment = environmentId("prod");
      const event: ServiceEvent = { kind: "old-backups-found", environment, backups };
      return when({ ...story, now }, event);
    }

    test.each([
      ["at its time", 1000, ["remove-backup"]],
      ["a millisecond before its time", 1001, []],
    ])("removes one %s", (_, offMs, effects) => {
      const day = foundOld(instant(story.now - retain + offMs));
      expect(effectsSince(story, day)).toEqual(effects);
      expect(within(day, "prod").backups).toEqual([newest]);
    });

    test("keeps the newest ones, whatever is said of them", () => {
      const event: ServiceEvent = {
        kind: "old-backups-found",
        environment: environmentId("prod"),
        backups: [newest],
      };
      const late = when({ ...story, now: instant(story.now + days(365)) }, event);
      expect(effectsSince(story, late)).toEqual([]);
    });
  });

  test.each([
    ["a millisecond before a day is over", -1, 0],
    ["at the end of a day", 0, 1],
  ])("reminds of a hold %s", (_, offMs, count) => {
    const story = withPolicy({});
    const hold = {
      id: holdId("hold-1"),
      scope: { kind: "service" as const, service: serviceId("web") },
      reason: "wait",
      by: SUE,
      asOncall: false,
      createdAt: story.now,
      until: null,
    };
    const held = when(story, { kind: "hold-placed", hold });
    const day = when(
      { ...held, now: instant(story.now + days(1) + offMs - 1000) },
      { kind: "day-began" },
    );
    expect(day.facts.filter(({ kind }) => kind === "hold.reminded")).toHaveLength(count);
  });
});

function arrive(story: Story): Story {
  return deployed(backedUp(when(story, databases(story, "web-a"))), "prod");
}
