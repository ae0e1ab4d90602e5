import type { Clock } from "../kit/clock.ts";
import type { Persistence, Row, Table } from "../kit/persistence.ts";
import {
  allDocuments,
  applyChanges,
  type Change,
  type Document,
  type Documents,
  emptyDocuments,
  forgetAll,
} from "./documents.ts";
import { type Admin, openAdmin } from "./admin.ts";
import { type Locks, noLocks } from "./locks.ts";
import { type Timeline, timelineFrom } from "./timeline.ts";
import type { Transaction } from "./transaction.ts";
import { count, type UsageMeter } from "./usage.ts";

/** Is told of every commit, after it is stored. */
export type Observer = (changes: readonly Change[], time: number) => void;

/** The state of the emulator: everything that its operations work on. */
export type Engine = {
  readonly clock: Clock;
  readonly timeline: Timeline;
  readonly documents: Documents;
  readonly locks: Locks;
  /** Those that are under way, by id. */
  readonly transactions: Map<string, Transaction>;
  /** Numbers that only grow, also across restarts: the ages of transactions. */
  readonly nextAge: () => number;
  readonly observers: Set<Observer>;
  readonly usage: UsageMeter;
  /** Databases and indexes. */
  readonly admin: Admin;
  /** Where the documents are kept as they are, without their past; undefined keeps them nowhere. */
  readonly table: Table | undefined;
};

/** The name under which the documents are kept. */
const STATE_NAME = "firestore";
/** Where the time of the newest commit is kept, and where the documents are, by name. */
const TIME = ["time"];
const DOCUMENTS = "documents";

/** An engine with the documents that were kept, if any. */
export function createEngine(clock: Clock, persistence: Persistence | undefined): Engine {
  const documents = emptyDocuments();
  let time = 0;
  const table = persistence?.table(STATE_NAME, () => rowsOf(documents));
  for (const { path, value } of table?.rows() ?? []) {
    if (path.length === TIME.length) {
      time = Number(value);
    } else {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is what `store` handed over
      const after = value as Document;
      const { name, updateTime } = after;
      applyChanges(documents, [{ name, before: null, after }], updateTime);
    }
  }
  documents.changed = Math.max(documents.changed, time);
  // Whoever has something from before a start with nothing was told by another run.
  documents.knownSince = time === 0 ? clock.now() * 1000 : time;
  const engine: Engine = {
    clock,
    timeline: timelineFrom(clock, time),
    documents,
    table,
    locks: noLocks(),
    transactions: new Map(),
    nextAge: timelineFrom(clock, 0).commitTime,
    observers: new Set(),
    usage: new Map(),
    admin: openAdmin(persistence, (prefix) => clear(engine, prefix)),
  };
  return engine;
}

/** The documents as they are, after the time of the newest commit: what is deleted by then is not there any more. */
function* rowsOf(documents: Documents): Iterable<Row> {
  const all = allDocuments(documents);
  yield {
    path: TIME,
    value: Math.max(documents.changed, documents.knownSince),
  };
  for (const { name, fields, createTime, updateTime } of all) {
    yield { path: [DOCUMENTS, name], value: { name, fields, createTime, updateTime } };
  }
}

/** Stores a commit's changes and tells everybody who listens. */
export function store(engine: Engine, changes: readonly Change[], time: number): void {
  if (changes.length === 0) {
    return;
  }
  applyChanges(engine.documents, changes, time);
  engine.table?.set(TIME, time);
  for (const { name, after } of changes) {
    if (after === null) {
      engine.table?.delete([DOCUMENTS, name]);
    } else {
      engine.table?.set([DOCUMENTS, name], after);
    }
  }
  for (const observer of engine.observers) {
    observer(changes, time);
  }
}

/**
 * Deletes the documents under a prefix of their names at once, without regard to locks: what clearing
 * an emulator means.
 */
export function clear(engine: Engine, prefix: string): void {
  const doomed = allDocuments(engine.documents).filter(({ name }) => name.startsWith(prefix));
  const changes = doomed.map((document) => ({
    name: document.name,
    before: document,
    after: null,
  }));
  store(engine, changes, engine.timeline.commitTime());
}

/** Deletes everything, forgets the past and starts counting anew. */
export function reset(engine: Engine): void {
  clear(engine, "");
  forgetAll(engine.documents, engine.timeline.readTime());
  engine.usage.clear();
}

/** Counts reads for a method. */
export function countReads(engine: Engine, method: string, reads: number): void {
  count(engine.usage, method, { reads });
}
