import { describe, expect, test } from "vitest";
import { asPromotionId, environmentId } from "../../shared/domain/ids.ts";
import type { MigrationAfter } from "../../shared/domain/policy.ts";
import { days, duration, instant, minutes } from "../../shared/domain/time.ts";
import { asked, deployed, when, within } from "../support/decider.ts";
import type { Story } from "../support/decider.ts";
import { present } from "../support/present.ts";
import {
  anIncident,
  backedUp,
  databases,
  effectsSince,
  executed,
  incidents,
  inProd,
  nextToProd,
  withPolicy,
} from "../support/step-events.ts";

const before = { job: "migrate" };
const after: MigrationAfter = { job: "contract", start: "automatic", reversible: false };
const SUE = "user:sue@example.com";

describe("the step migrate", () => {
  const story = when(withPolicy({ migrations: { before, after: null } }), asked("prod"));

  test("runs the job with the release's image before the rollout, and once", () => {
    expect(story.effects.at(-1)).toMatchObject({
      kind: "run-job",
      mark: `${inProd(story).id}-migrate`,
    });
    const running = when(story, executed(story, "RUNNING"), executed(story, "UNRECOGNIZED"));
    expect(effectsSince(story, running)).toEqual([]);
    const done = executed(story, "SUCCEEDED");
    expect(effectsSince(story, when(running, done, done))).toEqual(["create-rollout"]);
  });

  test("that fails ends the promotion before anything is deployed", () => {
    const failed = when(story, executed(story, "FAILED"));
    expect(failed.ended.at(-1)).toMatchObject({ environment: "prod", state: "FAILED" });
    expect(JSON.stringify(failed.ended.at(-1)?.steps)).toContain(
      "a column is missing; nothing was deployed",
    );
    expect(effectsSince(story, failed)).toEqual([]);
  });
});

describe("the step contract", () => {
  test("by itself follows the rollout, raises the floor, and a late word on the first job means nothing", () => {
    const begun = when(withPolicy({ migrations: { before, after } }), asked("prod"));
    const there = deployed(when(begun, executed(begun, "SUCCEEDED", "run-1")), "prod");
    expect(there.effects.at(-1)).toMatchObject({ mark: `${inProd(there).id}-contract` });
    const late = when(there, executed(there, "SUCCEEDED", "run-1"));
    expect(within(late, "prod").floor).toBeNull();
    const done = when(late, executed(late, "SUCCEEDED", "run-2"));
    expect(within(done, "prod").floor).toMatchObject({ release: inProd(there).release });
    expect(done.ended.at(-1)).toMatchObject({ state: "SUCCEEDED" });
  });

  test("that can be undone raises no floor", () => {
    const migrations = { before: null, after: { ...after, reversible: true } };
    const there = deployed(when(withPolicy({ migrations }), asked("prod")), "prod");
    expect(within(when(there, executed(there, "SUCCEEDED")), "prod").floor).toBeNull();
  });

  test("by hand waits for a person, is started once, and may be started again when it could not begin", () => {
    const story = manual();
    const request = {
      kind: "contract-requested" as const,
      environment: environmentId("prod"),
      by: SUE,
    };
    const started = when(story, request, request);
    expect(effectsSince(story, started)).toEqual(["run-job"]);
    const refused = when(started, {
      kind: "effect-failed",
      effect: present(started.effects.at(-1), "an effect"),
      status: "NOT_FOUND",
      message: "there is no job contract",
    });
    expect(effectsSince(refused, when(refused, request))).toEqual(["run-job"]);
  });

  test("that failed is run anew when it is started again", () => {
    const story = manual();
    const request = {
      kind: "contract-requested" as const,
      environment: environmentId("prod"),
      by: SUE,
    };
    const started = when(story, request);
    const execution = { name: "run-1", state: "FAILED" as const, message: null };
    const promotion = present(within(started, "prod").contract, "a migration").promotion;
    const failed = when(started, { kind: "execution-observed", promotion, execution }, request);
    const marks = failed.effects.flatMap((effect) =>
      effect.kind === "run-job" ? [effect.mark] : [],
    );
    expect(new Set(marks).size).toBe(2);
  });

  test("under way when another release arrives is taken for done: the floor is raised", () => {
    const request = {
      kind: "contract-requested" as const,
      environment: environmentId("prod"),
      by: SUE,
    };
    const started = when(manual(), request);
    const first = within(started, "prod").current?.release;
    const next = deployed(nextToProd(started, 2), "prod");
    expect(within(next, "prod").floor).toMatchObject({ release: first });
  });

  test("is started for the promotion that was meant alone", () => {
    const story = manual();
    const request = {
      kind: "contract-requested" as const,
      environment: environmentId("prod"),
      by: SUE,
    };
    const { promotion } = present(within(story, "prod").contract, "a migration");
    const other = when(story, { ...request, promotion: asPromotionId(`${promotion}0`) });
    expect(other.reply).toMatchObject({ kind: "refused", refusal: { kind: "conflict" } });
    expect(effectsSince(story, other)).toEqual([]);
    expect(effectsSince(story, when(story, { ...request, promotion }))).toEqual(["run-job"]);
  });

  test("with no migration that waits is refused", () => {
    const story = withPolicy({});
    const asked1 = when(story, {
      kind: "contract-requested",
      environment: environmentId("prod"),
      by: SUE,
    });
    expect(asked1.reply).toMatchObject({ kind: "refused", refusal: { kind: "conflict" } });
  });
});

describe("the step rollout", () => {
  const policy = {
    alerts: { block: ["CRITICAL" as const], warn: [] },
    backup: { cloudSql: true, gkePlan: null, retain: days(30), maxAge: duration(0) },
  };
  const asking = when(withPolicy(policy), asked("prod"), incidents());
  const taking = when(asking, databases(asking, "web-a"));
  const late = { ...taking, now: instant(taking.now + minutes(90)) };
  const held = when(backedUp(late), incidents(anIncident(late.now)));

  test("judges the gates once more after a long backup, says what closed, and goes on when it opens", () => {
    expect(effectsSince(taking, held)).toEqual(["read-incidents"]);
    expect(JSON.stringify(inProd(held).steps)).toContain("a gate has closed again: incident");
    expect(effectsSince(held, when(held, incidents()))).toEqual(["create-rollout"]);
  });

  test("that a gate holds back begins for who breaks that gate, on the record", () => {
    const breakGlass = { by: SUE, reason: "fire", gates: ["incident" as const] };
    const other = when(held, asked("prod", { breakGlass: { ...breakGlass, gates: ["soak"] } }));
    expect(effectsSince(held, other)).toEqual([]);
    const story = when(held, asked("prod", { breakGlass }));
    expect(effectsSince(held, story)).toEqual(["create-rollout"]);
    expect(story.reply).toEqual({ kind: "promotion", promotion: inProd(held).id });
    const broken = story.facts.filter(({ kind }) => kind === "gates.broken");
    expect(broken).toMatchObject([{ by: SUE, details: { gates: "incident" } }]);
  });

  test("passes a gate that closes after it was broken, and tells of it then", () => {
    const breakGlass = { by: SUE, reason: "fire", gates: ["incident" as const] };
    const early = when(withPolicy(policy), incidents(), asked("prod", { breakGlass }));
    const backing = when(early, databases(early, "web-a"), incidents(anIncident(early.now)));
    expect(backing.facts.some(({ kind }) => kind === "gates.broken")).toBe(false);
    const story = backedUp(backing);
    expect(effectsSince(backing, story)).toEqual(["create-rollout"]);
    const broken = story.facts.filter(({ kind }) => kind === "gates.broken");
    expect(broken).toMatchObject([{ by: SUE, details: { gates: "incident" } }]);
  });

  test("is given up in the time that the first closed gate gave it, however others come and go", () => {
    const { deadline } = inProd(held);
    const other = { ...anIncident(late.now), id: "0.incident2" };
    const flapping = when({ ...held, now: instant(held.now + days(7)) }, incidents(other));
    expect(inProd(flapping).deadline).toBe(deadline);
    const due = { ...flapping, now: instant((deadline ?? 0) - 1000) };
    const ended = when(due, { kind: "tick" });
    expect(ended.ended.at(-1)).toMatchObject({ environment: "prod", state: "FAILED" });
  });
});

function manual(): Story {
  const migrations = { before: null, after: { ...after, start: "manual" as const } };
  return deployed(when(withPolicy({ migrations }), asked("prod")), "prod");
}
