import { chmodSync, closeSync, fchmodSync, fsyncSync, mkdirSync, openSync } from "node:fs";

/** A file that only its owner may read: it may hold keys, tokens or secrets. */
export const PRIVATE_FILE_MODE = 0o600;

const PRIVATE_FOLDER_MODE = 0o700;

/** Makes a folder that only its owner may enter, and those above it; one that is there already becomes so. */
export function makePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: PRIVATE_FOLDER_MODE });
  chmodSync(path, PRIVATE_FOLDER_MODE);
}

/** Opens a file to add to that only its owner may read; one that is there already becomes so. */
export function openPrivateLog(path: string): number {
  const file = openSync(path, "a", PRIVATE_FILE_MODE);
  fchmodSync(file, PRIVATE_FILE_MODE);
  return file;
}

/** Has what was made, renamed or removed in a folder reach the disk. */
export function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
