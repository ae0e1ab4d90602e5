import { describe, expect, test } from "vitest";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import { environmentId } from "../../shared/domain/ids.ts";
import type { VerifyPolicy } from "../../shared/domain/policy.ts";
import type { RolloutView } from "../../shared/domain/rollout.ts";
import { STEP_MAX } from "../../shared/domain/steps/run.ts";
import { instant, minutes } from "../../shared/domain/time.ts";
import { aService } from "../support/builders.ts";
import { asked, deployed, found, given, seen, when, within } from "../support/decider.ts";
import type { Story } from "../support/decider.ts";
import { present } from "../support/present.ts";
import { effectsSince, inProd, nextToProd, probed, withPolicy } from "../support/step-events.ts";

const DEV = environmentId("dev");
const PROD = environmentId("prod");
const SUE = "user:sue@example.com";

/** Releases 1 and 2 went to dev one after the other. */
function begun(): Story {
  const first = deployed(when(given(aService()), found(1)), "dev");
  return deployed(when(first, found(2)), "dev");
}

function foreign(story: Story, parts: Partial<RolloutView> = {}): ServiceEvent {
  const state = parts.state ?? "IN_PROGRESS";
  return {
    kind: "foreign-rollout-observed",
    environment: DEV,
    rollout: {
      id: "by-hand",
      release: "old",
      target: "web-dev-us-central1",
      state,
      rawState: state,
      failure: null,
      nextPhase: null,
      description: "Rollback from r",
      createdAt: story.now,
      endedAt: instant(story.now + 1),
      ...parts,
    },
  };
}

function running(image: string, environment = DEV): ServiceEvent {
  return { kind: "running-observed", environment, image, by: SUE };
}

function told(story: Story, kind: string): readonly Story["facts"][number][] {
  return story.facts.filter((one) => one.kind === kind);
}

describe("a rollout that no promotion asked for", () => {
  test("is on the record once when it is under way, and once when it has ended", () => {
    const story = begun();
    const under = foreign(story);
    const over = foreign(story, { state: "SUCCEEDED" });
    const next = when(story, foreign(story, { state: "PENDING" }), under, under, over, over);
    expect(told(next, "rollout.foreign")).toMatchObject([
      { environment: DEV, details: { rollout: "by-hand", release: "old", state: "PENDING" } },
      { environment: DEV, details: { rollout: "by-hand", state: "SUCCEEDED" } },
    ]);
  });

  test.each([
    ["is under way", "IN_PROGRESS" as const, null],
    ["waits for its turn", "PENDING" as const, null],
    ["is in a state that nobody knows", "UNRECOGNIZED" as const, null],
    ["has ended", "SUCCEEDED" as const, "RUNNING"],
    ["waits for an approval", "PENDING_APPROVAL" as const, "RUNNING"],
  ])("while it %s keeps promotions from its target, or does not", (_, state, expected) => {
    const story = begun();
    const next = when(story, foreign(story, { state }), found(3));
    expect(within(next, "dev").active?.state ?? null).toBe(expected);
  });

  test("lets the next promotion go once it has ended, and no breaking of the glass goes past it", () => {
    const story = begun();
    const glass = { by: SUE, reason: "now", gates: ["hold" as const] };
    const waiting = when(story, foreign(story), asked("dev", { breakGlass: glass }), found(3));
    expect(within(waiting, "dev").active).toBeNull();
    const gates = JSON.stringify(within(waiting, "dev").waiting);
    expect(gates).toContain("rollout by-hand is under way in dev, and no promotion asked for it");
    const over = when(waiting, foreign(story, { state: "CANCELLED" }));
    expect(within(over, "dev").active).not.toBeNull();
  });

  test("is stopped by a rollback, which goes once it has stopped", () => {
    const story = begun();
    const under = when(story, foreign(story));
    const back = when(under, {
      kind: "rollback-requested",
      environment: DEV,
      release: null,
      by: SUE,
      reason: "errors",
      restoreData: false,
      hold: null,
      asOncall: false,
      hasImage: true,
    });
    expect(back.effects.at(-1)).toMatchObject({
      kind: "cancel-rollout",
      key: { rollout: "by-hand", release: "old" },
    });
    expect(within(back, "dev").waiting).toMatchObject([{ kind: "rollback" }]);
    const over = when(back, foreign(story, { state: "CANCELLED" }));
    expect(within(over, "dev").active).toMatchObject({ kind: "rollback" });
  });

  test("that ended before the present deployment is old news, also when it is told of late", () => {
    const story = begun();
    const since = present(within(story, "dev").current, "what runs").since;
    const old = foreign(story, { state: "SUCCEEDED", endedAt: since });
    expect(when(story, old).state).toBe(story.state);
    const later = foreign(story, { state: "SUCCEEDED", endedAt: instant(since + 1) });
    expect(told(when(story, later), "rollout.foreign")).toHaveLength(1);
  });

  test("is none where it made what is recorded, is that of a promotion, or failed as one of ours", () => {
    const story = begun();
    const { promotion } = present(within(story, "dev").current, "what runs");
    expect(when(story, foreign(story, { id: promotion })).state).toBe(story.state);
    const under = when(story, found(3));
    const active = present(within(under, "dev").active, "a promotion");
    expect(when(under, foreign(story, { id: active.id })).state).toEqual(under.state);
    const failed = when(under, seen(under, "dev", { state: "FAILED" }));
    const own = { id: active.id, release: active.release };
    expect(when(failed, foreign(failed, { ...own, state: "FAILED" })).state).toBe(failed.state);
    const retried = when(failed, foreign(failed, { ...own, state: "IN_PROGRESS" }));
    expect(told(retried, "rollout.foreign")).toHaveLength(1);
  });

  test("is forgotten before one that is under way", () => {
    const story = begun();
    const others = [1, 2, 3, 4, 5, 6, 7].map((number) =>
      foreign(story, { id: `other-${number}`, state: "SUCCEEDED" }),
    );
    const next = when(story, foreign(story), ...others);
    expect(within(next, "dev").foreign.map(({ id }) => id)).toContain("by-hand");
    expect(within(next, "dev").foreign).toHaveLength(5);
  });
});

describe("drift", () => {
  test("says who brought it, and is resolved once by whatever brings back what is recorded", () => {
    const story = begun();
    const { image } = present(within(story, "dev").current, "what runs");
    const drifted = when(story, running("another"), running("another"));
    expect(within(drifted, "dev").drift).toMatchObject({ running: "another", by: SUE });
    expect(told(drifted, "drift.detected")).toMatchObject([{ details: { by: SUE } }]);
    const back = when(drifted, running(image), running(image));
    expect(told(back, "drift.resolved")).toHaveLength(1);
  });

  test("is resolved by the promotion that takes its place, on the record", () => {
    const drifted = when(begun(), running("another"));
    const over = deployed(when(drifted, found(3)), "dev");
    expect(within(over, "dev").drift).toBeNull();
    expect(told(over, "drift.resolved")).toMatchObject([
      { promotion: present(within(over, "dev").current, "what runs").promotion },
    ]);
    expect(told(deployed(when(over, found(4)), "dev"), "drift.resolved")).toHaveLength(1);
  });

  test("is not looked for while a rollout of ours is under way, but before and after it", () => {
    const story = when(begun(), found(3));
    expect(when(story, running("another")).state).toBe(story.state);
  });
});

describe("something else that runs while a release has to prove itself", () => {
  const verify: VerifyPolicy = {
    path: "/-/healthz",
    version: "/-/version",
    url: null,
    bake: minutes(10),
    onFailure: "rollback",
  };

  test("fails its promotion, and condemns and replaces nothing", () => {
    const first = deployed(when(withPolicy({ verify }), asked("prod")), "prod");
    const one = when(first, probed(first, true, "v1"));
    const proved = when({ ...one, now: instant(one.now + minutes(10)) }, probed(one, true, "v1"));
    const story = deployed(nextToProd(proved, 2), "prod");
    const late = { ...story, now: instant(story.now + STEP_MAX.verify) };
    const over = when(late, running("another", PROD), probed(late, true, "v1"));
    expect(over.ended.at(-1)).toMatchObject({ id: inProd(story).id, state: "FAILED" });
    expect(JSON.stringify(over.ended.at(-1)?.steps)).toContain("because another runs in prod now");
    expect(Object.values(over.state.releases).every(({ image }) => image.bad === null)).toBe(true);
    expect(effectsSince(late, over)).not.toContain("create-rollout");
  });
});
