import fc from "fast-check";
import { POLICY_VARIANTS } from "./guarded-service.ts";
import { happenings } from "./arbitraries.ts";
import type { Happening } from "./storm.ts";

const isWell = fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false));

const guarded: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("approve" as const),
      by: fc.constantFrom("ann" as const, "sue" as const, "bob" as const),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("backup" as const), isWell }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("job" as const), isWell }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("incident" as const),
      does: fc.constantFrom(
        "open" as const,
        "close" as const,
        "close" as const,
        "hide" as const,
        "show" as const,
        "show" as const,
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("health" as const), isWell }) },
  fc.record({
    kind: fc.constant("rollback" as const),
    holds: fc.boolean(),
    restoresData: fc.boolean(),
  }),
  fc.constant({ kind: "reject" as const }),
  { weight: 2, arbitrary: fc.constant({ kind: "vanish" as const, image: null }) },
  fc.constant({ kind: "retry" as const }),
  fc.record({ kind: fc.constant("apply" as const), policy: fc.constantFrom(...POLICY_VARIANTS) }),
  fc.constant({ kind: "restore" as const }),
  fc.constant({ kind: "contract" as const }),
  fc.constant({ kind: "tick" as const, hand: "day" as const }),
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      minutes: fc.integer({ min: 1, max: 90 }),
    }),
  },
);

/** A release that gets as far as prod with all that it needs on the way. */
export function throughProduction(image: number): readonly Happening[] {
  return [
    { kind: "push", image },
    { kind: "roll", isNotified: true },
    { kind: "wait", minutes: 31 },
    { kind: "promote", environment: "prod", isGlassBroken: false },
    { kind: "approve", by: "sue" },
    { kind: "backup", isWell: true },
    { kind: "tick", hand: "minute" },
    { kind: "job", isWell: true },
    { kind: "tick", hand: "minute" },
    { kind: "roll", isNotified: true },
    { kind: "roll", isNotified: true },
    { kind: "tick", hand: "minute" },
    { kind: "wait", minutes: 11 },
    { kind: "tick", hand: "minute" },
  ];
}

/** Such a release, so that storms hit something. */
const journey = fc.integer({ min: 1, max: 8 }).map(throughProduction);

/** What may happen to a guarded service: journeys to prod, cut into by anything at all. */
export const guardedStorms: fc.Arbitrary<readonly Happening[]> = fc
  .array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc
          .tuple(journey, fc.nat(13), fc.array(fc.oneof(guarded, happenings), { maxLength: 4 }))
          .map(([way, at, storm]) => way.toSpliced(at, 0, ...storm)),
      },
      { weight: 2, arbitrary: fc.array(fc.oneof(guarded, happenings), { maxLength: 8 }) },
    ),
    { maxLength: 5 },
  )
  .map((parts) => parts.flat());
