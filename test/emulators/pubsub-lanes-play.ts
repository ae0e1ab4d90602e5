import {
  acknowledgeEntry,
  addEntry,
  emptyLanes,
  endWaits,
  type Entry,
  type Lanes,
  leaseEntry,
  newHolder,
  removeEntry,
  takeBack,
  takeNext,
} from "../../emulators/pubsub/lanes.ts";

/** One thing that befalls a subscription. `which` chooses among the messages that are out. */
export type Move =
  | { readonly kind: "publish"; readonly key: string }
  | { readonly kind: "take"; readonly holder: number }
  | { readonly kind: "acknowledge"; readonly which: number }
  | { readonly kind: "take back"; readonly which: number; readonly waits: boolean }
  | { readonly kind: "remove"; readonly which: number }
  | { readonly kind: "wait" };

type Play = {
  readonly lanes: Lanes;
  readonly holders: readonly ReturnType<typeof newHolder>[];
  readonly wrongs: string[];
  /** The number that each key has to give next, at most; less after something was taken back. */
  readonly newest: Map<string, number>;
  nowMs: number;
  published: number;
};

const DEADLINE_MS = 1_000;

/** Plays moves, then takes and acknowledges all that is left. Says what was wrong, and what nobody could get. */
export function runPlay(moves: readonly Move[]): {
  readonly wrongs: readonly string[];
  readonly left: readonly string[];
} {
  const play: Play = {
    lanes: emptyLanes(new Map(), () => true),
    holders: [newHolder(false), newHolder(false), newHolder(true)],
    wrongs: [],
    newest: new Map(),
    nowMs: 0,
    published: 0,
  };
  for (const move of moves) {
    make(play, move);
    check(play);
  }
  const { lanes } = play;
  for (let round = 0; round <= 2 * play.published && lanes.entries.size > 0; round += 1) {
    make(play, { kind: "wait" });
    [0, 1, 2].forEach((holder) => make(play, { kind: "take", holder }));
    outOf(play).forEach((entry) => acknowledgeEntry(lanes, entry));
    check(play);
  }
  return { wrongs: play.wrongs, left: [...lanes.entries.keys()] };
}

function make(play: Play, move: Move): void {
  const { lanes } = play;
  switch (move.kind) {
    case "publish": {
      play.published += 1;
      const message = {
        messageId: String(play.published),
        publishedMs: 0,
        data: "",
        attributes: {},
        orderingKey: move.key,
      };
      addEntry(lanes, message, { key: move.key });
      break;
    }
    case "take":
      take(play, move.holder);
      break;
    case "acknowledge":
      chosen(play, move.which, (entry) => acknowledgeEntry(lanes, entry));
      break;
    case "take back":
      chosen(play, move.which, (entry) => {
        takeBack(lanes, entry, play.nowMs + (move.waits ? DEADLINE_MS : 0));
        play.newest.set(entry.lane.key, Number(entry.message.messageId) - 1);
      });
      break;
    case "remove":
      chosen(play, move.which, (entry) => removeEntry(lanes, entry));
      break;
    case "wait":
      play.nowMs += DEADLINE_MS;
      break;
  }
}

function take(play: Play, number: number): void {
  const { lanes, newest, wrongs, nowMs } = play;
  const holder = play.holders[number];
  endWaits(lanes, nowMs);
  const entry = holder === undefined ? null : takeNext(lanes, holder);
  if (holder === undefined || entry === null) {
    return;
  }
  const { key } = entry.lane;
  const id = Number(entry.message.messageId);
  if (key !== "" && id <= (newest.get(key) ?? 0)) {
    wrongs.push(`${id} of ${key} came after ${newest.get(key)}`);
  }
  const others = outOf(play).filter(({ lane }) => lane === entry.lane);
  if (others.some(({ lease }) => lease?.holder !== holder || holder.isSerial)) {
    wrongs.push(`${id} of ${key} went out although somebody has one of the key`);
  }
  if (lanes.entries.get(entry.message.messageId) !== entry) {
    wrongs.push(`${id} of ${key} went out although it has left`);
  }
  const skipped = [...lanes.entries.values()].filter(
    (one) => one.lane === entry.lane && Number(one.message.messageId) < id,
  );
  if (skipped.some((one) => one.lease === null && !one.isAcknowledged)) {
    wrongs.push(`${id} of ${key} went out before one that nobody has`);
  }
  newest.set(key, id);
  leaseEntry(lanes, entry, { holder, deadlineMs: nowMs + DEADLINE_MS });
}

function chosen(play: Play, which: number, act: (entry: Entry) => unknown): void {
  const out = outOf(play);
  const entry = out[which % Math.max(out.length, 1)];
  if (entry !== undefined) {
    act(entry);
  }
}

function outOf({ lanes }: Play): readonly Entry[] {
  return [...lanes.entries.values()].filter(({ lease }) => lease !== null);
}

/** What is counted is what is so. */
function check(play: Play): void {
  play.holders.forEach((holder, index) => {
    const count = outOf(play).filter(({ lease }) => lease?.holder === holder).length;
    if (count !== holder.messages) {
      play.wrongs.push(`holder ${index} has ${count} messages and counts ${holder.messages}`);
    }
  });
}
