import type { Clock } from "../kit/clock.ts";
import { googleError } from "../kit/google-error.ts";
import type { Persistence, Row, Table } from "../kit/persistence.ts";
import {
  allDocuments,
  applyChanges,
  type Change,
  type Document,
  type Documents,
  emptyDocuments,
  forgetAll,
  HISTORY_MICROS,
} from "./documents.ts";
import { type Admin, openAdmin } from "./admin.ts";
import { type Locks, noLocks } from "./locks.ts";
import type { Transaction } from "./transactions.ts";

/** Gives out the times of commits and reads, in microseconds since the epoch. */
type Timeline = {
  /** A time later than every commit and read before. */
  readonly commitTime: () => number;
  /** A time not before any commit so far; every later commit is later than it. */
  readonly readTime: () => number;
};

/** Is told of every commit, after it is stored. */
export type Observer = (changes: readonly Change[], time: number) => void;

/** Calls since the start or the last reset, and the documents that they read, wrote and deleted, as the service bills them. */
export type Usage = { calls: number; reads: number; writes: number; deletes: number };

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
  readonly usage: Usage;
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

const NO_USAGE: Readonly<Usage> = { calls: 0, reads: 0, writes: 0, deletes: 0 };

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
    usage: { ...NO_USAGE },
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
  Object.assign(engine.usage, NO_USAGE);
}

/**
 * Checks a time to read at, in microseconds since the epoch.
 * Source: https://firebase.google.com/docs/firestore/reference/rest/v1/projects.databases.documents/batchGet
 * @throws GoogleError INVALID_ARGUMENT when it is to come, FAILED_PRECONDITION when it is more than an
 * hour ago (the code is unconfirmed).
 */
export function checkReadTime(engine: Engine, micros: number): number {
  const now = engine.timeline.readTime();
  if (micros > now) {
    throw googleError("INVALID_ARGUMENT", "The requested 'read_time' cannot be in the future.");
  }
  if (micros < now - HISTORY_MICROS) {
    throw googleError("FAILED_PRECONDITION", "The requested 'read_time' is too old.");
  }
  return micros;
}

/** A timeline that follows a clock, and stays strictly ahead of itself while the clock stands still. */
function timelineFrom(clock: Clock, startMicros: number): Timeline {
  let last = startMicros;
  return {
    commitTime: () => {
      last = Math.max(clock.now() * 1000, last + 1);
      return last;
    },
    readTime: () => {
      last = Math.max(clock.now() * 1000, last);
      return last;
    },
  };
}
