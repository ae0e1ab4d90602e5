import fc from "fast-check";
import { HOSTILE_LABELS } from "./hostile-storm.ts";
import type { Happening } from "./storm.ts";

const environment = fc.constantFrom("dev" as const, "prod" as const);

const image = fc.integer({ min: 1, max: 8 });

/** What others do to harm. */
const hostile: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("label" as const),
      image,
      label: fc.constantFrom(...HOSTILE_LABELS),
    }),
  },
  fc.record({ kind: fc.constant("vanish" as const), image: fc.option(image) }),
  fc.record({
    kind: fc.constant("neighbour" as const),
    does: fc.constantFrom("damage" as const, "spoil" as const, "heal" as const),
  }),
);

/** Anything that may happen, the usual things more often. */
export const happenings: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("push" as const),
      image,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("roll" as const), isNotified: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("promote" as const),
      environment,
      isGlassBroken: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("tick" as const),
      hand: fc.constantFrom("minute" as const, "hour" as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      minutes: fc.integer({ min: 1, max: 2000 }),
    }),
  },
  fc.record({
    kind: fc.constant("by-hand" as const),
    environment,
    isNotified: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("traffic" as const), environment }),
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("retag" as const),
      image,
      tag: fc.constantFrom("latest", "stable", "x1", "x2"),
    }),
  },
  fc.record({
    kind: fc.constant("mark" as const),
    image,
    isBad: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant("revise" as const),
    revision: fc.constantFrom("0a1b2c", "3d4e5f"),
  }),
  fc.record({ kind: fc.constant("break" as const), isNotified: fc.boolean() }),
  fc.record({ kind: fc.constant("cancel" as const), environment }),
  fc.record({ kind: fc.constant("hold" as const), environment: fc.option(environment) }),
  fc.constant({ kind: "lift" as const }),
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("work" as const),
      does: fc.constantFrom(
        "wait" as const,
        "come" as const,
        "come-backwards" as const,
        "repeat" as const,
        "get-lost" as const,
      ),
    }),
  },
  { weight: 3, arbitrary: hostile },
);
