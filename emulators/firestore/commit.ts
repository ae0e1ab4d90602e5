import { googleError } from "../kit/google-error.ts";
import { documentBytes } from "./document-limits.ts";
import { type Change, type Document, type Documents, LATEST, readDocument } from "./documents.ts";
import { type Engine, store } from "./engine.ts";
import { checkIndexEntries } from "./fields.ts";
import { contention, lock, newOwner, release } from "./locks.ts";
import { checkDatabase } from "./resource-name.ts";
import { toTimestampText } from "./timestamp.ts";
import { during, end, find } from "./transactions.ts";
import type { Value } from "./value.ts";
import { applyWrite, targetOf, type Write } from "./write.ts";

/**
 * The largest request, in bytes.
 * Source: https://cloud.google.com/firestore/quotas
 */
const REQUEST_BYTES_MAX = 10 * 1024 * 1024;

/** What a write answers. */
export type WriteResult = {
  readonly updateTime?: string;
  readonly transformResults?: readonly Value[];
};

/** What a commit did. */
export type Committed = { readonly time: number; readonly results: readonly WriteResult[] };

/** The writes of a commit, each with the name of its document. */
type Targeted = readonly { readonly name: string; readonly write: Write }[];

/**
 * Commits writes all together or not at all, in a transaction (which that ends) or without one.
 * It waits for locks that others hold on the documents.
 * @throws GoogleError INVALID_ARGUMENT, ALREADY_EXISTS, NOT_FOUND or FAILED_PRECONDITION as the
 * writes are refused; ABORTED when the locks cannot be had.
 */
export async function commit(
  engine: Engine,
  request: {
    readonly database?: string;
    readonly writes?: readonly Write[];
    readonly transaction?: string;
  },
  signal: AbortSignal,
): Promise<Committed> {
  const database = checkDatabase(request.database);
  const { transaction: id = "", writes = [] } = request;
  checkRequestSize(writes);
  const transaction = id === "" ? null : find(engine, id);
  const owner = transaction ?? newOwner(engine.nextAge());
  const isReadOnly = transaction !== null && transaction.snapshot !== null;
  try {
    const targeted = target(writes, database, isReadOnly);
    const documents = targeted.map(({ name }) => name);
    const locking = {
      want: () => ({ documents, changes: () => possibleChanges(engine.documents, targeted) }),
      // The writes happen in the moment in which their locks are taken, so no read comes in between.
      whenHeld: () => storeWrites(engine, targeted),
      signal,
    };
    return await (transaction === null
      ? lock(engine, owner, locking)
      : during(engine, transaction, () => lock(engine, owner, locking)));
  } finally {
    if (transaction === null) {
      release(engine.locks, owner, contention());
    } else {
      end(engine, transaction);
    }
  }
}

function target(writes: readonly Write[], database: string, isReadOnly: boolean): Targeted {
  if (isReadOnly && writes.length > 0) {
    throw googleError("INVALID_ARGUMENT", "Cannot modify entities in a read-only transaction.");
  }
  return writes.map((write) => ({ name: targetOf(write, database), write }));
}

/** What the writes would do as things are; writes that would be refused do nothing. */
function possibleChanges(documents: Documents, targeted: Targeted): readonly Change[] {
  try {
    return plan(documents, targeted, 0).changes;
  } catch {
    return [];
  }
}

function storeWrites(engine: Engine, targeted: Targeted): Committed {
  const time = engine.timeline.commitTime();
  const { changes, results } = plan(engine.documents, targeted, time);
  for (const { after } of changes) {
    if (after !== null) {
      checkIndexEntries(engine.admin, after);
    }
  }
  store(engine, changes, time);
  const deletes = targeted.filter(({ write }) => write.delete !== undefined).length;
  engine.usage.writes += targeted.length - deletes;
  engine.usage.deletes += deletes;
  return { time, results };
}

/** What writes come to, one after the other, each seeing what those before it did. */
function plan(
  documents: Documents,
  targeted: Targeted,
  time: number,
): { readonly changes: readonly Change[]; readonly results: readonly WriteResult[] } {
  const befores = new Map<string, Document | null>();
  const afters = new Map<string, Document | null>();
  const results = targeted.map(({ name, write }) => {
    const before = readDocument(documents, name, LATEST);
    const current = afters.get(name);
    const from = { name, current: current === undefined ? before : current };
    const { document, transformResults } = applyWrite(from, write, time);
    befores.set(name, before);
    afters.set(name, document);
    const updateTime =
      document === null ? {} : { updateTime: toTimestampText(document.updateTime) };
    return { ...updateTime, transformResults };
  });
  const changes = [...afters].map(([name, after]) => ({
    name,
    before: befores.get(name) ?? null,
    after,
  }));
  return { changes: changes.filter(({ before, after }) => before !== after), results };
}

/** A document that is too large is refused as such, so only many together can be too much. */
function checkRequestSize(writes: readonly Write[]): void {
  const updates = writes.flatMap(({ update }) => (update === undefined ? [] : [update]));
  let bytes = 0;
  for (const { name = "", fields = {} } of updates) {
    bytes += documentBytes(name, fields);
    if (bytes > REQUEST_BYTES_MAX) {
      throw googleError(
        "INVALID_ARGUMENT",
        `Request payload size exceeds the limit: ${REQUEST_BYTES_MAX} bytes.`,
      );
    }
  }
}
