import type { Call } from "../kit/call.ts";
import { type Document, LATEST } from "./documents.ts";
import { checkReadTime, type Engine } from "./engine.ts";
import { parseFieldPath, selectFields } from "./field-path.ts";
import { lock, type Want } from "./locks.ts";
import { NAME_FIELD } from "./query-request.ts";
import { toMicros, toTimestampText } from "./timestamp.ts";
import {
  begin,
  during,
  end,
  find,
  type Transaction,
  type TransactionOptions,
} from "./transactions.ts";
import type { Fields } from "./value.ts";
import type { DocumentMask } from "./write.ts";

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

/**
 * Reads at the point that a request asks for. A transaction that the request began is ended when
 * reading fails, since the caller does not learn of it.
 * @throws GoogleError as `begin`, `find` and `lock` do, and what `read` throws.
 */
export async function reading<T>(
  engine: Engine,
  { call, selector }: { readonly call: Call; readonly selector: ReadSelector },
  read: (reading: Reading) => Promise<T>,
): Promise<T> {
  const { transaction = "", newTransaction } = selector;
  if (transaction !== "") {
    const found = find(engine, transaction);
    return during(engine, found, () => read(readingIn(engine, found, call)));
  }
  if (newTransaction === undefined) {
    return read(snapshotReading(engine, timeOf(engine, selector)));
  }
  const begun = beginReading(engine, newTransaction, call);
  try {
    return await during(engine, begun, () =>
      read({ ...readingIn(engine, begun, call), began: begun.id }),
    );
  } catch (error) {
    end(engine, begun);
    throw error;
  }
}

function timeOf(engine: Engine, { readTime }: ReadSelector): number {
  return readTime === undefined ? LATEST : checkReadTime(engine, toMicros(readTime));
}

function readingIn(engine: Engine, transaction: Transaction, { signal }: Call): Reading {
  if (transaction.snapshot !== null) {
    return snapshotReading(engine, transaction.snapshot);
  }
  return {
    ...snapshotReading(engine, LATEST),
    lock: (want) => lock(engine, transaction, { want, whenHeld: () => undefined, signal }),
  };
}

/** One that a reading begins only reads, unless it says otherwise. */
function beginReading(
  engine: Engine,
  options: TransactionOptions,
  { connection }: Call,
): Transaction {
  const { readOnly, readWrite } = options;
  const isUnsaid = readOnly === undefined && readWrite === undefined;
  return begin(engine, isUnsaid ? { readOnly: {} } : options, connection);
}

function snapshotReading(engine: Engine, at: number): Reading {
  return {
    at,
    began: null,
    lock: async (want) => void want(),
    readTime: () => toTimestampText(at === LATEST ? engine.timeline.readTime() : at),
  };
}

/** A document as answers have it. */
export type WireDocument = {
  readonly name: string;
  readonly fields: Fields;
  readonly createTime: string;
  readonly updateTime: string;
};

/** A document as answers have it, with only the fields of the mask when there is one. */
export function toWire(document: Document, mask?: DocumentMask): WireDocument {
  const { name, fields, createTime, updateTime } = document;
  const paths = mask?.fieldPaths?.filter((path) => path !== NAME_FIELD);
  return {
    name,
    fields: paths === undefined ? fields : selectFields(fields, paths.map(parseFieldPath)),
    createTime: toTimestampText(createTime),
    updateTime: toTimestampText(updateTime),
  };
}
