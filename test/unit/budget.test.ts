import { beforeAll, describe, expect, test } from "vitest";
import {
  DOCUMENT_BYTES_MAX,
  ORDINARY_BYTES_MAX,
  refuseLarge,
  SERVICE_BYTES_MAX,
} from "../../shared/domain/budget.ts";
import { WAITING_MAX } from "../../shared/domain/change/full.ts";
import { HOLDS_MAX, ONCALL_HOLDS_MAX } from "../../shared/domain/events/hold.ts";
import { GATE_REASON_LENGTH_MAX } from "../../shared/domain/gates/verdict.ts";
import { environmentId, holdId } from "../../shared/domain/ids.ts";
import { sizeOf } from "../../shared/domain/size.ts";
import { findPromotion, openPromotions } from "../../shared/domain/state.ts";
import { anEnvironment, aService } from "../support/builders.ts";
import { asked, found, given, seen, when, within } from "../support/decider.ts";
import type { Story } from "../support/decider.ts";
import {
  aHold,
  ANN,
  DATABASES,
  documentSize,
  ENVIRONMENTS,
  fillService,
  held,
  largeService,
  outboxOf,
  pushed,
  REASON,
  WITH_DATA,
} from "../support/full-service.ts";
import { present } from "../support/present.ts";

describe("a service with every list at its limit", () => {
  let full: Story;
  beforeAll(() => {
    full = fillService();
  });

  test("has a document of at most half of what Firestore takes", () => {
    expect(documentSize(full)).toBeLessThan(DOCUMENT_BYTES_MAX);
    expect(documentSize(full)).toBeGreaterThan(ORDINARY_BYTES_MAX);
    expect(openPromotions(full.state)).not.toHaveLength(0);
  });

  test("keeps of each list what decisions rest on, whole sets of backups too", () => {
    const { environments, failed, releases, ignored: pushes } = full.state;
    const all = Object.values(environments);
    const readings = Object.values(releases).map(({ image }) => image.provenance.length);
    expect(all.map((known) => known.foreign.length)).toEqual(ENVIRONMENTS.map(() => 1));
    expect(all.filter(({ drift }) => drift !== null)).toHaveLength(ENVIRONMENTS.length);
    expect(all.filter(({ backups }) => backups.length >= DATABASES.length + 1)).toHaveLength(2);
    expect(all.flatMap(({ floor }) => floor?.backups.length ?? [])).toEqual(
      WITH_DATA.map(() => DATABASES.length + 1),
    );
    expect([pushes.length, Math.max(...readings)]).toEqual([4, 1]);
    expect(failed).toEqual({});
    expect(outboxOf(full).length).toBeGreaterThan(100);
  });

  test("takes no further promotion, and says which one to cancel", () => {
    const more = when(full, found(500));
    const story = when(more, asked("e7", { release: more.state.newest, reason: REASON }));
    const how = expect.stringMatching(/^cancel one first, such as r-/) as unknown;
    const step = { kind: "cancel", promotion: expect.stringMatching(/^r-/) as unknown };
    const refusal = { kind: "conflict", help: { how, step } };
    expect(story.reply).toMatchObject({ kind: "refused", refusal });
  });

  test("takes no further hold but on-call's, and says which one to lift", () => {
    const story = held(full, aHold(60));
    expect(story.reply).toMatchObject({
      refusal: {
        message: "the service has 50 holds already",
        help: {
          how: `lift one first, such as hold-000000, which ${ANN} placed`,
          step: { kind: "lift", hold: "hold-000000" },
        },
      },
    });
    let oncall = full;
    for (let number = 0; number < ONCALL_HOLDS_MAX; number += 1) {
      oncall = held(oncall, aHold(100 + number, { asOncall: true }));
      expect(oncall.reply.kind).toBe("none");
    }
    expect(oncall.state.holds).toHaveLength(HOLDS_MAX + ONCALL_HOLDS_MAX);
    expect(held(oncall, aHold(200, { asOncall: true })).reply.kind).toBe("refused");
  });

  test("has its glass broken, and what waits cancelled", () => {
    const waiting = present(
      openPromotions(full.state).find(({ state }) => state === "WAITING"),
      "one",
    );
    const glass = { by: ANN, reason: REASON, gates: ["incident", "approval", "hold"] as const };
    const broken = when(
      full,
      asked(waiting.environment, { release: waiting.release, breakGlass: glass, reason: REASON }),
    );
    expect(broken.reply).toEqual({ kind: "promotion", promotion: waiting.id });
    const cancelled = when(full, {
      kind: "cancellation-requested",
      promotion: waiting.id,
      by: ANN,
      reason: REASON,
    });
    expect(findPromotion(cancelled.state, waiting.id)).toBeNull();
  });

  test("takes a promotion for which the glass is broken, and still fits", () => {
    const more = when(full, found(501));
    const glass = { by: ANN, reason: REASON, gates: ["incident", "approval", "hold"] as const };
    const { newest: release } = more.state;
    const story = when(more, asked("e7", { release, reason: REASON, breakGlass: glass }));
    expect(story.reply.kind).toBe("promotion");
    expect(documentSize(story)).toBeLessThan(DOCUMENT_BYTES_MAX);
  });

  test("is rolled back and held everywhere, on-call's holds beside it, and still fits", () => {
    let story = full;
    for (let number = 0; number < ONCALL_HOLDS_MAX; number += 1) {
      story = held(story, aHold(100 + number, { asOncall: true }));
    }
    for (const environment of ENVIRONMENTS) {
      story = rolledBack(story, environment, "first");
      expect(story.reply.kind).toBe("promotion");
      expect(within(story, environment).active?.kind).toBe("rollback");
    }
    expect(story.state.holds).toHaveLength(HOLDS_MAX + ONCALL_HOLDS_MAX + ENVIRONMENTS.length);
    expect(documentSize(story)).toBeLessThan(DOCUMENT_BYTES_MAX);
  });
});

function rolledBack(story: Story, environment: string, name: string): Story {
  return when(story, {
    kind: "rollback-requested",
    environment: environmentId(environment),
    release: null,
    by: ANN,
    reason: REASON,
    restoreData: false,
    hold: holdId(`hold-${name}-${environment}`),
    asOncall: name === "first",
    hasImage: true,
  });
}

test("backups for which there is no room fail their promotion before anything is deployed", () => {
  let story = pushed(given(largeService(ENVIRONMENTS)), 1);
  for (const environment of ENVIRONMENTS) {
    const glass = { by: ANN, reason: REASON, gates: ["incident", "approval", "hold"] as const };
    const { newest: release } = story.state;
    story = when(story, asked(environment, { release, breakGlass: glass, reason: REASON }));
    const promotion = present(within(story, environment).active, "it runs").id;
    const { project } = anEnvironment(environment);
    story = when(story, { kind: "databases-found", promotion, project, instances: DATABASES });
  }
  expect(documentSize(story)).toBeLessThan(DOCUMENT_BYTES_MAX);
  const asking = ENVIRONMENTS.filter((id) => within(story, id).active !== null);
  expect(asking.length).toBeGreaterThan(5);
  expect(story.ended).toHaveLength(ENVIRONMENTS.length - asking.length);
  expect(new Set(story.ended.map(({ state }) => state))).toEqual(new Set(["FAILED"]));
  expect(JSON.stringify(story.ended.at(-1)?.steps)).toMatch(
    /nothing was deployed, .* no room to keep 11 more backups\. .*cancel one, such as r-\S+, then promote again/,
  );
});

test("a second rollback's hold takes the place of the first one's, and stays on-call's", () => {
  let story = given(aService());
  for (let image = 1; image <= 3; image += 1) {
    story = when(story, found(image));
    story = when(story, seen(story, "dev"));
  }
  for (let number = 0; number < HOLDS_MAX; number += 1) {
    story = held(story, aHold(number));
  }
  story = rolledBack(story, "dev", "first");
  story = when(story, seen(story, "dev"));
  story = rolledBack(story, "dev", "second");
  const own = story.state.holds.filter(({ scope }) => scope.kind === "environment");
  expect(own.map(({ id, asOncall }) => [id, asOncall])).toEqual([["hold-second-dev", true]]);
  expect(story.facts.filter(({ kind }) => kind === "hold.lifted")).toMatchObject([
    { by: "slipway", details: { hold: "hold-first-dev", replacedBy: "hold-second-dev" } },
  ]);
});

test("in one environment so many promotions wait, and no more", () => {
  let story = held(given(aService({ queue: "all" })), aHold(1));
  for (let image = 1; image <= WAITING_MAX; image += 1) {
    story = when(story, found(image));
    expect(story.reply.kind).toBe("release");
  }
  expect(within(story, "dev").waiting).toHaveLength(WAITING_MAX);
  const one = when(story, found(WAITING_MAX + 1), asked("dev"));
  expect(within(one, "dev").waiting).toHaveLength(WAITING_MAX);
  expect(one.reply).toMatchObject({
    refusal: {
      message: "20 promotions wait in dev already",
      help: { step: { kind: "cancel", promotion: expect.any(String) as unknown } },
    },
  });
});

test("a gate tells of two holds in full and names three more, however many there are", () => {
  let story = given(aService());
  for (let number = 0; number < HOLDS_MAX; number += 1) {
    story = held(story, aHold(number));
  }
  const [waiting] = within(when(story, found(1)), "dev").waiting;
  const hold = present(waiting, "it waits").gates.find(({ gate }) => gate === "hold");
  const verdict = JSON.stringify(hold?.verdict);
  expect(verdict).toContain("48 more holds: hold-000002, hold-000003, hold-000004 and 45 more");
  expect(verdict.length).toBeLessThan(GATE_REASON_LENGTH_MAX);
});

test("a specification is kept up to its size, and refused with what is large beyond it", () => {
  const service = largeService();
  const [first] = service.environments;
  const room = SERVICE_BYTES_MAX - sizeOf(service);
  const padded = (bytes: number): typeof service => ({
    ...service,
    name: service.name + "n".repeat(bytes),
  });
  expect(room).toBeGreaterThan(0);
  expect(refuseLarge(padded(room))).toBeNull();
  expect(refuseLarge(padded(room + 1))).toContain(`and may take ${SERVICE_BYTES_MAX}`);
  expect(given(padded(room + 1)).reply).toMatchObject({ refusal: { kind: "invalid" } });
  expect(first).toBeDefined();
});

test.each([
  ["a text", "aé€\u{1f600}", 1 + 2 + 3 + 4 + 1],
  ["a number", 5, 8],
  ["nothing", null, 1],
  ["a list", [true, "a"], 1 + 2],
  ["a record", { ab: 1 }, 3 + 8],
])("%s takes as many bytes as Firestore says", (_name, value, bytes) => {
  expect(sizeOf(value)).toBe(bytes);
});
