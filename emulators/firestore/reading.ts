import { LATEST } from "./documents.ts";
import type { Engine } from "./engine.ts";
import type { Want } from "./locks.ts";
import { checkReadTime } from "./read-time.ts";
import { toMicros, toTimestampText } from "./timestamp.ts";
import type { Transaction } from "./transaction.ts";
import { begin, during, end, find, lock, type TransactionOptions } from "./transactions.ts";

/** At what point a request reads; nothing means the newest state. */
export type ReadSelector = {
  readonly transaction?: string;
  readonly newTransaction?: TransactionOptions;
  readonly readTime?: string;
};

/** How one request reads. */
export type Reading = {
  /** The time to read at. */
  readonly at: number;
  /** The id of the transaction that this request began, if it did. */
  readonly began: string | null;
  /** Waits for locks where the transaction needs them, and otherwise only looks once at what is wanted. */
  readonly lock: (want: () => Want) => Promise<void>;
  /** The time to answer with: what was read is the state as of it. */
  readonly readTime: () => string;
};

type Caller = {
  readonly engine: Engine;
  readonly signal: AbortSignal;
  readonly connection: AbortSignal;
};

/**
 * Reads at the point that a request asks for. A transaction that the request began is ended when
 * reading fails, since the caller does not learn of it.
 * @throws GoogleError as `begin`, `find` and `lock` do, and what `read` throws.
 */
export async function reading<T>(
  caller: Caller,
  selector: ReadSelector,
  read: (reading: Reading) => Promise<T>,
): Promise<T> {
  const { engine } = caller;
  const { transaction = "", newTransaction, readTime } = selector;
  if (readTime !== undefined) {
    return read(snapshotReading(engine, checkReadTime(engine, toMicros(readTime))));
  }
  if (transaction !== "") {
    return readWithin(caller, find(engine, transaction), (how) => read(how));
  }
  if (newTransaction === undefined) {
    return read(snapshotReading(engine, LATEST));
  }
  const begun = begin(
    engine,
    isEmpty(newTransaction) ? { readOnly: {} } : newTransaction,
    caller.connection,
  );
  try {
    return await readWithin(caller, begun, (how) => read({ ...how, began: begun.id }));
  } catch (error) {
    end(engine, begun);
    throw error;
  }
}

function isEmpty({ readOnly, readWrite }: TransactionOptions): boolean {
  return readOnly === undefined && readWrite === undefined;
}

async function readWithin<T>(
  { engine, signal }: Caller,
  transaction: Transaction,
  read: (reading: Reading) => Promise<T>,
): Promise<T> {
  const { snapshot, owner } = transaction;
  if (snapshot !== null) {
    return during(engine, transaction, () => read(snapshotReading(engine, snapshot)));
  }
  return during(engine, transaction, () =>
    read({
      ...snapshotReading(engine, LATEST),
      lock: (want) => lock(engine, owner, { want, whenHeld: () => undefined, signal }),
    }),
  );
}

function snapshotReading(engine: Engine, at: number): Reading {
  return {
    at,
    began: null,
    lock: async (want) => void want(),
    readTime: () => toTimestampText(at === LATEST ? engine.timeline.readTime() : at),
  };
}
