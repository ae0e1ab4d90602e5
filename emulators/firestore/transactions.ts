import type { Timer } from "../kit/clock.ts";
import { type GoogleError, googleError } from "../kit/google-error.ts";
import { checkReadTime, type Engine } from "./engine.ts";
import { contention, newOwner, type Owner, release } from "./locks.ts";
import { toMicros } from "./timestamp.ts";

/** A transaction that is under way, or that was given up for others and is not yet told so. */
export type Transaction = Owner & {
  readonly id: string;
  /** The time that a read-only transaction reads at; null for one that also writes. */
  readonly snapshot: number | null;
  readonly startMs: number;
  timer: Timer | null;
  /** Called when the transaction is over: the end of its connection does not matter any more. */
  readonly stayAfterConnection: () => void;
};

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
    ...newOwner(age),
    id: toId(age, unique),
    snapshot: options.readOnly === undefined ? null : snapshotTime(engine, options.readOnly),
    startMs: engine.clock.now(),
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
  if (transaction.isAborted) {
    throw contention();
  }
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
  release(engine.locks, transaction, expired());
}

/** Does something in a transaction, which is not idle then: no call waits for as long as a transaction may be idle. */
export async function during<T>(
  engine: Engine,
  transaction: Transaction,
  run: () => Promise<T>,
): Promise<T> {
  arm(engine, transaction);
  try {
    return await run();
  } finally {
    arm(engine, transaction);
  }
}

/** Clients begin anew when they see these words, although the code is not one to retry. */
function expired(): GoogleError {
  return googleError(
    "INVALID_ARGUMENT",
    "The referenced transaction has expired or is no longer valid.",
  );
}

function arm(engine: Engine, transaction: Transaction): void {
  transaction.timer?.cancel();
  if (!engine.transactions.has(transaction.id)) {
    return;
  }
  const idleUntilMs = engine.clock.now() + TRANSACTION_IDLE_MS_MAX;
  const dueMs = Math.min(transaction.startMs + TRANSACTION_MS_MAX, idleUntilMs);
  transaction.timer = engine.clock.at(dueMs, () => end(engine, transaction));
}

function snapshotTime(engine: Engine, { readTime }: { readonly readTime?: string }): number {
  return readTime === undefined
    ? engine.timeline.readTime()
    : checkReadTime(engine, toMicros(readTime));
}

/** An id carries the age, so that a retry can be as old as the first attempt when that is forgotten. */
function toId(age: number, unique: number): string {
  return Buffer.from(`${age} ${unique}`).toString("base64");
}

function ageOf(engine: Engine, id: string): number {
  const [age = 0, unique = 0] = Buffer.from(id, "base64").toString().split(" ").map(Number);
  const isOurs = age > 0 && age <= unique && unique < engine.nextAge();
  if (!isOurs) {
    throw googleError("INVALID_ARGUMENT", "Invalid transaction.");
  }
  return age;
}
