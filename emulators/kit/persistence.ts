import { readFileSync } from "node:fs";
import { chmod, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makePrivateFolder, PRIVATE_FILE_MODE } from "./private-files.ts";

/** Where emulators keep their state across restarts. */
export type Persistence = {
  /** What was kept under a name, or undefined when there is nothing. */
  readonly load: (name: string) => unknown;
  /** Says that the state under a name changed; `snapshot` is called when it is written, as JSON. */
  readonly changed: (name: string, snapshot: () => unknown) => void;
  /** Resolves when everything that changed so far is written; rejects when that fails, and can be tried again. */
  readonly flush: () => Promise<void>;
};

/** How long changes are gathered before they are written together. */
const WRITE_DELAY_MS = 50;

/** Keeps nothing beyond the process; two emulators that share it, one after the other, see one state. */
export function memoryPersistence(): Persistence {
  const texts = new Map<string, () => unknown>();
  return {
    load: (name) => {
      const snapshot = texts.get(name);
      return snapshot === undefined ? undefined : parse(JSON.stringify(snapshot()));
    },
    changed: (name, snapshot) => void texts.set(name, snapshot),
    flush: () => Promise.resolve(),
  };
}

/**
 * Keeps one file `<name>.json` per emulator in a folder, for its owner alone: there are keys and secrets among
 * them. A file is written beside its place and moved
 * there, so that a process that stops at any moment leaves a whole one.
 * @throws SyntaxError from `load` when a file is not JSON, and the file system's errors.
 */
export function directoryPersistence(path: string): Persistence {
  makePrivateFolder(path);
  const pending = new Map<string, () => unknown>();
  let writing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  async function writeAll(): Promise<void> {
    for (const [name, snapshot] of pending) {
      const file = join(path, `${name}.json`);
      pending.delete(name);
      try {
        const text = JSON.stringify(snapshot());
        await writeFile(`${file}.new`, text, { mode: PRIVATE_FILE_MODE });
        await chmod(`${file}.new`, PRIVATE_FILE_MODE);
        await rename(`${file}.new`, file);
      } catch (error) {
        pending.set(name, pending.get(name) ?? snapshot);
        throw error;
      }
    }
  }
  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    // One write at a time; what an earlier one failed to write is still pending.
    writing = writing.then(writeAll, writeAll);
    await writing;
  }
  async function writeLater(): Promise<void> {
    try {
      await flush();
    } catch {
      // It is still pending, so whoever flushes at the end is told.
    }
  }
  return {
    load: (name) => read(join(path, `${name}.json`)),
    changed: (name, snapshot) => {
      pending.set(name, snapshot);
      timer ??= setTimeout(() => void writeLater(), WRITE_DELAY_MS);
    },
    flush,
  };
}

function read(file: string): unknown {
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}

function parse(text: string): unknown {
  return JSON.parse(text);
}
