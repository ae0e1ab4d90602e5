import { describe, expect, test } from "vitest";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import { environmentId } from "../../shared/domain/ids.ts";
import { duration } from "../../shared/domain/time.ts";
import { seen, when, within } from "../support/decider.ts";
import { present } from "../support/present.ts";
import { rolling, VERIFY } from "../support/rolling-story.ts";
import { blocked, effectsSince, inProd, probed } from "../support/step-events.ts";

describe("a canary phase", () => {
  const canary = { verify: { ...VERIFY, bake: duration(0) }, canary: [50] };
  const phase = { state: "IN_PROGRESS" as const, nextPhase: "stable" };

  test("advances after a good probe, once", () => {
    const story = rolling(canary);
    const waiting = when(story, seen(story, "prod", phase), seen(story, "prod", phase));
    expect(effectsSince(story, waiting)).toEqual(["probe"]);
    const good = probed(waiting, true, "v1");
    const advanced = when(waiting, good, good);
    expect(effectsSince(waiting, advanced)).toEqual(["advance-rollout"]);
  });

  test("is asked for and recorded once, though the rollout is still seen to wait for it", () => {
    const story = rolling(canary);
    const advanced = when(when(story, seen(story, "prod", phase)), probed(story, true, "v1"));
    const done = when(advanced, {
      kind: "effect-done",
      effect: present(advanced.effects.at(-1), "an effect"),
    });
    const again = when(done, seen(done, "prod", phase), probed(done, true, "v1"));
    expect(effectsSince(story, again)).toEqual(["probe", "advance-rollout"]);
    expect(again.facts.filter(({ kind }) => kind === "rollout.advanced")).toHaveLength(1);
    const next = { state: "IN_PROGRESS" as const, nextPhase: "later" };
    const later = when(again, seen(again, "prod", next), probed(again, true, "v1"));
    expect(effectsSince(again, later)).toEqual(["probe", "advance-rollout"]);
  });

  test("advances without a probe where nothing is to be verified", () => {
    const story = rolling({ canary: [50] });
    expect(effectsSince(story, when(story, seen(story, "prod", phase)))).toEqual([
      "advance-rollout",
    ]);
  });

  test("that fails two probes stops, goes no further whatever is seen, and what ran comes back", () => {
    const story = rolling(canary);
    const waiting = when(story, seen(story, "prod", phase));
    const bad = probed(waiting, false, null);
    const stopping = when(waiting, bad, bad);
    expect(effectsSince(waiting, stopping)).toEqual(["cancel-rollout"]);
    const still = when(stopping, seen(stopping, "prod", phase), probed(stopping, true, "v1"), bad);
    expect(effectsSince(stopping, still)).toEqual([]);
    const back = when(still, seen(still, "prod", { state: "CANCELLED" }));
    expect(back.ended.at(-1)).toMatchObject({ state: "ROLLED_BACK" });
    expect(inProd(back)).toMatchObject({
      kind: "rollback",
      release: within(story, "prod").current?.release,
    });
  });

  test("that nobody could ask waits: it neither advances nor stops", () => {
    const story = rolling(canary);
    const waiting = when(story, seen(story, "prod", phase));
    const untold = when(waiting, blocked(waiting), blocked(waiting), blocked(waiting));
    expect(effectsSince(waiting, untold)).toEqual([]);
    expect(within(untold, "prod").active?.state).toBe("RUNNING");
  });

  test("that cannot be advanced keeps its promotion until the rollout has stopped", () => {
    const story = rolling({ canary: [50] });
    const advanced = when(story, seen(story, "prod", phase));
    const effect = present(advanced.effects.at(-1), "an effect");
    const refused = when(advanced, {
      kind: "effect-failed",
      effect,
      status: "PERMISSION_DENIED",
      message: "no",
    });
    expect(effectsSince(advanced, refused)).toEqual(["cancel-rollout"]);
  });

  test("that is stopping already is not stopped again by a rollback, which is where it ends", () => {
    const story = rolling(canary);
    const waiting = when(story, seen(story, "prod", phase));
    const bad = probed(waiting, false, null);
    const stopping = when(waiting, bad, bad);
    const back = when(stopping, {
      kind: "rollback-requested",
      environment: environmentId("prod"),
      release: null,
      by: "user:sue@example.com",
      reason: "errors",
      restoreData: false,
      hold: null,
      asOncall: false,
      hasImage: true,
    });
    expect(effectsSince(stopping, back)).toEqual([]);
    const over = when(back, seen(back, "prod", { state: "CANCELLED" }));
    expect(inProd(over)).toMatchObject({ kind: "rollback", requestedBy: "user:sue@example.com" });
    expect(within(over, "prod").waiting).toEqual([]);
  });

  test("goes no further once its promotion is cancelled, and a second request asks for nothing more", () => {
    const story = rolling({ canary: [50] });
    const request = {
      kind: "cancellation-requested" as const,
      promotion: inProd(story).id,
      by: "user:sue@example.com",
      reason: null,
    };
    const stopping = when(story, request, request, seen(story, "prod", phase));
    expect(effectsSince(story, stopping)).toEqual(["cancel-rollout"]);
  });
});

describe("a rollout that asks for an approval in Cloud Deploy as well", () => {
  test("is approved once, whoever approves it again before Cloud Deploy has gone on", () => {
    const story = rolling({});
    const asking = when(story, seen(story, "prod", { state: "PENDING_APPROVAL" }));
    expect(inProd(asking).rolloutApproval).toBe("awaited");
    const approve = (by: string): ServiceEvent => ({
      kind: "approval-given",
      promotion: inProd(story).id,
      by,
      comment: null,
    });
    const approved = when(asking, approve("user:sue@example.com"));
    const done = when(approved, {
      kind: "effect-done",
      effect: present(approved.effects.at(-1), "an effect"),
    });
    const again = when(
      done,
      approve("user:bob@example.com"),
      seen(done, "prod", { state: "PENDING_APPROVAL" }),
      approve("user:bob@example.com"),
    );
    expect(effectsSince(story, again)).toEqual(["approve-rollout"]);
    expect(inProd(again).rolloutApproval).toBe("passed-on");
  });

  test("passes nothing on before Cloud Deploy has asked, whatever the step says", () => {
    const story = rolling({});
    const { id } = inProd(story);
    const early = when(story, {
      kind: "approval-given",
      promotion: id,
      by: "user:sue@example.com",
      comment: null,
    });
    expect(effectsSince(story, early)).toEqual([]);
  });
});
