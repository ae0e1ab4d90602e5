import type { Instant } from "../../domain/time.ts";
import { BREAKABLE } from "../../domain/gates/verdict.ts";
import type { Standing } from "../../ports/telemetry.ts";
import type { Attributes } from "./span.ts";

/** One number of a metric, for some attributes. */
type Point = { readonly attributes: Attributes; readonly value: number };

/** A metric as it is now. A sum counts from `since`, when this process began; what stands is as of `at`. */
export type Metric = {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly kind: "sum" | "gauge";
  readonly since: Instant;
  readonly at: Instant;
  readonly points: readonly Point[];
};

/** The numbers of this process. */
export type Numbers = {
  /** Counts something of a sum. */
  readonly count: (name: keyof typeof SUMS, attributes: Attributes) => void;
  readonly stands: (standing: Standing, at: Instant) => void;
  /** Every metric that has a number, if any has changed since they were taken last; otherwise none. */
  readonly take: (now: Instant) => readonly Metric[];
};

const SUMS = {
  "slipway.events": {
    unit: "{event}",
    description: "Messages and requests that a function took, by what became of them.",
  },
  "slipway.notices": {
    unit: "{notice}",
    description: "Notices that were brought to a channel, by what the channel answered.",
  },
  "slipway.decisions": { unit: "{record}", description: "Facts that were decided, by kind." },
} as const;

const GATES = [...BREAKABLE, "busy"] as const;

/** Counts from when this process began. What it counts is added up by whoever gets it, over all processes. */
export function newNumbers(since: Instant): Numbers {
  const sums = new Map<
    string,
    { name: keyof typeof SUMS; attributes: Attributes; value: number }
  >();
  let standing: { readonly standing: Standing; readonly at: Instant } | null = null;
  let isChanged = false;
  return {
    count: (name, attributes) => {
      const key = JSON.stringify([name, attributes]);
      const known = sums.get(key) ?? { name, attributes, value: 0 };
      sums.set(key, { ...known, value: known.value + 1 });
      isChanged = true;
    },
    stands: (now, at) => {
      standing = { standing: now, at };
      isChanged = true;
    },
    take: (now) => {
      if (!isChanged) {
        return [];
      }
      isChanged = false;
      const names = Object.keys(SUMS).filter((name): name is keyof typeof SUMS => name in SUMS);
      const counted = names.map((name): Metric => {
        const points = [...sums.values()].filter((sum) => sum.name === name);
        const { unit, description } = SUMS[name];
        return { name, unit, description, kind: "sum", since, at: now, points };
      });
      const stands = standing === null ? [] : gauges(standing.standing, since, standing.at);
      standing = null;
      return [...counted, ...stands].filter(({ points }) => points.length > 0);
    },
  };
}

/** Every gate has a number, so that one that keeps nobody waiting any more is seen to. */
function gauges(standing: Standing, since: Instant, at: Instant): readonly Metric[] {
  const { waiting, outboxAge } = standing;
  return [
    {
      name: "slipway.promotions.waiting",
      unit: "{promotion}",
      description: "Promotions that a gate keeps waiting; of several closed gates the first.",
      kind: "gauge",
      since,
      at,
      points: GATES.map((gate) => ({
        attributes: { "slipway.gate": gate },
        value: waiting[gate] ?? 0,
      })),
    },
    {
      name: "slipway.outbox.age",
      unit: "s",
      description: "How long the oldest effect has been due that is not done.",
      kind: "gauge",
      since,
      at,
      points: [{ attributes: {}, value: outboxAge / 1000 }],
    },
  ];
}
