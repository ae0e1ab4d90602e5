import { expect, test } from "vitest";
import { NOTHING_STANDS, withService } from "../../shared/app/standing.ts";
import { environmentId } from "../../shared/domain/ids.ts";
import { environmentState, newServiceState } from "../../shared/domain/state.ts";
import { closed, OPEN } from "../../shared/domain/gates/verdict.ts";
import type { GateName } from "../../shared/domain/gates/verdict.ts";
import type { Promotion } from "../../shared/domain/promotion.ts";
import { after, duration, minutes } from "../../shared/domain/time.ts";
import { aService, START } from "../support/builders.ts";
import { aPromotion, aRelease } from "../support/contracts/samples.ts";

const WEB = aService();

function waiting(...gates: readonly GateName[]): Promotion {
  const open = { gate: "order" as const, verdict: OPEN, since: START };
  const reports = gates.map((gate) => ({ gate, verdict: closed("not yet"), since: START }));
  return { ...aPromotion(aRelease(WEB, 1), 1, "WAITING"), gates: [open, ...reports] };
}

function withWaiting(promotions: readonly Promotion[]): ReturnType<typeof newServiceState> {
  const state = newServiceState(WEB);
  const dev = environmentId("dev");
  return {
    ...state,
    environments: { dev: { ...environmentState(state, dev), waiting: promotions } },
  };
}

test("a promotion that waits counts for its first closed gate, over all services", () => {
  const one = { state: withWaiting([waiting("hold", "soak"), waiting()]), outbox: [] };
  const both = withService(withService(NOTHING_STANDS, one, START), one, START);
  expect(both).toEqual({ waiting: { hold: 2 }, outboxAge: 0 });
});

test("what is due in an outbox is as old as since when it is, and what is not due yet has no age", () => {
  const { id } = waiting();
  const effect = { kind: "find-databases" as const, promotion: id, project: "p" };
  const outbox = [minutes(-3), minutes(2)].map((length) => ({
    effect,
    attempts: 0,
    notBefore: after(START, duration(length)),
  }));
  const stands = withService(NOTHING_STANDS, { state: withWaiting([]), outbox }, START);
  expect(stands.outboxAge).toBe(minutes(3));
});
