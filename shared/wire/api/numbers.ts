import { z } from "zod";
import { daysOf, failureRate, lengthFigures, wholeWeeks } from "../../domain/numbers/figures.ts";
import type { Counts, Range } from "../../domain/numbers/figures.ts";
import type { Spread } from "../../domain/numbers/spread.ts";
import type { Duration } from "../../domain/time.ts";
import { boundedText } from "../text.ts";
import { Moment } from "./bodies.ts";
import { toTime } from "./views.ts";

const time = z.string().meta({ format: "date-time", description: "RFC 3339, UTC" });
const seconds = z.number().nullable();

const LengthsView = z
  .object({
    count: z.number().int(),
    meanSeconds: seconds,
    medianSeconds: seconds.meta({ description: "At most a fifth too long" }),
    ninetiethSeconds: seconds.meta({ description: "At most a fifth too long" }),
    longestSeconds: seconds,
  })
  .meta({ id: "Lengths" });

/** How deliveries to production go. */
export const NumbersView = z
  .object({
    service: z.string().nullable(),
    owner: z.string().nullable(),
    from: time.meta({ description: "The first Monday of the weeks that are counted" }),
    to: time.meta({ description: "The Monday after them" }),
    services: z.number().int().meta({ description: "How many services are counted" }),
    deployments: z.number().int(),
    deploymentsPerDay: z.number(),
    leadTime: LengthsView.meta({ description: "From the push of an image to production" }),
    changes: z.number().int().meta({ description: "Deployments, and rollouts that never ended" }),
    failures: z.number().int(),
    changeFailureRate: z.number().nullable(),
    timeToRestore: LengthsView,
    blocked: z
      .array(LengthsView.extend({ gate: z.string(), totalSeconds: z.number() }))
      .meta({ description: "How long each gate kept promotions waiting, the longest first" }),
    detection: LengthsView.meta({ description: "From a push to the record of its release" }),
  })
  .meta({ id: "Numbers" });

/** `GET /v1/numbers` */
export const NumbersQuery = z.object({
  service: boundedText().optional(),
  owner: boundedText().optional(),
  from: Moment.optional().meta({ type: "string", description: "Default: four weeks before `to`" }),
  to: Moment.optional().meta({ type: "string", description: "Default: now" }),
});

/** Counts as the API shows them. */
export function toNumbersView(
  { tally, detection }: Counts,
  of: {
    readonly service: string | null;
    readonly owner: string | null;
    readonly services: number;
    readonly range: Range;
  },
): z.output<typeof NumbersView> {
  const { deployments, aborted, failures, lead, restore, blocked } = tally;
  const whole = wholeWeeks(of.range);
  return {
    service: of.service,
    owner: of.owner,
    from: toTime(whole.from),
    to: toTime(whole.to),
    services: of.services,
    deployments,
    deploymentsPerDay: deployments / daysOf(of.range),
    leadTime: toLengths(lead),
    changes: deployments + aborted,
    failures,
    changeFailureRate: failureRate(tally),
    timeToRestore: toLengths(restore),
    blocked: Object.entries(blocked)
      .toSorted(([, one], [, other]) => other.total - one.total)
      .map(([gate, spread]) =>
        Object.assign(toLengths(spread), { gate, totalSeconds: toSeconds(spread.total) }),
      ),
    detection: toLengths(detection),
  };
}

function toLengths(spread: Spread): z.output<typeof LengthsView> {
  const { count, mean, median, ninetieth, longest } = lengthFigures(spread);
  return {
    count,
    meanSeconds: toSecondsOrNull(mean),
    medianSeconds: toSecondsOrNull(median),
    ninetiethSeconds: toSecondsOrNull(ninetieth),
    longestSeconds: toSecondsOrNull(longest),
  };
}

function toSecondsOrNull(length: Duration | null): number | null {
  return length === null ? null : toSeconds(length);
}

function toSeconds(length: Duration): number {
  return length / 1000;
}
