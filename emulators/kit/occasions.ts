/** When something that was planned happens, counted in the calls that it is meant for. */
export type When = {
  /** The first call that it befalls; 1 is the next. */
  readonly first: number;
  /** After that each one, each second one, and so on. */
  readonly every: number;
  /** How often in all; null: until it is cleared. */
  readonly times: number | null;
};

/** Something that was planned, and what came of it so far. */
export type Planned<What> = {
  readonly what: What;
  readonly when: When;
  /** How often it has happened. */
  readonly fired: number;
  /** How often it will happen yet; null: until it is cleared. */
  readonly left: number | null;
};

/** What is planned to happen at calls. */
export type Occasions<What> = {
  readonly add: (what: What, when: When) => void;
  /** All of it, also what has happened as often as it was to, oldest first. */
  readonly list: () => readonly Planned<What>[];
  /** Forgets what is meant, and says how much that was. */
  readonly clear: (isMeant?: (what: What) => boolean) => number;
  /** Counts one call for all that is meant for it, and says which one happens: of several that are due the oldest. */
  readonly next: (isMeant: (what: What) => boolean) => What | undefined;
};

/** What is over is told of for a while; the oldest goes first. */
const OVER_KEPT_MAX = 100;

type Entry<What> = {
  readonly what: What;
  readonly when: When;
  fired: number;
  /** How many calls it waits yet; due at 0. */
  waits: number;
};

/** Nothing is planned yet. */
export function occasions<What>(): Occasions<What> {
  let entries: readonly Entry<What>[] = [];
  return {
    add: (what, when) => {
      const over = entries.filter(isOver);
      const dropped = new Set(over.slice(0, Math.max(0, over.length - OVER_KEPT_MAX)));
      const entry = { what, when, fired: 0, waits: when.first };
      entries = [...entries.filter((one) => !dropped.has(one)), entry];
    },
    list: () =>
      entries.map(({ what, when, fired }) => ({
        what,
        when,
        fired,
        left: when.times === null ? null : when.times - fired,
      })),
    clear: (isMeant = () => true) => {
      const before = entries.length;
      entries = entries.filter(({ what }) => !isMeant(what));
      return before - entries.length;
    },
    next: (isMeant) => {
      const meant = entries.filter((entry) => !isOver(entry) && isMeant(entry.what));
      for (const entry of meant) {
        entry.waits = Math.max(0, entry.waits - 1);
      }
      const due = meant.find(({ waits }) => waits === 0);
      if (due !== undefined) {
        due.fired += 1;
        due.waits = due.when.every;
      }
      return due?.what;
    },
  };
}

function isOver<What>({ when, fired }: Entry<What>): boolean {
  return when.times !== null && fired >= when.times;
}
