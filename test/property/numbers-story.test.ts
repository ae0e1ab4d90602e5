import { describe, expect, test } from "vitest";
import { decide } from "../../shared/domain/decide.ts";
import type { Effect } from "../../shared/domain/effect.ts";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import { environmentId, holdId, serviceId } from "../../shared/domain/ids.ts";
import { NEW_BOOK } from "../../shared/domain/numbers/book.ts";
import type { NumbersBook } from "../../shared/domain/numbers/book.ts";
import { count } from "../../shared/domain/numbers/count.ts";
import type { Counted } from "../../shared/domain/numbers/count.ts";
import { failureRate } from "../../shared/domain/numbers/figures.ts";
import type { Spread } from "../../shared/domain/numbers/spread.ts";
import { countsOf } from "../../shared/domain/numbers/sum.ts";
import { environmentState, newServiceState } from "../../shared/domain/state.ts";
import type { ServiceState } from "../../shared/domain/state.ts";
import { instant } from "../../shared/domain/time.ts";
import type { Instant } from "../../shared/domain/time.ts";
import { happen, install } from "../support/storm.ts";
import { asked } from "../support/decider.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import { aCandidate, anEnvironment, aPolicy, aService, START } from "../support/builders.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const PROMOTIONS = 200;
const PROD = environmentId("prod");
const ANN = "user:ann@example.com";
const service = aService({
  environments: [anEnvironment("prod", { policy: aPolicy({ promotion: "automatic" }) })],
});

/** How each event is delivered. */
type Delivery = { readonly times: number; readonly isShuffled: boolean };

/** What a story must come to, written down as it happens. */
type Expected = {
  deployments: number;
  failures: number;
  aborted: number;
  readonly lead: number[];
  readonly held: number[];
  readonly restore: number[];
  readonly detection: number[];
};

type Told = {
  readonly book: NumbersBook;
  readonly records: readonly Counted[];
  readonly expected: Expected;
  readonly now: Instant;
};

describe("two hundred promotions with known lead times, failures and waits", () => {
  const once = tell({ times: 1, isShuffled: false });

  test("are counted as a plain sum of what happened counts them", () => {
    const { tally, detection } = figuresOf(once);
    const { expected } = once;
    expect(expected.deployments + expected.aborted).toBe(PROMOTIONS);
    expect(tally).toMatchObject({
      deployments: expected.deployments,
      failures: expected.failures,
      aborted: expected.aborted,
    });
    expect(expected.failures).toBeGreaterThan(30);
    expect(failureRate(tally)).toBeCloseTo(expected.failures / PROMOTIONS, 12);
    expect(sums(tally.lead)).toEqual(plain(expected.lead));
    expect(sums(tally.restore)).toEqual(plain(expected.restore));
    expect(sums(tally.blocked["hold"])).toEqual(plain(expected.held));
    expect(sums(detection)).toEqual(plain(expected.detection));
  });

  test.each([
    ["twice", { times: 2, isShuffled: false }],
    ["twice and in another order, old ones again", { times: 2, isShuffled: true }],
  ])("and the same when each event is delivered %s", (_, delivery) => {
    const again = tell(delivery);
    expect(figuresOf(again)).toEqual(figuresOf(once));
    expect(again.expected).toEqual(once.expected);
  });

  test("and the same when they are counted anew from the records", () => {
    expect(once.records.reduce(count, NEW_BOOK)).toEqual(once.book);
  });
});

test("what is stored with a service is what its records come to, as they are read back", async () => {
  const memory = memoryPorts();
  await install(memory.ports, service);
  for (const image of [1, 2, 3]) {
    await happen(memory, { kind: "push", image });
    await happen(memory, { kind: "wait", minutes: 5 });
    await happen(memory, { kind: image === 2 ? "break" : "roll", isNotified: true });
  }
  const seen = await memory.ports.store.read(serviceId("web"));
  const records = await memory.ports.store.records("web", 0, 1000);
  expect(records.reduce(count, NEW_BOOK)).toEqual(seen?.numbers);
  const range = { from: START, to: memory.clock.now() };
  expect(countsOf(service, seen?.numbers ?? NEW_BOOK, range).tally).toMatchObject({
    deployments: 2,
    aborted: 1,
    failures: 1,
    restore: { count: 1, total: 5 * MINUTE },
  });
});

/** Every fifth rollout breaks, twice, now and then the next one too. Every seventh release is taken back, every third push waits. */
function tell(delivery: Delivery): Told {
  const world = begin(delivery);
  const { expected } = world;
  let failingSince: Instant | null = null;
  const well = (): void => {
    if (failingSince !== null) {
      expected.restore.push(world.now() - failingSince);
      failingSince = null;
    }
  };
  for (let number = 1; number <= PROMOTIONS; number += 1) {
    const delay = (1 + (number % 11)) * SECOND;
    const rollout = (3 + (number % 13)) * MINUTE;
    const wait = number % 3 === 0 ? (10 + (number % 17)) * MINUTE : 0;
    const isBroken = number % 5 === 0 || number % 20 === 6;
    world.pass(30 * MINUTE);
    if (wait > 0) {
      world.deliver({ kind: "hold-placed", hold: aHoldAt(number, world.now()) });
    }
    const at = new Date(world.now() - delay).toISOString().replace("Z", "000000Z");
    const put = { tag: `v${number}`, at, commit: null };
    const candidate = aCandidate(number, { put, uploadedAt: at, changedAt: at });
    world.deliver({ kind: "image-found", candidate, by: "registry" });
    expected.detection.push(delay);
    if (wait > 0) {
      world.pass(wait);
      const hold = holdId(`hold-${number}`);
      world.deliver({ kind: "hold-lifted", hold, by: ANN, asOncall: false });
      expected.held.push(wait);
    }
    world.pass(rollout);
    world.roll(isBroken ? "FAILED" : "SUCCEEDED");
    if (isBroken) {
      expected.failures += 1;
      expected.aborted += 1;
      failingSince ??= world.now();
      // Whoever tries the same release again, in vain, makes no second failure of it.
      world.pass(2 * MINUTE);
      world.deliver(asked("prod"));
      world.roll("FAILED");
      continue;
    }
    expected.deployments += 1;
    expected.lead.push(delay + wait + rollout);
    well();
    if (number % 7 === 0) {
      world.pass(20 * MINUTE);
      world.deliver(aRollback());
      expected.failures += 1;
      failingSince = world.now();
      world.pass(4 * MINUTE);
      world.roll("SUCCEEDED");
      well();
    }
  }
  return { ...world.counted(), expected, now: world.now() };
}

type World = {
  readonly expected: Expected;
  readonly now: () => Instant;
  readonly pass: (lengthMs: number) => void;
  readonly deliver: (event: ServiceEvent) => void;
  readonly roll: (state: "SUCCEEDED" | "FAILED") => void;
  readonly counted: () => { readonly book: NumbersBook; readonly records: readonly Counted[] };
};

/** How many events back one is delivered once more. */
const OLD = 3;

function begin({ times, isShuffled }: Delivery): World {
  let state: ServiceState = newServiceState(service);
  let now: Instant = START;
  let book: NumbersBook = NEW_BOOK;
  const records: Counted[] = [];
  const effects: Effect[] = [];
  const delivered: ServiceEvent[] = [];
  const expected: Expected = {
    deployments: 0,
    failures: 0,
    aborted: 0,
    lead: [],
    held: [],
    restore: [],
    detection: [],
  };
  const decideOn = (event: ServiceEvent): void => {
    const decision = decide(state, event, now);
    state = decision.next;
    effects.push(...decision.effects);
    for (const fact of decision.facts) {
      const record = { ...fact, time: now };
      records.push(record);
      book = count(book, record);
    }
  };
  const deliver = (event: ServiceEvent): void => {
    for (let time = 1; time <= times; time += 1) {
      decideOn(event);
    }
    const old = isShuffled ? delivered.at(-OLD) : undefined;
    if (old !== undefined && isObservation(old)) {
      decideOn(old);
    }
    delivered.push(event);
  };
  deliver({ kind: "service-applied", service, by: ANN });
  return {
    expected,
    now: () => now,
    pass: (lengthMs) => {
      now = instant(now + lengthMs);
    },
    deliver,
    roll: (how) => {
      const done = effects
        .splice(0)
        .map((effect): ServiceEvent => ({ kind: "effect-done", effect }));
      const seen = rolled(state, how);
      // What was done may be told after what came of it.
      for (const event of isShuffled ? [seen, ...done] : [...done, seen]) {
        deliver(event);
      }
    },
    counted: () => ({ book, records }),
  };
}

/** People are not repeated by the network hours later; what was seen and pushed is. */
function isObservation({ kind }: ServiceEvent): boolean {
  return kind === "rollout-observed" || kind === "effect-done" || kind === "image-found";
}

function rolled(state: ServiceState, how: "SUCCEEDED" | "FAILED"): ServiceEvent {
  const { active } = environmentState(state, PROD);
  return {
    kind: "rollout-observed",
    rollout: {
      id: active?.id ?? "none",
      release: active?.release ?? "none",
      target: "any",
      state: how,
      rawState: how,
      failure: how === "FAILED" ? "it broke" : null,
      nextPhase: null,
      description: "",
      createdAt: null,
      endedAt: null,
    },
  };
}

function aHoldAt(
  number: number,
  createdAt: Instant,
): Extract<ServiceEvent, { kind: "hold-placed" }>["hold"] {
  return {
    id: holdId(`hold-${number}`),
    scope: { kind: "service", service: service.id },
    reason: "maintenance",
    by: ANN,
    asOncall: false,
    createdAt,
    until: null,
  };
}

function aRollback(): ServiceEvent {
  return {
    kind: "rollback-requested",
    environment: PROD,
    release: null,
    by: ANN,
    reason: "errors",
    restoreData: false,
    hold: null,
    asOncall: false,
    hasImage: true,
  };
}

function figuresOf({ book, now }: Told): ReturnType<typeof countsOf> {
  return countsOf(service, book, { from: START, to: now });
}

function sums(spread: Spread | undefined): readonly (number | undefined)[] {
  return [spread?.count, spread?.total, spread?.longest];
}

function plain(lengths: readonly number[]): readonly number[] {
  return [lengths.length, lengths.reduce((sum, length) => sum + length, 0), Math.max(...lengths)];
}
