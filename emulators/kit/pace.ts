import type { Clock, Timer } from "./clock.ts";

/** What moves an emulator on with its clock. */
export type Pace = {
  /** Brings everything up to now. */
  readonly settle: () => void;
  /** Wakes up when something is due next. For whoever has changed something. */
  readonly changed: () => void;
  /** Both. */
  readonly advance: () => void;
  /** Wakes up no more. */
  readonly stop: () => void;
};

/** Something that happens at a time. */
export type Due = { readonly atMs: number; readonly happen: () => void };

/**
 * Lets what takes time end by itself, where each thing that is to happen is known by itself: they happen in the order
 * of time, those of the same time in the order given. What has happened is not due any more.
 */
export function keepDues(clock: Clock, dues: () => Iterable<Due>): Pace {
  let timer: Timer | undefined;
  function next(): Due | null {
    let first: Due | null = null;
    for (const due of dues()) {
      if (first === null || due.atMs < first.atMs) {
        first = due;
      }
    }
    return first;
  }
  function settle(): void {
    const nowMs = clock.now();
    for (let due = next(); due !== null && due.atMs <= nowMs; due = next()) {
      due.happen();
    }
  }
  function changed(): void {
    timer?.cancel();
    const due = next();
    timer = due === null ? undefined : clock.at(due.atMs, advance);
  }
  function advance(): void {
    settle();
    changed();
  }
  return { settle, changed, advance, stop: () => timer?.cancel() };
}

/** Durations by name, each asked for when it is needed: whoever runs the emulator may change its pace. */
export function durationsOf<Name extends string>(
  options: { readonly [name in NoInfer<Name>]?: number | undefined },
  defaults: Readonly<Record<Name, number>>,
): Readonly<Record<Name, number>> {
  return new Proxy(defaults, {
    get: (_target, name: Name) => options[name] ?? defaults[name],
  });
}
