import { createDeadlines, type Deadlines } from "./deadlines.ts";
import { createLine, type Line } from "./line.ts";
import type { Filter } from "./filter.ts";
import { sizeOf, type Message } from "./message.ts";

/** Somebody who takes messages of a subscription. */
export type Holder = {
  /** How much it has that is neither acknowledged nor taken back. */
  messages: number;
  bytes: number;
  /** The lanes of which it has messages, and of which only it may have more. */
  readonly own: Line<Lane>;
  /** Whether it looks among its own lanes first next time, so that neither kind waits for ever. */
  isOwnNext: boolean;
  /** Whether it takes the messages of an ordering key one after the other, as a push does. */
  readonly isSerial: boolean;
  isGone: boolean;
};

/** Who has which message until when. */
export type Lease = {
  readonly entry: Entry;
  readonly ackId: string;
  readonly holder: Holder;
  deadlineMs: number;
};

/** A message of a subscription. */
export type Entry = {
  readonly message: Message;
  readonly bytes: number;
  readonly lane: Lane;
  /** How often it was refused or its deadline passed. */
  failures: number;
  lease: Lease | null;
  /** Acknowledged, which does not count before everything ahead of it in its lane is. */
  isAcknowledged: boolean;
  isRemoved: boolean;
  /** The one behind it in its lane. */
  behind: Entry | null;
};

/** What is delivered in order: the messages of one ordering key, or one message alone. */
export type Lane = {
  /** Empty for a message alone. */
  readonly key: string;
  first: Entry | null;
  last: Entry | null;
  /** The first that is to be given; all behind it are to be given too, and none ahead of it. */
  next: Entry | null;
  /** When `next` may be given; null for now. */
  dueMs: number | null;
  /** How many of its messages somebody has, and who. */
  outstanding: number;
  holder: Holder | null;
  /** Where it stands, if it does. */
  line: Line<Lane> | null;
};

/** What is kept of a message of a subscription. */
export type Kept = Pick<Entry, "message" | "failures"> & { readonly dueMs: number };

/** The messages of a subscription. What happens to one costs the same however many there are. */
export type Lanes = {
  /** Which messages come here. */
  readonly passes: Filter;
  /** What would be lost with this process, by message id. */
  readonly kept: {
    readonly has: (id: string) => boolean;
    readonly set: (id: string, kept: Kept) => void;
    readonly delete: (id: string) => void;
  };
  /** By message id, in the order of publishing. */
  readonly entries: Map<string, Entry>;
  readonly byKey: Map<string, Lane>;
  /** The lanes whose next message anybody may have. */
  readonly ready: Line<Lane>;
  readonly waiting: Deadlines<Lane>;
  readonly leased: Deadlines<Lease>;
  /** No message was published earlier. */
  oldestMs: number;
  /** How many leases there were. */
  leases: number;
};

/** Of a subscription without messages. */
export function emptyLanes(kept: Lanes["kept"], passes: Filter): Lanes {
  return {
    kept,
    passes,
    entries: new Map(),
    byKey: new Map(),
    ready: createLine(),
    waiting: createDeadlines((lane, timeMs) => lane.dueMs === timeMs),
    leased: createDeadlines(
      (lease, timeMs) => lease.entry.lease === lease && lease.deadlineMs === timeMs,
    ),
    oldestMs: Infinity,
    leases: 0,
  };
}

/** Somebody who has nothing yet. */
export function newHolder(isSerial: boolean): Holder {
  return { messages: 0, bytes: 0, own: createLine(), isOwnNext: false, isSerial, isGone: false };
}

/** Adds a message behind those of its key; with the empty key it is alone. */
export function addEntry(
  lanes: Lanes,
  message: Message,
  given: { readonly key: string; readonly failures?: number; readonly dueMs?: number | null },
): void {
  const { key, failures = 0, dueMs = null } = given;
  const lane = lanes.byKey.get(key) ?? newLane(key);
  const entry: Entry = {
    message,
    bytes: sizeOf(message),
    lane,
    failures,
    lease: null,
    isAcknowledged: false,
    isRemoved: false,
    behind: null,
  };
  if (lane.last === null) {
    lane.first = entry;
  } else {
    lane.last.behind = entry;
  }
  lane.last = entry;
  lane.next ??= entry;
  if (key !== "") {
    lanes.byKey.set(key, lane);
  }
  lanes.entries.set(message.messageId, entry);
  if (!lanes.kept.has(message.messageId)) {
    keep(lanes, entry);
  }
  lanes.oldestMs = Math.min(lanes.oldestMs, message.publishedMs);
  if (dueMs === null || lane.first !== entry) {
    standInLine(lanes, lane);
  } else {
    postpone(lanes, lane, dueMs);
  }
}

/** Lets nobody have the next message of a lane before a time. */
function postpone(lanes: Lanes, lane: Lane, dueMs: number): void {
  lane.dueMs = dueMs;
  lane.line?.remove(lane);
  lane.line = null;
  lanes.waiting.add(dueMs, lane);
}

/** Has the lanes whose time has come stand in line again. */
export function endWaits(lanes: Lanes, nowMs: number): void {
  for (let lane = lanes.waiting.takeDue(nowMs); lane; lane = lanes.waiting.takeDue(nowMs)) {
    lane.dueMs = null;
    standInLine(lanes, lane);
  }
}

/** The next message that a holder may have, which is then to be leased; null when there is none. */
export function takeNext(lanes: Lanes, holder: Holder): Entry | null {
  const lines = holder.isOwnNext ? [holder.own, lanes.ready] : [lanes.ready, holder.own];
  holder.isOwnNext = !holder.isOwnNext;
  for (const line of lines) {
    for (let lane = line.take(); lane; lane = line.take()) {
      lane.line = null;
      if (lane.next !== null) {
        return lane.next;
      }
    }
  }
  return null;
}

/** Gives a message, which is the next of its lane, to a holder until a time. */
export function leaseEntry(
  lanes: Lanes,
  entry: Entry,
  { holder, deadlineMs }: Pick<Lease, "holder" | "deadlineMs">,
): Lease {
  const { lane, message } = entry;
  lanes.leases += 1;
  const ackId = Buffer.from(`${message.messageId}:${lanes.leases}`).toString("base64url");
  const lease = { entry, ackId, holder, deadlineMs };
  entry.lease = lease;
  holder.messages += 1;
  holder.bytes += entry.bytes;
  lane.holder = holder;
  lane.outstanding += 1;
  lane.next = entry.behind;
  lanes.leased.add(deadlineMs, lease);
  standInLine(lanes, lane);
  return lease;
}

/** Moves the deadline of a lease. */
export function extendLease(lanes: Lanes, entry: Entry, deadlineMs: number): void {
  if (entry.lease !== null) {
    entry.lease.deadlineMs = deadlineMs;
    lanes.leased.add(deadlineMs, entry.lease);
  }
}

/**
 * Takes a message back, to be given again at a time. So is everything behind it in its lane that was
 * given since, even what was acknowledged.
 * Source: https://cloud.google.com/pubsub/docs/ordering
 */
export function takeBack(lanes: Lanes, entry: Entry, dueMs: number): void {
  const { lane } = entry;
  for (let one: Entry | null = entry; one !== null && one !== lane.next; one = one.behind) {
    one.isAcknowledged = false;
    endLease(one);
  }
  lane.next = entry;
  postpone(lanes, lane, dueMs);
  if (!entry.isRemoved) {
    keep(lanes, entry);
  }
}

/** Acknowledges a message. */
export function acknowledgeEntry(lanes: Lanes, entry: Entry): void {
  entry.isAcknowledged = true;
  leave(lanes, entry);
}

/** Takes a message out. */
export function removeEntry(lanes: Lanes, entry: Entry): void {
  entry.isRemoved = true;
  drop(lanes, entry);
  leave(lanes, entry);
}

/** When something changes here by itself, in milliseconds; Infinity when nothing does. */
export function nextChangeMs(lanes: Lanes): number {
  return Math.min(lanes.waiting.nextMs(), lanes.leased.nextMs());
}

function newLane(key: string): Lane {
  const nothing = { first: null, last: null, next: null, dueMs: null, holder: null, line: null };
  return { key, ...nothing, outstanding: 0 };
}

/** Has a lane with something to give stand where that can be had: with everybody's, or with its holder's. */
function standInLine(lanes: Lanes, lane: Lane): void {
  while (lane.next?.isRemoved === true) {
    lane.next = lane.next.behind;
  }
  const line = lane.outstanding === 0 ? lanes.ready : ownLine(lane.holder);
  if (line !== lane.line && line !== null && lane.next !== null && lane.dueMs === null) {
    lane.line?.remove(lane);
    lane.line = line;
    line.add(lane);
  }
}

function ownLine(holder: Holder | null): Line<Lane> | null {
  return holder === null || holder.isGone || holder.isSerial ? null : holder.own;
}

function endLease(entry: Entry): void {
  const { lease, lane, bytes } = entry;
  if (lease !== null) {
    lease.holder.messages -= 1;
    lease.holder.bytes -= bytes;
    lane.outstanding -= 1;
    entry.lease = null;
  }
}

function keep(lanes: Lanes, { message, failures, lane }: Entry): void {
  lanes.kept.set(message.messageId, { message, failures, dueMs: lane.dueMs ?? 0 });
}

function drop(lanes: Lanes, { message }: Entry): void {
  lanes.entries.delete(message.messageId);
  lanes.kept.delete(message.messageId);
}

/** What is acknowledged or removed leaves its lane as soon as nothing else is ahead of it. */
function leave(lanes: Lanes, entry: Entry): void {
  const { lane } = entry;
  endLease(entry);
  while (lane.first !== null && (lane.first.isAcknowledged || lane.first.isRemoved)) {
    drop(lanes, lane.first);
    lane.first = lane.first.behind;
  }
  if (lane.first === null) {
    lane.last = null;
    lanes.byKey.delete(lane.key);
  }
  standInLine(lanes, lane);
}
