import type { GoogleError } from "../kit/google-error.ts";
import type { Change } from "./documents.ts";
import { type LockedRange, rangesOverlap, rangeTouches } from "./locked-range.ts";

/** Who holds locks or waits for them: a transaction, or one commit without a transaction. */
export type Owner = {
  /** Smaller is older. A retried transaction keeps the age of its first attempt. */
  readonly age: number;
  readonly documents: Set<string>;
  readonly ranges: LockedRange[];
};

/** What an owner asks for, all at once or not at all. */
export type Want = {
  /** Names of documents to have alone. */
  readonly documents: readonly string[];
  /** The part of a collection, as a query sees it, that nobody else may change. */
  readonly range?: LockedRange;
  /** What is about to be written; called only when somebody holds a range. */
  readonly changes?: () => readonly Change[];
};

type Waiter = {
  readonly owner: Owner;
  /** Asked anew each time, since what is wanted may depend on what is stored. */
  readonly want: () => Want;
  readonly onHeld: () => void;
  readonly reject: (error: GoogleError) => void;
  /** What it wanted when last asked. */
  asked: Want;
};

/** Who holds what, and who waits, oldest first. */
export type Locks = {
  readonly holders: Map<string, Owner>;
  readonly rangeHolders: Set<Owner>;
  readonly waiters: Waiter[];
};

/** What is asked for, and what to do when it is held. */
export type LockRequest<T> = {
  readonly want: () => Want;
  /** Called in the moment in which the locks are taken, before anybody else can take or see anything. */
  readonly whenHeld: () => T;
};

/** A request for locks that may still wait. */
export type Acquisition<T> = {
  /** What was done when everything was held; rejects when it was given up. */
  readonly done: Promise<T>;
  /** Gives up waiting; does nothing once the locks are held. */
  readonly giveUp: (error: GoogleError) => void;
};

/** No locks. */
export function noLocks(): Locks {
  return { holders: new Map(), rangeHolders: new Set(), waiters: [] };
}

/** Somebody who holds nothing yet. */
export function newOwner(age: number): Owner {
  return { age, documents: new Set(), ranges: [] };
}

/**
 * Takes all locks wanted as soon as nobody else holds any of them. The oldest waits at the front;
 * who holds nothing also waits behind older ones who want the same, so nobody starves.
 */
export function acquire<T>(
  locks: Locks,
  owner: Owner,
  { want, whenHeld }: LockRequest<T>,
): Acquisition<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  function onHeld(): void {
    try {
      resolve(whenHeld());
    } catch (error) {
      reject(error);
    }
  }
  const waiter: Waiter = { owner, want, onHeld, reject, asked: { documents: [] } };
  const place = locks.waiters.findIndex((other) => other.owner.age > owner.age);
  locks.waiters.splice(place === -1 ? locks.waiters.length : place, 0, waiter);
  grantWaiting(locks);
  return {
    done: promise,
    giveUp: (error) => {
      if (locks.waiters.includes(waiter)) {
        locks.waiters.splice(locks.waiters.indexOf(waiter), 1);
        reject(error);
        grantWaiting(locks);
      }
    },
  };
}

/** Gives back everything that an owner holds and stops its waiting, then serves those who waited. */
export function release(locks: Locks, owner: Owner, reason: GoogleError): void {
  for (const name of owner.documents) {
    locks.holders.delete(name);
  }
  owner.documents.clear();
  owner.ranges.length = 0;
  locks.rangeHolders.delete(owner);
  for (const waiter of locks.waiters.filter((one) => one.owner === owner)) {
    locks.waiters.splice(locks.waiters.indexOf(waiter), 1);
    waiter.reject(reason);
  }
  grantWaiting(locks);
}

/**
 * An owner to give up so that others can go on: the youngest of some who wait for each other in a
 * circle, or null when there is no circle.
 */
export function findDeadlocked(locks: Locks): Owner | null {
  for (const { owner } of locks.waiters) {
    const circle = findCircle(locks, owner, [owner]);
    if (circle !== null) {
      return circle.reduce((youngest, one) => (one.age > youngest.age ? one : youngest));
    }
  }
  return null;
}

function findCircle(locks: Locks, start: Owner, path: readonly Owner[]): readonly Owner[] | null {
  const last = path.at(-1);
  for (const { owner, asked } of locks.waiters) {
    const next = owner === last ? blockersOf(locks, owner, asked) : [];
    for (const blocker of next) {
      if (blocker === start) {
        return path;
      }
      const circle = path.includes(blocker) ? null : findCircle(locks, start, [...path, blocker]);
      if (circle !== null) {
        return circle;
      }
    }
  }
  return null;
}

function grantWaiting(locks: Locks): void {
  const older: Waiter[] = [];
  for (const waiter of locks.waiters.slice()) {
    waiter.asked = waiter.want();
    if (canHave(locks, waiter, older)) {
      locks.waiters.splice(locks.waiters.indexOf(waiter), 1);
      take(locks, waiter);
    } else {
      older.push(waiter);
    }
  }
}

function canHave(locks: Locks, { owner, asked }: Waiter, older: readonly Waiter[]): boolean {
  if (blockersOf(locks, owner, asked).length > 0) {
    return false;
  }
  // Who holds something goes ahead of older ones, who might be waiting for just that.
  const holdsNothing = owner.documents.size === 0 && owner.ranges.length === 0;
  const others = older.filter((waiter) => waiter.owner !== owner);
  return !holdsNothing || !others.some((waiter) => conflict(asked, waiter.asked));
}

function take(locks: Locks, { owner, asked, onHeld }: Waiter): void {
  for (const name of asked.documents) {
    locks.holders.set(name, owner);
    owner.documents.add(name);
  }
  if (asked.range !== undefined) {
    owner.ranges.push(asked.range);
    locks.rangeHolders.add(owner);
  }
  onHeld();
}

function blockersOf(locks: Locks, owner: Owner, want: Want): readonly Owner[] {
  const blockers = new Set<Owner>();
  for (const name of want.documents) {
    const holder = locks.holders.get(name);
    if (holder !== undefined && holder !== owner) {
      blockers.add(holder);
    }
  }
  for (const holder of locks.rangeHolders) {
    if (holder !== owner && holder.ranges.some((range) => touches(want, range))) {
      blockers.add(holder);
    }
  }
  return [...blockers];
}

function conflict(left: Want, right: Want): boolean {
  return (
    left.documents.some((name) => right.documents.includes(name)) ||
    (right.range !== undefined && touches(left, right.range)) ||
    (left.range !== undefined && touches(right, left.range))
  );
}

function touches(want: Want, range: LockedRange): boolean {
  if (want.range !== undefined && rangesOverlap(want.range, range)) {
    return true;
  }
  return want.changes?.().some((change) => rangeTouches(range, change)) ?? false;
}
