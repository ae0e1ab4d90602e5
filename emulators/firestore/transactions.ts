import { type GoogleError, googleError } from "../kit/google-error.ts";
import type { Engine } from "./engine.ts";
import {
  acquire,
  findDeadlocked,
  type LockRequest,
  newOwner,
  type Owner,
  release,
} from "./locks.ts";
import type { Transaction } from "./transaction.ts";
import { toMicros } from "./timestamp.ts";
import { checkReadTime } from "./read-time.ts";

/**
 * How a transaction is to begin.
 * Source: https://firebase.google.com/docs/firestore/reference/rest/v1/TransactionOptions
 */
export type TransactionOptions = {
  readonly readOnly?: { readonly readTime?: string };
  readonly readWrite?: { readonly retryTransaction?: string };
};

/**
 * How long a transaction may take.
 * Source: https://cloud.google.com/firestore/quotas
 */
const TRANSACTION_MS_MAX = 270_000;

/**
 * How long a transaction may do nothing.
 * Source: https://cloud.google.com/firestore/quotas
 */
const TRANSACTION_IDLE_MS_MAX = 60_000;

/** How long a call waits for locks; the service's limit is not documented. */
const LOCK_WAIT_MS_MAX = 30_000;

const ID_BYTES = 16;

/**
 * Begins a transaction. One that retries another has the age of the other, which is ended.
 * @throws GoogleError INVALID_ARGUMENT for an id that nobody gave out and a read time that is wrong.
 */
export function begin(
  engine: Engine,
  options: TransactionOptions,
  connection: AbortSignal,
): Transaction {
  const previous = options.readWrite?.retryTransaction;
  const unique = engine.nextAge();
  const age = previous === undefined || previous === "" ? unique : ageOf(engine, previous);
  const abandoned = engine.transactions.get(previous ?? "");
  if (abandoned !== undefined) {
    end(engine, abandoned);
  }
  const transaction: Transaction = {
    id: toId(age, unique),
    owner: newOwner(age),
    snapshot: options.readOnly === undefined ? null : snapshotTime(engine, options.readOnly),
    startMs: engine.clock.now(),
    isAborted: false,
    calls: 0,
    timer: null,
    stayAfterConnection: () => connection.removeEventListener("abort", onGone),
  };
  function onGone(): void {
    end(engine, transaction);
  }
  engine.transactions.set(transaction.id, transaction);
  arm(engine, transaction);
  connection.addEventListener("abort", onGone);
  return transaction;
}

/**
 * The transaction of an id.
 * @throws GoogleError INVALID_ARGUMENT when it is over or never was, ABORTED when it was given up for
 * others.
 */
export function find(engine: Engine, id: string): Transaction {
  ageOf(engine, id);
  const transaction = engine.transactions.get(id);
  if (transaction === undefined) {
    throw expired();
  }
  checkNotAborted(transaction);
  return transaction;
}

/** Ends a transaction if it is under way: nothing more can be done in it and its locks are free. */
export function rollback(engine: Engine, id: string): void {
  ageOf(engine, id);
  const transaction = engine.transactions.get(id);
  if (transaction !== undefined) {
    end(engine, transaction);
  }
}

/** Ends a transaction and frees its locks. */
export function end(engine: Engine, transaction: Transaction): void {
  transaction.timer?.cancel();
  transaction.stayAfterConnection();
  engine.transactions.delete(transaction.id);
  free(engine, transaction.owner, expired());
}

/** Does something in a transaction, which is not idle meanwhile. */
export async function during<T>(
  engine: Engine,
  transaction: Transaction,
  run: () => Promise<T>,
): Promise<T> {
  transaction.calls += 1;
  arm(engine, transaction);
  try {
    return await run();
  } finally {
    transaction.calls -= 1;
    arm(engine, transaction);
  }
}

/**
 * Waits until an owner holds what it wants, and does something in that moment.
 * @throws GoogleError ABORTED when that takes too long or others could not go on otherwise, CANCELLED
 * when the caller has gone, and what `whenHeld` throws.
 */
export async function lock<T>(
  engine: Engine,
  owner: Owner,
  { want, whenHeld, signal }: LockRequest<T> & { readonly signal: AbortSignal },
): Promise<T> {
  const acquisition = acquire(engine.locks, owner, { want, whenHeld });
  const timer = engine.clock.at(engine.clock.now() + LOCK_WAIT_MS_MAX, () => {
    acquisition.giveUp(contention());
    breakDeadlocks(engine);
  });
  function onGone(): void {
    acquisition.giveUp(googleError("CANCELLED", "The caller has gone."));
  }
  signal.addEventListener("abort", onGone);
  breakDeadlocks(engine);
  try {
    return await acquisition.done;
  } finally {
    timer.cancel();
    signal.removeEventListener("abort", onGone);
  }
}

/** Frees an owner's locks and stops its waiting for this reason. */
export function free(engine: Engine, owner: Owner, reason: GoogleError): void {
  release(engine.locks, owner, reason);
  breakDeadlocks(engine);
}

/**
 * The refusal of a call that would have to wait too long.
 * Source: https://cloud.google.com/firestore/docs/transaction-data-contention
 */
export function contention(): GoogleError {
  return googleError("ABORTED", "Too much contention on these documents. Please try again.");
}

/** Clients begin anew when they see these words, although the code is not one to retry. */
function expired(): GoogleError {
  return googleError(
    "INVALID_ARGUMENT",
    "The referenced transaction has expired or is no longer valid.",
  );
}

function breakDeadlocks(engine: Engine): void {
  for (let owner = findDeadlocked(engine.locks); owner !== null;) {
    const transaction = [...engine.transactions.values()].find((one) => one.owner === owner);
    if (transaction !== undefined) {
      transaction.isAborted = true;
    }
    release(engine.locks, owner, contention());
    owner = findDeadlocked(engine.locks);
  }
}

function checkNotAborted(transaction: Transaction): void {
  if (transaction.isAborted) {
    throw contention();
  }
}

function arm(engine: Engine, transaction: Transaction): void {
  transaction.timer?.cancel();
  if (!engine.transactions.has(transaction.id)) {
    return;
  }
  const untilMs = transaction.startMs + TRANSACTION_MS_MAX;
  const idleUntilMs = engine.clock.now() + TRANSACTION_IDLE_MS_MAX;
  const dueMs = transaction.calls > 0 ? untilMs : Math.min(untilMs, idleUntilMs);
  transaction.timer = engine.clock.at(dueMs, () => end(engine, transaction));
}

function snapshotTime(engine: Engine, { readTime }: { readonly readTime?: string }): number {
  return readTime === undefined
    ? engine.timeline.readTime()
    : checkReadTime(engine, toMicros(readTime));
}

/** An id carries the age, so that a retry can be as old as the first attempt when that is forgotten. */
function toId(age: number, unique: number): string {
  const bytes = Buffer.alloc(ID_BYTES);
  bytes.writeBigUInt64BE(BigInt(age), 0);
  bytes.writeBigUInt64BE(BigInt(unique), 8);
  return bytes.toString("base64");
}

function ageOf(engine: Engine, id: string): number {
  const bytes = Buffer.from(id, "base64");
  const now = BigInt(engine.nextAge());
  const isOurs =
    bytes.length === ID_BYTES && bytes.readBigUInt64BE(0) < now && bytes.readBigUInt64BE(8) < now;
  if (!isOurs) {
    throw googleError("INVALID_ARGUMENT", "Invalid transaction.");
  }
  return Number(bytes.readBigUInt64BE(0));
}
