import { describe, expect, test } from "vitest";
import { promotionId, releaseId } from "../../shared/domain/ids.ts";
import type { Promotion, Step } from "../../shared/domain/promotion.ts";
import { environmentState, newServiceState } from "../../shared/domain/state.ts";
import type { ServiceState } from "../../shared/domain/state.ts";
import { instant } from "../../shared/domain/time.ts";
import { endedSpans, stepFor } from "../../shared/domain/trace/promotion-spans.ts";
import { aService } from "../support/builders.ts";
import { aPromotion, aRelease } from "../support/contracts/samples.ts";

const WEB = aService();
const RELEASE = aRelease(WEB, 1);

function at(minute: number): ReturnType<typeof instant> {
  return instant(RELEASE.createdAt + minute * 60_000);
}

function step(name: Step["name"], from: number | null, to: number | null): Step {
  const state = to === null ? "RUNNING" : "SUCCEEDED";
  const [startedAt, endedAt] = [from, to].map((minute) => (minute === null ? null : at(minute)));
  return { name, state, startedAt: startedAt ?? null, endedAt: endedAt ?? null, message: null };
}

function promotion(parts: Partial<Promotion>): Promotion {
  return {
    ...aPromotion(RELEASE, 1),
    kind: "automatic",
    state: "RUNNING",
    createdAt: at(0),
    endedAt: null,
    steps: [step("gates", 0, 1), step("rollout", 1, null)],
    ...parts,
  };
}

function stateWith(active: Promotion | null): ServiceState {
  const state = newServiceState(WEB);
  const { environment } = promotion({});
  return {
    ...state,
    releases: { [RELEASE.id]: RELEASE },
    environments: { [environment]: { ...environmentState(state, environment), active } },
  };
}

function told(before: Promotion | null, after: Promotion): readonly string[] {
  const spans = endedSpans(stateWith(before), { state: stateWith(after), promotions: [after] });
  return spans.map(({ name, from, to }) => `${name} ${(to - from) / 60_000}`);
}

describe("what has ended of a promotion", () => {
  test("is told once: a step when it ends, and not again with the next", () => {
    const later = promotion({ steps: [step("gates", 0, 1), step("rollout", 1, 4)] });
    expect(told(promotion({ kind: "manual" }), promotion({ kind: "manual" }))).toEqual([]);
    expect(told(promotion({}), later)).toEqual(["rollout 3"]);
    expect(told(later, later)).toEqual([]);
  });

  test("is the whole of it, when it is over", () => {
    const over = promotion({ kind: "manual", state: "SUCCEEDED", endedAt: at(9) });
    expect(told(promotion({ kind: "manual" }), over)).toEqual(["promotion 9"]);
  });

  test("begins with the push where that was the cause", () => {
    expect(told(null, promotion({})).slice(0, 1)).toEqual([expect.stringMatching(/^detection /)]);
    expect(told(null, promotion({ kind: "manual" }))).toEqual(["gates 1"]);
    expect(told(null, promotion({ createdAt: at(5) }))).toEqual(["gates 1"]);
  });

  test("is nothing of a step that was never begun", () => {
    const skipped = { ...step("backup", null, 2), state: "SKIPPED" as const };
    expect(told(promotion({}), promotion({ steps: [step("gates", 0, 1), skipped] }))).toEqual([]);
  });
});

test("a migration belongs to the step by whose mark it is found again", () => {
  const id = promotionId(releaseId(RELEASE.digest, RELEASE.revision), promotion({}).environment, 1);
  const job = { project: "p", region: "r", job: "j" };
  const effect = { kind: "run-job" as const, promotion: id, job, image: "web" };
  expect(stepFor({ ...effect, mark: `${id}-migrate` })).toBe("migrate");
  expect(stepFor({ ...effect, mark: `${id}-contract-after-x` })).toBe("contract");
});
