import type { Persistence } from "../../emulators/kit/persistence.ts";
import { groupCommits } from "../../emulators/kit/store.ts";
import { openStoreFile } from "../../emulators/kit/store-file.ts";

/** Keeps nothing beyond the process; two emulators that share it, one after the other, see one state. */
export function memoryPersistence(): Persistence {
  const store = openStoreFile(":memory:");
  return groupCommits({ store, sync: () => Promise.resolve(), end: () => undefined });
}
