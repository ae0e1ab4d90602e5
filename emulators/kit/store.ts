import { closeSync, fdatasync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { groupCommits } from "./group-commit.ts";
import type { Persistence } from "./persistence.ts";
import { makePrivateFolder, syncFolder } from "./private-files.ts";
import { openStoreFile, StoreError } from "./store-file.ts";

/** The file of a folder in which everything is kept. */
export const STATE_FILE_NAME = "state.sqlite";

const toDisk = promisify(fdatasync);

/** Keeps nothing beyond the process; two emulators that share it, one after the other, see one state. */
export function memoryPersistence(): Persistence {
  const store = openStoreFile(":memory:");
  return groupCommits({ store, sync: () => Promise.resolve(), end: () => undefined });
}

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
