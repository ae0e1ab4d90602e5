import { closeSync, existsSync, rmSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import type { Path, Row } from "./persistence.ts";
import { openPrivateLog } from "./private-files.ts";

/** The store cannot be read or written; the message says what to do. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}

/** One change of a table. `json` is null where a record is forgotten. */
export type Change = {
  readonly table: string;
  readonly path: Path;
  readonly json: string | null;
};

/** An SQLite file with one table an emulator. Everything is done when the call returns, and nothing by halves. */
export type StoreFile = {
  /** In the order in which they came first. @throws StoreError when one was damaged */
  readonly rows: (table: string) => Iterable<Row>;
  /** Writes changes in order, in one transaction. @throws Error of SQLite */
  readonly write: (changes: readonly Change[]) => void;
  /** Writes all of it to another file, in one turn. @throws Error of SQLite */
  readonly copyTo: (file: string) => void;
  readonly close: () => void;
};

/** Raised whenever what a table holds changes its shape; a file of another version is not read. */
const FORMAT_VERSION = 5;

/**
 * Each commit writes to the log beside the file, and whoever opened the store has that log reach the disk. SQLite
 * itself has it done before it moves the log into the file, so that neither is ever half written.
 * Source: https://www.sqlite.org/wal.html and https://www.sqlite.org/pragma.html#pragma_synchronous
 */
const SETTINGS = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
`;

type StoredRow = readonly [path: string, json: string, sum: number];

type Statements = {
  readonly select: StatementSync;
  readonly upsert: StatementSync;
  readonly remove: StatementSync;
};

/** Opens a file for this process and its owner alone, or `:memory:`. @throws StoreError */
export function openStoreFile(file: string): StoreFile {
  const database = open(file);
  const tables = new Map<string, Statements>();
  function statements(table: string): Statements {
    const known = tables.get(table) ?? prepare(database, table);
    tables.set(table, known);
    return known;
  }
  return {
    rows: (table) => readRows(file, () => statements(table).select),
    write: (changes) => {
      database.exec("BEGIN IMMEDIATE");
      try {
        for (const change of changes) {
          writeChange(statements(change.table), change);
        }
        database.exec("COMMIT");
      } catch (error) {
        if (database.isTransaction) {
          database.exec("ROLLBACK");
        }
        throw error;
      }
    },
    copyTo: (path) => {
      rmSync(path, { force: true });
      // It takes the mode of a file that is there already, and empty.
      closeSync(openPrivateLog(path));
      database.prepare("VACUUM INTO ?").run(path);
    },
    close: () => database.close(),
  };
}

function open(file: string): DatabaseSync {
  const isNew = file === ":memory:" || !existsSync(file);
  try {
    if (file !== ":memory:") {
      // SQLite gives its other files the mode of this one.
      closeSync(openPrivateLog(file));
    }
    const database = new DatabaseSync(file);
    database.exec(SETTINGS);
    const version = isNew ? FORMAT_VERSION : formatVersion(database);
    if (version !== FORMAT_VERSION) {
      throw new StoreError(
        `${file} was written by another version of Slipway (format ${version}, this one has ${FORMAT_VERSION}). ${anew()}`,
      );
    }
    database.exec(`PRAGMA user_version = ${FORMAT_VERSION}`);
    return database;
  } catch (error) {
    throw toStoreError(file, error);
  }
}

function formatVersion(database: DatabaseSync): number {
  const row = database.prepare("PRAGMA user_version").get();
  return Number(row?.["user_version"] ?? 0);
}

function prepare(database: DatabaseSync, table: string): Statements {
  database.exec(`CREATE TABLE IF NOT EXISTS "${table}" (
    place INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, json TEXT NOT NULL, sum INTEGER NOT NULL
  ) STRICT`);
  const select = database.prepare(`SELECT path, json, sum FROM "${table}" ORDER BY place`);
  select.setReturnArrays(true);
  return {
    select,
    upsert: database.prepare(`INSERT INTO "${table}" (path, json, sum) VALUES (?, ?, ?)
      ON CONFLICT (path) DO UPDATE SET json = excluded.json, sum = excluded.sum`),
    remove: database.prepare(`DELETE FROM "${table}" WHERE path = ?`),
  };
}

function writeChange({ upsert, remove }: Statements, { path, json }: Change): void {
  const key = JSON.stringify(path);
  if (json === null) {
    remove.run(key);
  } else {
    upsert.run(key, json, sumOf(key, json));
  }
}

function* readRows(file: string, select: () => StatementSync): Iterable<Row> {
  try {
    for (const row of select().iterate()) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the table is STRICT, and this is what is selected
      const [key, json, sum] = row as unknown as StoredRow;
      if (sumOf(key, json) !== sum) {
        throw new StoreError(
          `${file} is damaged: the record ${key} is not as it was written. ${anew()}`,
        );
      }
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the sum says that it is as it was written
      yield { path: JSON.parse(key) as Path, value: JSON.parse(json) };
    }
  } catch (error) {
    throw toStoreError(file, error);
  }
}

/** What SQLite checks are its pages' structure, not what is in them. */
function sumOf(key: string, json: string): number {
  return crc32(`${key}${json}`);
}

function toStoreError(file: string, error: unknown): StoreError {
  if (error instanceof StoreError) {
    return error;
  }
  const reason = error instanceof Error ? error.message : String(error);
  const isTaken = reason.includes("database is locked");
  return new StoreError(
    isTaken
      ? `${file} is in use by another local cloud. End that one, or start this one in another folder.`
      : `${file} cannot be read: ${reason}. ${anew()}`,
    { cause: error },
  );
}

function anew(): string {
  return "Nothing was changed. Copy the folder away if you need it, and remove it to begin anew.";
}
