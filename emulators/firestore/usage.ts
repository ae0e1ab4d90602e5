/** Documents read, written and deleted, as the service bills them, and the calls that did it. */
export type Counts = {
  readonly calls: number;
  readonly reads: number;
  readonly writes: number;
  readonly deletes: number;
};

/** Counts since the start or the last reset. */
export type Usage = Counts & {
  /** By RPC name, such as `BatchGetDocuments`. */
  readonly byMethod: Readonly<Record<string, Counts>>;
};

/** Where counts gather, by RPC name. */
export type UsageMeter = Map<string, Counts>;

const NONE: Counts = { calls: 0, reads: 0, writes: 0, deletes: 0 };

/** Adds to the counts of one method. */
export function count(meter: UsageMeter, method: string, more: Partial<Counts>): void {
  meter.set(method, add(meter.get(method) ?? NONE, { ...NONE, ...more }));
}

/** What was counted so far. */
export function usageOf(meter: UsageMeter): Usage {
  const total = [...meter.values()].reduce(add, NONE);
  return { ...total, byMethod: Object.fromEntries(meter) };
}

function add(left: Counts, right: Counts): Counts {
  return {
    calls: left.calls + right.calls,
    reads: left.reads + right.reads,
    writes: left.writes + right.writes,
    deletes: left.deletes + right.deletes,
  };
}
