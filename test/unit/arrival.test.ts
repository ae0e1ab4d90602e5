import { describe, expect, test } from "vitest";
import { arrivalOf } from "../../shared/domain/explain/arrival.ts";
import type { Arrival } from "../../shared/domain/explain/arrival.ts";
import { holdId } from "../../shared/domain/ids.ts";
import type { Policy } from "../../shared/domain/policy.ts";
import { middleOf, withPaces } from "../../shared/domain/steps/pace.ts";
import { duration, instant, minutes } from "../../shared/domain/time.ts";
import type { Instant } from "../../shared/domain/time.ts";
import { START } from "../support/builders.ts";
import { asked, deployed, found, when, within } from "../support/decider.ts";
import type { Story } from "../support/decider.ts";
import { present } from "../support/present.ts";
import { VERIFY } from "../support/rolling-story.ts";
import { incidents, inProd, probed, withPolicy } from "../support/step-events.ts";

/** The story so many minutes later. */
function later(story: Story, count: number): Story {
  return { ...story, now: instant(story.now + minutes(count)) };
}

function fromNow(story: Story, count: number): Instant {
  return instant(story.now + minutes(count));
}

function arrivalIn(story: Story, environment: string): Arrival | null {
  const { active, waiting } = within(story, environment);
  const promotion = present(active ?? waiting[0], "a promotion");
  return arrivalOf(story.state, promotion, story.now);
}

/** Rollouts in prod that took so many minutes each; then another one begins. */
function after(lengths: readonly number[], policy: Partial<Policy> = {}): Story {
  let story = withPolicy(policy);
  for (const [index, length] of lengths.entries()) {
    const begun = when(deployed(when(story, found(index + 2)), "dev"), asked("prod"));
    // A second passes with the event itself.
    story = deployed({ ...begun, now: instant(begun.now + minutes(length) - 1000) }, "prod");
  }
  return when(deployed(when(story, found(99)), "dev"), asked("prod"));
}

describe("when a promotion will probably be there", () => {
  test("is told by the middle of what its step took lately, less what has passed", () => {
    const story = after([2, 9, 4]);
    const expected = { kind: "expected", thereAt: fromNow(story, 4), doneAt: fromNow(story, 4) };
    expect(arrivalIn(story, "prod")).toEqual(expected);
    expect(arrivalIn(later(story, 3), "prod")).toEqual(expected);
  });

  test("is told by the longest once it takes longer than usual, and then not at all", () => {
    const story = after([2, 9, 4]);
    expect(arrivalIn(later(story, 5), "prod")).toMatchObject({ thereAt: fromNow(story, 9) });
    expect(arrivalIn(later(story, 9), "prod")).toMatchObject({ thereAt: fromNow(story, 9) });
    const late = { ...later(story, 9), now: instant(story.now + minutes(9) + 1) };
    expect(arrivalIn(late, "prod")).toEqual({
      kind: "unknown",
      reason: "the step rollout has run for longer than the 9m that it has lately taken at most",
    });
  });

  test("is told by the service's other environments where it is the first there", () => {
    const story = when(withPolicy({}), asked("prod"));
    const inDev = within(story, "dev").paces["rollout"] ?? [];
    expect(inDev).toHaveLength(1);
    expect(arrivalIn(story, "prod")).toMatchObject({
      thereAt: instant(story.now + (inDev[0] ?? 0)),
    });
  });

  test("cannot be told of a step that the service never went through", () => {
    const first = when({ ...withPolicy({}), now: START }, asked("prod"));
    const state = {
      ...first.state,
      environments: Object.fromEntries(
        Object.entries(first.state.environments).map(([id, known]) => [
          id,
          Object.assign({}, known, { paces: {} }),
        ]),
      ),
    };
    expect(arrivalOf(state, inProd(first), first.now)).toEqual({
      kind: "unknown",
      reason: "nothing of this service has gone through the step rollout yet",
    });
  });

  test("has the steps behind the rollout after it, and a bake as long as the policy says", () => {
    const verify = { ...VERIFY, bake: minutes(10) };
    let story = when(withPolicy({ verify }), asked("prod"));
    story = deployed(later(story, 3), "prod");
    story = when(later(story, 1), probed(story, true, "v1"));
    story = when(later(story, 10), incidents());
    story = when(story, probed(story, true, "v1"));
    expect(Object.keys(within(story, "prod").paces)).toEqual(["rollout", "verify", "bake"]);
    const next = when(deployed(when(story, found(2)), "dev"), asked("prod"));
    const told = arrivalIn(next, "prod");
    const { thereAt = null, doneAt = next.now } = told?.kind === "expected" ? told : {};
    const [verified = 0] = within(next, "prod").paces["verify"] ?? [];
    expect(doneAt - (thereAt ?? 0)).toBe(verified + minutes(10));
    const there = deployed(next, "prod");
    expect(arrivalIn(there, "prod")).toEqual({
      kind: "expected",
      thereAt: null,
      doneAt: instant(there.now + verified + minutes(10)),
    });
  });

  test("begins when the last of its gates opens by itself", () => {
    const until = instant(START + minutes(500));
    const held = when(withPolicy({}), {
      kind: "hold-placed",
      hold: {
        id: holdId("hold-1"),
        scope: { kind: "service", service: withPolicy({}).state.service.id },
        reason: "a trial",
        by: "user:ann@example.com",
        asOncall: false,
        createdAt: START,
        until,
      },
    });
    const story = when(held, asked("prod"));
    const [rollout = 0] = within(story, "dev").paces["rollout"] ?? [];
    expect(arrivalIn(story, "prod")).toMatchObject({ thereAt: instant(until + rollout) });
  });

  test("cannot be told while a gate waits for somebody, however soon the others open", () => {
    const approvals = { required: 1, from: [], notRequester: false, notAuthor: false };
    const story = when(withPolicy({ approvals }), asked("prod"));
    expect(arrivalIn(story, "prod")).toEqual({
      kind: "unknown",
      reason: "somebody has to approve it",
    });
  });

  test("comes behind the promotion that is under way, and cannot be told behind others that wait", () => {
    const story = after([4, 4]);
    const other = deployed(when(story, found(100)), "dev");
    const behind = when(other, asked("prod"));
    const [waiting] = within(behind, "prod").waiting;
    const first = arrivalIn(behind, "prod");
    const doneAt = first?.kind === "expected" ? first.doneAt : instant(0);
    expect(arrivalOf(behind.state, present(waiting, "one that waits"), behind.now)).toEqual({
      kind: "expected",
      thereAt: instant(doneAt + minutes(4)),
      doneAt: instant(doneAt + minutes(4)),
    });
  });

  test("is not told of one that has ended, and not of one that was told to stop", () => {
    const story = after([4]);
    const promotion = inProd(story);
    const stopping = { ...promotion, isStopping: true };
    expect(arrivalOf(story.state, stopping, story.now)).toMatchObject({ kind: "unknown" });
    const ended = present(deployed(story, "prod").ended.at(-1), "one that ended");
    expect(arrivalOf(story.state, ended, story.now)).toBeNull();
  });
});

describe("what is remembered of steps", () => {
  test("is the last seven times of each step that is Slipway's own to go through", () => {
    const paces = after([1, 2, 3, 4, 5, 6, 7, 8, 9]).state.environments["prod"]?.paces ?? {};
    expect(paces["rollout"]).toEqual([3, 4, 5, 6, 7, 8, 9].map(minutes));
    expect(Object.keys(paces)).toEqual(["rollout"]);
  });

  test("leaves out what was skipped or failed", () => {
    const promotion = inProd(after([4]));
    const steps = promotion.steps.map((step) => ({
      ...step,
      state: "FAILED" as const,
      startedAt: START,
      endedAt: START,
    }));
    expect(withPaces({}, { ...promotion, steps })).toEqual({});
  });

  test.each([
    [[], null],
    [[5], 5],
    [[5, 1], 5],
    [[9, 1, 5], 5],
  ])("has of %j the middle %j", (lengths, middle) => {
    expect(middleOf(lengths.map(duration))).toBe(middle);
  });
});
