import { googleError } from "./google-error.ts";
import type { Persistence } from "./persistence.ts";
import type { Change, StoreFile } from "./store-file.ts";
import { toStoredValue } from "./stored-value.ts";

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
      set: (path, value) => note({ table, path, value: toStoredValue(value) }),
      delete: (path) => note({ table, path, value: null }),
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
