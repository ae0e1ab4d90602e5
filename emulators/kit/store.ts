import { closeSync, fdatasync, openSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { googleError } from "./google-error.ts";
import type { Persistence, Row } from "./persistence.ts";
import { makePrivateFolder, syncFolder } from "./private-files.ts";
import { type Change, openStoreFile, StoreError, type StoreFile } from "./store-file.ts";

/** The file of a folder in which everything is kept. */
export const STATE_FILE_NAME = "state.sqlite";

const toDisk = promisify(fdatasync);

/**
 * Keeps everything in one file of a folder, for its owner alone: there are keys and secrets in it.
 * @throws StoreError when the file is damaged, in use, or of another version; the message says what to do.
 */
export function directoryPersistence(path: string): Persistence {
  makePrivateFolder(path);
  const old = readdirSync(path).find((name) => name.endsWith(".json"));
  if (old !== undefined) {
    throw new StoreError(
      `${join(path, old)} was written by an earlier version of Slipway, which this one cannot read. Remove ${path} to begin anew.`,
    );
  }
  const file = join(path, STATE_FILE_NAME);
  const store = openStoreFile(file);
  syncFolder(path);
  const log = openSync(`${file}-wal`, "r+");
  return groupCommits({ store, sync: async () => toDisk(log), end: () => closeSync(log) });
}

/**
 * Keeps nothing, so nothing waits and nothing is watched: what emulators hold is asked for when it is to be copied.
 * With a file, which `copyTo` wrote, it begins with what is in it. That file is not touched.
 * @throws StoreError when the file cannot be read.
 */
export function passingPersistence(file: string | null): Persistence {
  const holders = new Map<string, () => Iterable<Row>>();
  return {
    isKept: false,
    table: (name, held) => {
      holders.set(name, held);
      return {
        rows: () => (file === null ? [] : rowsOf(file, name)),
        set: () => undefined,
        delete: () => undefined,
      };
    },
    saved: () => null,
    copyTo: (path) => {
      rmSync(path, { force: true });
      const copy = openStoreFile(path);
      for (const [table, held] of holders) {
        const rows = [...held()];
        copy.write(
          rows.map(({ path: at, value }) => ({ table, path: at, json: JSON.stringify(value) })),
        );
      }
      copy.close();
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}

/** The file is let go of again, since others may read it, too. */
function* rowsOf(file: string, table: string): Iterable<Row> {
  const store = openStoreFile(file);
  try {
    yield* store.rows(table);
  } finally {
    store.close();
  }
}

/** A store and how what it wrote gets to the disk. */
export type Disk = {
  readonly store: StoreFile;
  /** Resolves when all that was written is on the disk. */
  readonly sync: () => Promise<void>;
  readonly end: () => void;
};

/**
 * What changes in one turn of the process is one transaction, and what changes while one is on its way to the disk is
 * the next: however many callers wait, they wait for one write.
 */
export function groupCommits({ store, sync, end }: Disk): Persistence {
  let pending: Change[] = [];
  function write(): void {
    const changes = pending;
    pending = [];
    try {
      store.write(changes);
    } catch (error) {
      pending = [...changes, ...pending];
      throw error;
    }
  }
  const { changed, saved } = commitLater(async () => {
    write();
    await sync();
  });
  function note(change: Change): void {
    pending.push(change);
    changed();
  }
  return {
    isKept: true,
    table: (table) => ({
      rows: () => {
        write();
        return store.rows(table);
      },
      set: (path, value) => note({ table, path, json: JSON.stringify(value) }),
      delete: (path) => note({ table, path, json: null }),
    }),
    saved,
    copyTo: async (file) => {
      write();
      store.copyTo(file);
      return Promise.resolve();
    },
    close: async () => {
      await saved();
      store.close();
      end();
    },
  };
}

/** Calls `commit` once a turn of the process in which something changed, one call after the other. */
function commitLater(
  commit: () => Promise<void>,
): Pick<Persistence, "saved"> & { readonly changed: () => void } {
  /** Whether something has changed that no commit under way has taken. */
  let isDirty = false;
  /** The commit that is going to take what has changed. */
  let waiting: Promise<void> | null = null;
  let last: Promise<void> = Promise.resolve();
  let underWay = 0;
  async function run(before: Promise<void>): Promise<void> {
    await before.catch(() => undefined);
    await new Promise<void>((resolve) => void setImmediate(resolve));
    waiting = null;
    isDirty = false;
    try {
      await commit();
    } catch (error) {
      isDirty = true;
      const reason = error instanceof Error ? error.message : String(error);
      throw googleError("UNAVAILABLE", `The change could not be written to disk: ${reason}`);
    }
  }
  function begin(): Promise<void> {
    if (waiting === null) {
      waiting = run(last);
      last = waiting;
      underWay += 1;
      const ended = (): void => void (underWay -= 1);
      void waiting.then(ended, ended);
    }
    return waiting;
  }
  return {
    changed: () => {
      isDirty = true;
      void begin();
    },
    saved: () => {
      if (isDirty) {
        return begin();
      }
      return underWay > 0 ? last : null;
    },
  };
}
