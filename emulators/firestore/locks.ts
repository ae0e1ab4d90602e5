import { type GoogleError, googleError } from "../kit/google-error.ts";
import type { Change } from "./documents.ts";
import type { Engine } from "./engine.ts";
import { isAffected, queriesOverlap, type Query } from "./query.ts";

/** Who holds locks or waits for them: a transaction, or one commit without a transaction. */
export type Owner = {
  /** Smaller is older. A retried transaction keeps the age of its first attempt. */
  readonly age: number;
  readonly documents: Set<string>;
  readonly queries: Query[];
  /** Given up for others, and perhaps not told so yet. */
  isAborted: boolean;
};

/** What an owner asks for, all at once or not at all. */
export type Want = {
  /** Names of documents to have alone. */
  readonly documents: readonly string[];
  /** Everything that would match it, which nobody else may change. */
  readonly query?: Query;
  /** What is about to be written; called only when somebody holds a query. */
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
  /** Those who hold queries. */
  readonly queriers: Set<Owner>;
  readonly waiters: Waiter[];
};

/** What is asked for, and what to do when it is held. */
export type LockRequest<T> = {
  readonly want: () => Want;
  /** Called in the moment in which the locks are taken, before anybody else can take or see anything. */
  readonly whenHeld: () => T;
  /** Aborted when the caller has gone. */
  readonly signal: AbortSignal;
};

/** How long a call waits for locks; the service's limit is not documented. */
const LOCK_WAIT_MS_MAX = 30_000;

/** No locks. */
export function noLocks(): Locks {
  return { holders: new Map(), queriers: new Set(), waiters: [] };
}

/** Somebody who holds nothing yet. */
export function newOwner(age: number): Owner {
  return { age, documents: new Set(), queries: [], isAborted: false };
}

/**
 * Takes all locks wanted as soon as nobody else holds any of them, and does something in that moment. The oldest waits
 * at the front; who holds nothing also waits behind older ones who want the same, so nobody starves.
 * @throws GoogleError ABORTED when that takes too long or others could not go on otherwise, CANCELLED
 * when the caller has gone, and what `whenHeld` throws.
 */
export async function lock<T>(
  { locks, clock }: Engine,
  owner: Owner,
  { want, whenHeld, signal }: LockRequest<T>,
): Promise<T> {
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
  settle(locks);
  function giveUp(error: GoogleError): void {
    if (leave(locks, waiter)) {
      reject(error);
      settle(locks);
    }
  }
  function onGone(): void {
    giveUp(googleError("CANCELLED", "The caller has gone."));
  }
  const timer = clock.at(clock.now() + LOCK_WAIT_MS_MAX, () => giveUp(contention()));
  signal.addEventListener("abort", onGone);
  try {
    return await promise;
  } finally {
    timer.cancel();
    signal.removeEventListener("abort", onGone);
  }
}

/** Gives back everything that an owner holds and stops its waiting, then serves those who waited. */
export function release(locks: Locks, owner: Owner, reason: GoogleError): void {
  giveBack(locks, owner, reason);
  settle(locks);
}

/**
 * The refusal of a call that would have to wait too long.
 * Source: https://cloud.google.com/firestore/docs/transaction-data-contention
 */
export function contention(): GoogleError {
  return googleError("ABORTED", "Too much contention on these documents. Please try again.");
}

/** Serves who can be served, and gives up who must be for others to go on. */
function settle(locks: Locks): void {
  grantWaiting(locks);
  for (let owner = findDeadlocked(locks); owner !== undefined; owner = findDeadlocked(locks)) {
    owner.isAborted = true;
    giveBack(locks, owner, contention());
    grantWaiting(locks);
  }
}

function giveBack(locks: Locks, owner: Owner, reason: GoogleError): void {
  for (const name of owner.documents) {
    locks.holders.delete(name);
  }
  owner.documents.clear();
  owner.queries.length = 0;
  locks.queriers.delete(owner);
  for (const waiter of locks.waiters.filter((one) => one.owner === owner)) {
    leave(locks, waiter);
    waiter.reject(reason);
  }
}

/** Takes a waiter out of the line; false when it stands there no more. */
function leave({ waiters }: Locks, waiter: Waiter): boolean {
  const place = waiters.indexOf(waiter);
  return place !== -1 && waiters.splice(place, 1).length > 0;
}

/**
 * The youngest of those who wait for each other in a circle; undefined when there is no circle. Who waits for nobody that
 * waits, or is waited for by nobody, is in none: what is left when they are taken away, one after the other, is circles.
 */
function findDeadlocked(locks: Locks): Owner | undefined {
  let left = locks.waiters.map(({ owner, asked }) => ({
    owner,
    blockers: blockersOf(locks, owner, asked),
  }));
  for (let before = Number.POSITIVE_INFINITY; left.length < before;) {
    before = left.length;
    const waiting = new Set(left.map(({ owner }) => owner));
    const blocking = new Set(left.flatMap(({ blockers }) => blockers));
    left = left.filter(
      ({ owner, blockers }) => blocking.has(owner) && blockers.some((one) => waiting.has(one)),
    );
  }
  return left.map(({ owner }) => owner).toSorted((one, other) => other.age - one.age)[0];
}

function grantWaiting(locks: Locks): void {
  const older: Waiter[] = [];
  for (const waiter of locks.waiters.slice()) {
    waiter.asked = waiter.want();
    if (canHave(locks, waiter, older)) {
      leave(locks, waiter);
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
  const holdsNothing = owner.documents.size === 0 && owner.queries.length === 0;
  const others = older.filter((waiter) => waiter.owner !== owner);
  return !holdsNothing || !others.some((waiter) => conflict(asked, waiter.asked));
}

function take(locks: Locks, { owner, asked, onHeld }: Waiter): void {
  for (const name of asked.documents) {
    locks.holders.set(name, owner);
    owner.documents.add(name);
  }
  if (asked.query !== undefined) {
    owner.queries.push(asked.query);
    locks.queriers.add(owner);
  }
  onHeld();
}

function blockersOf(locks: Locks, owner: Owner, want: Want): readonly Owner[] {
  const holders = want.documents.flatMap((name) => locks.holders.get(name) ?? []);
  const queriers = [...locks.queriers].filter(
    (one) => one !== owner && one.queries.some((query) => touches(want, query)),
  );
  return [...new Set([...holders.filter((one) => one !== owner), ...queriers])];
}

function conflict(left: Want, right: Want): boolean {
  return (
    left.documents.some((name) => right.documents.includes(name)) ||
    (right.query !== undefined && touches(left, right.query)) ||
    (left.query !== undefined && touches(right, left.query))
  );
}

/** Whether something wanted may be among a query's results, or may take its place among them. */
function touches({ query: other, changes }: Want, query: Query): boolean {
  return (
    (other !== undefined && queriesOverlap(other, query)) ||
    (changes?.().some((change) => isAffected(query, change)) ?? false)
  );
}
