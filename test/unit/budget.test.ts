import { beforeAll, describe, expect, test } from "vitest";
import { newAggregate } from "../../shared/app/aggregate.ts";
import { toServiceDocument } from "../../shared/adapters/documents.ts";
import {
  DOCUMENT_BYTES_MAX,
  ORDINARY_BYTES_MAX,
  refuseLarge,
  SERVICE_BYTES_MAX,
} from "../../shared/domain/budget.ts";
import { WAITING_MAX } from "../../shared/domain/change/request.ts";
import { HOLDS_MAX, ONCALL_HOLDS_MAX } from "../../shared/domain/events/hold.ts";
import { GATE_REASON_LENGTH_MAX } from "../../shared/domain/gates/verdict.ts";
import type { Hold } from "../../shared/domain/hold.ts";
import { environmentId, holdId } from "../../shared/domain/ids.ts";
import { sizeOf } from "../../shared/domain/size.ts";
import { findPromotion, openPromotions } from "../../shared/domain/state.ts";
import { aCandidate, anEnvironment, aPolicy, aService } from "../support/builders.ts";
import { asked, found, given, seen, when, within } from "../support/decider.ts";
import type { Story } from "../support/decider.ts";
import { present } from "../support/present.ts";

const ANN = "user:ann@example.com";
const ENVIRONMENTS = Array.from({ length: 20 }, (_, index) => `e${index}`);

/** The most bytes that a reason of the API may take. */
const REASON = "é".repeat(768);

function aHold(number: number, parts: Partial<Hold> = {}): Hold {
  const service = aService().id;
  return {
    id: holdId(`hold-${String(number).padStart(6, "0")}`),
    scope: { kind: "service", service },
    reason: REASON,
    by: ANN,
    asOncall: false,
    createdAt: given(aService()).now,
    until: null,
    ...parts,
  };
}

function held(story: Story, hold: Hold): Story {
  return when(story, { kind: "hold-placed", hold });
}

/** A service as large as one may be: twenty environments with every policy, each of which is watched. */
function largeService(): ReturnType<typeof aService> {
  const principals = Array.from(
    { length: 18 },
    (_, index) => `group:team-${index}@example.com` as const,
  );
  const policy = aPolicy({
    approvals: { required: 10, from: principals, notRequester: false, notAuthor: false },
    alerts: { block: ["CRITICAL", "ERROR"], warn: ["WARNING"] },
    access: { promote: principals, approve: principals, breakGlass: principals },
  });
  const environments = ENVIRONMENTS.map((id, index) =>
    anEnvironment(id, { stage: index === 0 ? 0 : null, policy, category: "external" }),
  );
  return aService({ queue: "all", environments });
}

/** Deploys the newest release into an environment, past every gate. */
function deployed(story: Story, environment: string): Story {
  const glass = { by: ANN, reason: REASON, gates: ["incident", "approval", "hold"] as const };
  const started = when(
    story,
    asked(environment, { breakGlass: glass, reason: REASON, release: story.state.newest }),
  );
  const rolled = when(started, seen(started, environment));
  const { active } = within(rolled, environment);
  const probe = { isHealthy: true, version: null, isBlocked: false, detail: "d".repeat(2000) };
  return active === null
    ? rolled
    : when(rolled, { kind: "probe-observed", promotion: active.id, probe });
}

/** An image of a hostile builder: as many tags and authors as are remembered, each as long as it may be. */
function pushed(story: Story, number: number): Story {
  const authors = Array.from({ length: 8 }, (_, index) => `${"a".repeat(240)}${index}@b.example`);
  let next = story;
  for (let put = 0; put < 10; put += 1) {
    const tag = String(number * 100 + put).padStart(128, "t");
    const at = new Date(story.now + put).toISOString().replace("Z", "000000Z");
    const commit = "c".repeat(128);
    const candidate = aCandidate(number, { put: { tag, at, commit }, authors, commit });
    next = when(next, { kind: "image-found", candidate, by: "registry" });
  }
  return next;
}

/** Everything that somebody who owns the service can do to fill its document. */
function fill(): Story {
  let story = given(largeService());
  for (let image = 1; image <= 7; image += 1) {
    story = pushed(story, image);
    for (const environment of ENVIRONMENTS) {
      story = deployed(story, environment);
    }
  }
  for (const [index, environment] of ENVIRONMENTS.entries()) {
    story = deployed(pushed(story, 20 + index), environment);
  }
  for (const environment of ENVIRONMENTS) {
    const open = Array.from({ length: 200 }, (_, index) => ({
      id: `incident-${index}`,
      policy: "p".repeat(2000),
      severity: "CRITICAL" as const,
      openedAt: story.now,
    }));
    const id = environmentId(environment);
    story = when(story, { kind: "incidents-observed", environment: id, open });
    story = when(story, {
      kind: "running-observed",
      environment: id,
      image: "x".repeat(400),
      by: ANN,
    });
  }
  for (let number = 0; number < HOLDS_MAX; number += 1) {
    story = held(story, aHold(number));
  }
  for (let image = 100; image < 130; image += 1) {
    story = pushed(story, image);
    for (const environment of ENVIRONMENTS) {
      const release = story.state.newest;
      story = when(story, asked(environment, { release, reason: REASON }));
    }
  }
  return story;
}

/** The size of the service's document as Firestore counts it, with its name and what comes with the state. */
function documentSize({ state }: Story): number {
  const NAME_BYTES = 32 + 32;
  const aggregate = { ...newAggregate(state.service), state };
  return sizeOf(JSON.parse(JSON.stringify(toServiceDocument(aggregate)))) + NAME_BYTES;
}

describe("a service with every list at its limit", () => {
  let full: Story;
  beforeAll(() => {
    full = fill();
  });

  test("has a document of at most half of what Firestore takes", () => {
    expect(documentSize(full)).toBeLessThan(DOCUMENT_BYTES_MAX);
    expect(documentSize(full)).toBeGreaterThan(ORDINARY_BYTES_MAX);
    expect(openPromotions(full.state)).not.toHaveLength(0);
  });

  test("takes no further promotion, and says which one to cancel", () => {
    const more = when(full, found(500));
    const story = when(more, asked("e7", { release: more.state.newest, reason: REASON }));
    expect(story.reply).toMatchObject({ kind: "refused", refusal: { kind: "conflict" } });
    expect(JSON.stringify(story.reply)).toMatch(/cancel one first, such as .*: slipway cancel r-/);
  });

  test("takes no further hold but on-call's, and says which one to lift", () => {
    const story = held(full, aHold(60));
    expect(story.reply).toMatchObject({
      refusal: {
        message: `the service has 50 holds already; lift one first, such as hold-000000, which ${ANN} placed: slipway hold lift hold-000000`,
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
  expect(JSON.stringify(one.reply)).toContain(
    "20 promotions wait in dev already; cancel one first",
  );
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
  expect(refuseLarge(padded(room + 1))).toContain(`of at most ${SERVICE_BYTES_MAX}`);
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
