import { z } from "zod";

import type { NumbersBook } from "../../domain/numbers/book.ts";
import type { Counts } from "../../domain/numbers/figures.ts";
import type { Spread } from "../../domain/numbers/spread.ts";
import type { Due, Sum } from "../../domain/numbers/sum.ts";
import type { Tally } from "../../domain/numbers/tally.ts";
import { exactly } from "../exactly.ts";
import { DurationValue, InstantValue, list } from "./words.ts";

const SpreadValue = exactly<Spread>()(
  z.object({
    count: z.number(),
    total: DurationValue,
    longest: DurationValue,
    steps: z.record(z.string(), z.number()),
  }),
);

const TallyValue = exactly<Tally>()(
  z.object({
    deployments: z.number(),
    aborted: z.number(),
    failures: z.number(),
    lead: SpreadValue,
    restore: SpreadValue,
    blocked: z.record(z.string(), SpreadValue),
  }),
);

const CountsValue = exactly<Counts>()(z.object({ tally: TallyValue, detection: SpreadValue }));

/** What is counted of several services, by week. */
export const SumValue = exactly<Sum>()(list(z.object({ week: z.number(), counts: CountsValue })));

/** What is not in the sums yet. */
export const DueValue = exactly<Due>()(
  list(z.object({ owners: list(z.string()), counted: SumValue })),
);

/** What is counted of a service's records. */
export const NumbersValue = exactly<NumbersBook>()(
  z.object({
    standings: z.record(
      z.string(),
      z.object({
        current: z.string().nullable(),
        failingSince: InstantValue.nullable(),
        failed: z.string().nullable(),
        incidentAt: InstantValue.nullable(),
        waiting: z.record(z.string(), InstantValue),
      }),
    ),
    weeks: list(
      z.object({
        week: z.number(),
        tallies: z.record(z.string(), TallyValue),
        detection: SpreadValue,
      }),
    ),
  }),
);
