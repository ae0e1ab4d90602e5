import { rmSync } from "node:fs";
import type { Persistence, Row } from "./persistence.ts";
import { openStoreFile } from "./store-file.ts";
import { toStoredValue } from "./stored-value.ts";

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
          rows.map(({ path: at, value }) => ({ table, path: at, value: toStoredValue(value) })),
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
