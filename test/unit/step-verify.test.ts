import { describe, expect, test } from "vitest";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import type { Policy } from "../../shared/domain/policy.ts";
import { STEP_MAX } from "../../shared/domain/steps/run.ts";
import { UNTOLD_MAX } from "../../shared/domain/steps/verify.ts";
import { instant, minutes } from "../../shared/domain/time.ts";
import { afterMs, asked, deployed, when, within } from "../support/decider.ts";
import type { Story } from "../support/decider.ts";
import { rolling, VERIFY } from "../support/rolling-story.ts";
import {
  anIncident,
  blocked,
  effectsSince,
  incidents,
  inProd,
  probed,
  stepsOf,
  withPolicy,
} from "../support/step-events.ts";

const alerts = { block: ["CRITICAL" as const], warn: [] };

describe("the step verify", () => {
  test.each([
    ["its tag", "web v2 (abc)", "verify SUCCEEDED"],
    ["another version", "v1", "verify RUNNING"],
    ["no version", null, "verify RUNNING"],
  ])("of a healthy service that reports %s", (_, version, step) => {
    const story = verifying();
    const after = when(story, probed(story, true, version));
    expect(stepsOf(inProd(after))).toContain(step);
  });

  test("asks again until its time is up, then goes back by itself and says why", () => {
    const story = verifying();
    const patient = when(story, probed(story, false, null), probed(story, true, "v1"));
    expect(within(patient, "prod").active?.state).toBe("RUNNING");
    const late = { ...patient, now: instant(patient.now + STEP_MAX.verify) };
    const failed = when(late, probed(late, true, "v1"));
    expect(failed.ended.at(-1)).toMatchObject({ state: "ROLLED_BACK" });
    expect(JSON.stringify(failed.ended.at(-1)?.steps)).toContain("reports v1, not v2");
  });

  test("does not give a release back unasked after its time: its next answer decides", () => {
    const story = verifying();
    const late = afterMs(story, STEP_MAX.verify);
    expect(effectsSince(story, late)).toEqual(["probe"]);
    const well = when(late, probed(late, true, "v2"));
    expect(stepsOf(inProd(well))).toContain("bake RUNNING");
  });

  test("that nobody could ask fails its promotion, and the release is neither bad nor taken back", () => {
    const story = verifying();
    const { id, release } = inProd(story);
    const patient = when(story, blocked(story));
    const told = JSON.stringify(inProd(patient).steps);
    expect(told).toContain(
      "cannot tell whether the release is healthy, and asks again until 2026-11-20T11:10Z",
    );
    const last = { ...patient, now: instant(story.now + UNTOLD_MAX - 1001) };
    expect(within(when(last, blocked(last)), "prod").active?.state).toBe("RUNNING");
    const late = { ...patient, now: instant(story.now + UNTOLD_MAX - 1000) };
    const over = when(late, blocked(late));
    expect(JSON.stringify(over.ended.at(-1)?.steps)).toContain("Let Slipway in");
    expect(over.ended.at(-1)).toMatchObject({ id, state: "FAILED" });
    expect(over.state.releases[release]?.image.bad).toBeNull();
    expect(within(over, "prod")).toMatchObject({ active: null, current: { release } });
    expect(over.state.releases[release]?.succeededIn).not.toHaveProperty("prod");
  });

  test("that is let in late is judged by what it hears then", () => {
    const story = verifying();
    const late = { ...story, now: instant(story.now + UNTOLD_MAX - 1001) };
    const seen = when(late, blocked(late));
    expect(within(seen, "prod").active?.state).toBe("RUNNING");
    expect(stepsOf(inProd(when(seen, probed(seen, true, "v2"))))).toContain("bake RUNNING");
    expect(when(seen, probed(seen, false, null)).ended.at(-1)).toMatchObject({
      state: "ROLLED_BACK",
    });
  });

  test("with onFailure fail ends without going back", () => {
    const story = verifying({ verify: { ...VERIFY, onFailure: "fail" } });
    const late = { ...story, now: instant(story.now + STEP_MAX.verify) };
    const failed = when(late, probed(late, false, null));
    expect(failed.ended.at(-1)).toMatchObject({ state: "FAILED" });
    expect(within(failed, "prod").active).toBeNull();
  });
});

describe("the step bake", () => {
  test.each([
    ["a millisecond before its time", -1001, "RUNNING"],
    ["at its time", -1000, undefined],
  ])("with a good probe %s", (_, offMs, state) => {
    const story = baking();
    const due = { ...story, now: instant(story.now + minutes(10) + offMs) };
    expect(within(when(due, probed(due, true, "v2")), "prod").active?.state).toBe(state);
  });

  test("survives one failing probe and what follows it, but not two in a row", () => {
    const story = baking();
    const bad = probed(story, false, null);
    const once = when(story, bad, probed(story, true, "v2"), bad);
    expect(within(once, "prod").active?.state).toBe("RUNNING");
    const twice = when(once, bad);
    expect(twice.ended.at(-1)).toMatchObject({ state: "ROLLED_BACK" });
  });

  test("does not count what nobody could ask, and ends with the next good answer", () => {
    const story = baking();
    const bad = probed(story, false, null);
    const once = when(story, bad, blocked(story), blocked(story));
    expect(within(once, "prod").active?.state).toBe("RUNNING");
    const due = { ...once, now: instant(once.now + minutes(10)) };
    expect(within(when(due, blocked(due)), "prod").active?.state).toBe("RUNNING");
    expect(within(when(due, probed(due, true, "v2")), "prod").active).toBeNull();
  });

  test("does not count a version of which nobody knows whether it is a tag of the image", () => {
    const story = baking();
    const other = untagged(probed(story, true, "v1"));
    const kept = when(story, other, other, other);
    expect(within(kept, "prod").active?.state).toBe("RUNNING");
    expect(JSON.stringify(inProd(kept).steps)).toContain("other tags have not been read");
    expect(within(when(kept, untagged(probed(kept, false, null))), "prod").active?.state).toBe(
      "RUNNING",
    );
    const read = probed(kept, true, "v1");
    expect(when(kept, read, read).ended.at(-1)).toMatchObject({ state: "ROLLED_BACK" });
  });

  test("that nobody can tell of at its end waits for an hour, and condemns nothing then", () => {
    const story = baking();
    const { id, release } = inProd(story);
    const end = story.now + minutes(10) + UNTOLD_MAX;
    const last = { ...story, now: instant(end - 1001) };
    const waiting = when(last, blocked(last));
    expect(within(waiting, "prod").active?.state).toBe("RUNNING");
    const late = { ...waiting, now: instant(end - 1000) };
    const over = when(late, blocked(late));
    expect(over.ended.at(-1)).toMatchObject({ id, state: "FAILED" });
    expect(over.state.releases[release]?.image.bad).toBeNull();
    expect(within(over, "prod").current?.release).toBe(release);
  });

  test.each([
    ["after the rollout began", 1, "ROLLED_BACK"],
    ["just as the rollout began", 0, "ROLLED_BACK"],
    ["before the rollout began", -1, undefined],
  ])("with an incident opened %s", (_, offMs, state) => {
    const story = baking({ alerts });
    const began = inProd(story).steps.find(({ name }) => name === "rollout")?.startedAt ?? 0;
    const after = when(story, incidents(anIncident(instant(began + offMs))));
    expect(after.ended.find(({ id }) => id === inProd(story).id)?.state).toBe(state);
  });

  test("waits at its end until the incidents have been read", () => {
    const story = baking({ alerts });
    const due = { ...story, now: instant(story.now + minutes(10)) };
    const unread = when(due, probed(due, true, "v2"));
    expect(JSON.stringify(inProd(unread).steps)).toContain("until the incidents have been read");
    const read = when(unread, incidents(), probed(unread, true, "v2"));
    expect(within(read, "prod").active).toBeNull();
    expect(within(read, "prod").current?.release).toBe(inProd(story).release);
  });
});

describe("going back by itself", () => {
  test("marks the release bad, rolls the one before out in full, and once only", () => {
    const story = baking();
    const bad = probed(story, false, null);
    const back = when(story, bad, bad);
    const rollback = inProd(back);
    expect(rollback).toMatchObject({ kind: "rollback", requestedBy: "slipway", state: "RUNNING" });
    expect(back.effects.at(-1)).toMatchObject({ kind: "create-rollout", startingPhase: "stable" });
    expect(back.state.releases[inProd(story).release]?.image.bad).toMatchObject({ by: "slipway" });
    expect(when(back, bad).ended).toEqual(back.ended);
    const there = deployed(back, "prod");
    const late = { ...there, now: instant(there.now + STEP_MAX.verify) };
    const over = when(late, probed(late, false, null));
    expect(over.ended.at(-1)).toMatchObject({ id: rollback.id, state: "FAILED" });
    expect(within(over, "prod").active).toBeNull();
  });

  test("with nothing to go back to fails and leaves it to a person", () => {
    const first = deployed(when(withPolicy({ verify: VERIFY }), asked("prod")), "prod");
    const late = { ...first, now: instant(first.now + STEP_MAX.verify) };
    const failed = when(late, probed(late, false, null));
    expect(failed.ended.at(-1)).toMatchObject({ state: "FAILED" });
    expect(JSON.stringify(failed.ended.at(-1)?.steps)).toContain("has no release to roll back to");
  });
});

/** The same answer before the image's tags were read from the registry. */
function untagged(event: ServiceEvent): ServiceEvent {
  return event.kind === "probe-observed" ? { ...event, areTagsRead: false } : event;
}

function verifying(policy: Partial<Policy> = {}): Story {
  return deployed(rolling({ verify: VERIFY, ...policy }), "prod");
}

function baking(policy: Partial<Policy> = {}): Story {
  const story = verifying(policy);
  return when(story, probed(story, true, "v2"));
}
