import { describe, expect, test } from "vitest";
import {
  asReleaseId,
  environmentId,
  holdId,
  releaseId,
  serviceId,
} from "../../shared/domain/ids.ts";
import type { Hold } from "../../shared/domain/hold.ts";
import { BREAKABLE } from "../../shared/domain/gates/verdict.ts";
import type { BreakableGate } from "../../shared/domain/gates/verdict.ts";
import { WAIT_MAX } from "../../shared/domain/change/request.ts";
import { STEP_MAX } from "../../shared/domain/steps/run.ts";
import { after, duration } from "../../shared/domain/time.ts";
import { aDigest, anEnvironment, aPolicy, aService, START } from "../support/builders.ts";
import { present } from "../support/present.ts";
import { afterMs, asked, deployed, found, given, seen, when, within } from "../support/decider.ts";

const service = aService();
const release = (number: number): ReturnType<typeof releaseId> =>
  releaseId(aDigest(number), service.revision);
const ANN = "user:ann@example.com";
const inDev = deployed(when(given(service), found(1)), "dev");

describe("a promotion is asked for", () => {
  test("without a release it moves the one in the stage before", () => {
    const story = when(inDev, asked("prod", { reason: "ready" }));
    expect(within(story, "prod").active).toMatchObject({
      release: release(1),
      kind: "manual",
      requestedBy: "user:ann@example.com",
      reason: "ready",
    });
    expect(story.reply).toEqual({ kind: "promotion", promotion: `${release(1)}-to-prod-0001` });
  });

  test("a release that has not succeeded in the stage before waits behind the gate order", () => {
    const story = when(given(service), found(1), asked("prod", { release: release(1) }));
    const [waiting] = within(story, "prod").waiting;
    expect(waiting?.gates.find(({ gate }) => gate === "order")?.verdict).toMatchObject({
      kind: "CLOSED",
      reason: `release ${release(1)} has not succeeded in dev yet`,
    });
    expect(within(deployed(story, "dev"), "prod").active?.release).toBe(release(1));
  });

  test("with wait false a closed gate refuses it and nothing is taken up", () => {
    const story = when(
      given(service),
      found(1),
      asked("prod", { release: release(1), wait: false }),
    );
    expect(story.reply).toMatchObject({ kind: "refused", refusal: { kind: "gates-closed" } });
    expect(within(story, "prod")).toMatchObject({ waiting: [], active: null, promotionCount: 0 });
    expect(story.facts.at(-1)?.kind).toBe("promotion.refused");
  });

  test("asked twice it is one promotion", () => {
    const story = when(inDev, asked("prod"), asked("prod"));
    expect(within(story, "prod")).toMatchObject({ promotionCount: 1, waiting: [] });
  });

  test.each([
    ["an unknown environment", asked("moon"), "no environment moon; it has dev, prod"],
    ["an unknown release", asked("prod", { release: asReleaseId("r-none") }), "no release r-none"],
  ])("%s is refused by name", (_, event, message) => {
    const story = when(inDev, event);
    expect(story.reply).toMatchObject({ kind: "refused", refusal: { kind: "not-found" } });
    expect(JSON.stringify(story.reply)).toContain(message);
  });

  test("nothing to promote is refused, and says what to do first", () => {
    const empty = when(given(service), asked("dev"));
    expect(JSON.stringify(empty.reply)).toContain("push an image first");
    const early = when(given(service), found(1), asked("prod"));
    expect(JSON.stringify(early.reply)).toContain("nothing has been deployed to dev yet");
  });

  test("a release that is there already is refused", () => {
    const story = when(inDev, asked("dev"));
    expect(story.reply).toMatchObject({ kind: "refused", refusal: { kind: "conflict" } });
  });

  test("a person's newer request takes the place of the one that waited", () => {
    const held = when(inDev, { kind: "hold-placed", hold: aHold("environment") }, asked("prod"));
    const story = when(deployed(when(held, found(2)), "dev"), asked("prod"));
    expect(within(story, "prod").waiting.map((promotion) => promotion.release)).toEqual([
      release(2),
    ]);
    expect(story.ended.at(-1)).toMatchObject({ release: release(1), state: "SUPERSEDED" });
  });

  test("automatic later stages follow by themselves", () => {
    const prod = anEnvironment("prod", { stage: 1, policy: aPolicy({ promotion: "automatic" }) });
    const automatic = aService({ environments: [anEnvironment("dev"), prod] });
    const story = deployed(when(given(automatic), found(1)), "dev");
    expect(within(story, "prod").active).toMatchObject({ kind: "automatic", release: release(1) });
  });
});

describe("a hold", () => {
  const held = when(inDev, { kind: "hold-placed", hold: aHold("environment") });

  test.each(["all", "service", "environment"] as const)(
    "on %s parks a promotion and says who holds and why",
    (scope) => {
      const hold = aHold(scope);
      const state = { ...inDev.state, globalHolds: scope === "all" ? [hold] : [] };
      const story = { ...inDev, state };
      const placed = scope === "all" ? story : when(story, { kind: "hold-placed", hold });
      const parked = when(placed, asked("prod"));
      const [waiting] = within(parked, "prod").waiting;
      const verdict = waiting?.gates.find(({ gate }) => gate === "hold")?.verdict;
      expect(verdict).toMatchObject({ kind: "CLOSED", opensAt: null });
      expect(JSON.stringify(verdict)).toContain("user:sue@example.com holds");
      expect(JSON.stringify(verdict)).toContain("the database moves");
    },
  );

  test("on another environment changes nothing", () => {
    const other = when(inDev, { kind: "hold-placed", hold: aHold("environment", "dev") });
    expect(within(when(other, asked("prod")), "prod").active?.release).toBe(release(1));
  });

  test("that is lifted lets the promotion start at once", () => {
    const parked = when(held, asked("prod"));
    const by = "user:sue@example.com";
    const lift = { kind: "hold-lifted" as const, hold: holdId("hold-1"), by, asOncall: false };
    const lifted = when(parked, lift);
    expect(within(lifted, "prod").active?.release).toBe(release(1));
    expect(lifted.state.holds).toEqual([]);
  });

  test("ends by itself at its end and not a millisecond before", () => {
    const until = after(START, duration(3_600_000));
    const timed = when(inDev, { kind: "hold-placed", hold: { ...aHold("service"), until } });
    const parked = when(timed, asked("prod"));
    const leftMs = until - parked.now;
    expect(within(afterMs(parked, leftMs - 1001), "prod").active).toBeNull();
    const open = afterMs(parked, leftMs - 1000);
    expect(within(open, "prod").active?.release).toBe(release(1));
    expect(open.facts.map(({ kind }) => kind)).toContain("hold.expired");
  });

  test("that does not exist cannot be lifted", () => {
    const hold = holdId("hold-9");
    const story = when(inDev, { kind: "hold-lifted", hold, by: ANN, asOncall: false });
    expect(story.reply).toMatchObject({ kind: "refused", refusal: { kind: "not-found" } });
  });

  test("is passed by breaking the glass, which the record tells", () => {
    const breakGlass = { by: ANN, reason: "customers are down", gates: BREAKABLE };
    const story = when(held, asked("prod", { breakGlass, reason: breakGlass.reason }));
    expect(within(story, "prod").active?.release).toBe(release(1));
    expect(story.facts.find(({ kind }) => kind === "gates.broken")).toMatchObject({
      by: "user:ann@example.com",
      reason: "customers are down",
      details: { gates: "hold" },
    });
  });

  describe("by breaking chosen gates", () => {
    const incident = { id: "0.i1", policy: "errors", severity: "CRITICAL" as const };
    const hold = aHold("environment");
    const policy = aPolicy({ alerts: { block: ["CRITICAL"], warn: [] } });
    const prod = anEnvironment("prod", { stage: 1, policy });
    const guarded = aService({ environments: [anEnvironment("dev"), prod] });
    const closed = when(
      deployed(when(given(guarded), found(1)), "dev"),
      { kind: "hold-placed", hold },
      {
        kind: "incidents-observed",
        environment: environmentId("prod"),
        open: [{ ...incident, openedAt: START }],
      },
    );
    test("passes those, and no others", () => {
      const story = when(closed, breaking("hold"));
      expect(within(story, "prod").active).toBeNull();
      expect(story.facts.some(({ kind }) => kind === "gates.broken")).toBe(false);
      const lifted = when(story, { kind: "hold-lifted", hold: hold.id, by: ANN, asOncall: false });
      expect(within(lifted, "prod").active).toBeNull();
      const closing = { kind: "incidents-observed" as const, environment: environmentId("prod") };
      const passed = when(story, { ...closing, open: [] });
      expect(within(passed, "prod").active?.state).toBe("RUNNING");
      const broken = passed.facts.filter(({ kind }) => kind === "gates.broken");
      expect(broken).toMatchObject([{ by: ANN, details: { gates: "hold" } }]);
    });

    test("and asking again for others passes both", () => {
      const story = when(closed, breaking("hold"), breaking("incident"));
      expect(within(story, "prod").active?.breakGlass?.gates).toEqual(["hold", "incident"]);
      const broken = story.facts.filter(({ kind }) => kind === "gates.broken");
      expect(broken).toMatchObject([{ details: { gates: "hold incident" } }]);
    });

    test("asking again for the same changes nothing", () => {
      const story = when(closed, breaking("hold"));
      const again = when(story, breaking("hold"));
      expect(within(again, "prod")).toEqual(within(story, "prod"));
      expect(again.facts).toEqual(story.facts);
    });
  });

  test("breaking the glass does not put a second promotion beside a running one", () => {
    const busy = deployed(when(when(inDev, asked("prod")), found(2)), "dev");
    const breakGlass = { by: ANN, reason: "now", gates: BREAKABLE };
    const story = when(busy, asked("prod", { breakGlass, reason: "now" }));
    expect(within(story, "prod").active?.release).toBe(release(1));
    expect(within(story, "prod").waiting.map((promotion) => promotion.release)).toEqual([
      release(2),
    ]);
  });
});

/** Ann asks for prod and breaks some gates. */
function breaking(...gates: readonly BreakableGate[]): ReturnType<typeof asked> {
  return asked("prod", { breakGlass: { by: ANN, reason: "fire", gates }, reason: "fire" });
}

describe("a promotion is taken back", () => {
  test("a waiting one ends at once", () => {
    const parked = when(given(service), found(1), asked("prod", { release: release(1) }));
    const [promotion] = within(parked, "prod").waiting;
    const by = "user:ann@example.com";
    const story = when(parked, {
      kind: "cancellation-requested",
      promotion: present(promotion, "a waiting promotion").id,
      by,
      reason: "wrong one",
    });
    expect(story.ended.at(-1)).toMatchObject({ state: "CANCELLED" });
    expect(within(story, "prod").waiting).toEqual([]);
  });

  test("a running one stops its rollout and ends when that has stopped", () => {
    const running = when(inDev, asked("prod"));
    const story = when(running, {
      kind: "cancellation-requested",
      promotion: present(within(running, "prod").active, "a running promotion").id,
      by: "user:ann@example.com",
      reason: null,
    });
    expect(story.effects.at(-1)?.kind).toBe("cancel-rollout");
    const stopped = when(story, seen(story, "prod", { state: "CANCELLED" }));
    expect(stopped.ended.at(-1)).toMatchObject({ state: "CANCELLED" });
  });
});

describe("every promotion ends", () => {
  test("one that waits too long is given up", () => {
    const parked = when(given(service), found(1), asked("prod", { release: release(1) }));
    const early = afterMs(parked, WAIT_MAX - 1001);
    expect(within(early, "prod").waiting).toHaveLength(1);
    const late = afterMs(parked, WAIT_MAX - 1000);
    expect(late.ended.at(-1)).toMatchObject({ environment: "prod", state: "CANCELLED" });
  });

  test("a rollout that does not finish in time is cancelled, and ends when it has stopped", () => {
    const running = when(given(service), found(1));
    expect(afterMs(running, STEP_MAX.rollout - 1001).effects.at(-1)?.kind).toBe("create-rollout");
    const late = afterMs(running, STEP_MAX.rollout - 1000);
    expect(late.effects.at(-1)?.kind).toBe("cancel-rollout");
    expect(within(late, "dev").active).not.toBeNull();
    const stopped = when(late, seen(late, "dev", { state: "CANCELLED" }));
    expect(stopped.ended).toMatchObject([{ state: "CANCELLED" }]);
  });

  test("an effect that cannot be done fails its promotion and frees the environment", () => {
    const running = when(given(service), found(1));
    const [effect] = running.effects;
    const story = when(running, {
      kind: "effect-failed",
      effect: present(effect, "an effect"),
      status: "PERMISSION_DENIED",
      message: "the account may not create releases",
    });
    expect(story.ended).toMatchObject([{ state: "FAILED" }]);
    expect(within(when(story, found(2)), "dev").active?.release).toBe(release(2));
  });
});

function aHold(scope: Hold["scope"]["kind"], environment = "prod"): Hold {
  const place = { service: serviceId("web"), environment: environmentId(environment) };
  return {
    id: holdId("hold-1"),
    scope: scope === "all" ? { kind: scope } : { kind: scope, ...place },
    reason: "the database moves",
    by: "user:sue@example.com",
    asOncall: false,
    createdAt: START,
    until: null,
  };
}
