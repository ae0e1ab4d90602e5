import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { makePrivateFolder } from "../../emulators/kit/private-files.ts";
import { STATE_FILE_NAME } from "../../emulators/kit/store.ts";

/** Where the contents of Cloud Storage are, beside those of images. */
export const OBJECTS_FOLDER = "objects";

/** What is saved of a local cloud under a name: the state of its emulators, and the contents of images and objects. */
export type Save = { readonly state: string; readonly blobs: string };

/** A name that is a folder's as well. */
export const SAVE_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** How many states may be saved: each is as large as what the local cloud holds. */
export const SAVES_MAX = 50;

/** The saved states of a local cloud, in a folder of its own. */
export function savesIn(directory: string): {
  readonly names: () => readonly string[];
  readonly find: (name: string) => Save | null;
  /** Has a state written, and then takes the place of the one of that name, whole or not at all. */
  readonly put: (name: string, write: (save: Save) => Promise<void>) => Promise<void>;
} {
  const folder = join(directory, ".slipway", "saved");
  return {
    names: () =>
      existsSync(folder) ? readdirSync(folder).filter((name) => SAVE_NAME.test(name)) : [],
    find: (name) => {
      const save = saveAt(join(folder, name));
      return existsSync(save.state) ? save : null;
    },
    put: async (name, write) => {
      const draft = join(folder, `${name}.draft`);
      rmSync(draft, { recursive: true, force: true });
      makePrivateFolder(draft);
      await write(saveAt(draft));
      rmSync(join(folder, name), { recursive: true, force: true });
      renameSync(draft, join(folder, name));
    },
  };
}

function saveAt(path: string): Save {
  return { state: join(path, STATE_FILE_NAME), blobs: join(path, "blobs") };
}

/** Gives a folder the contents of images and objects that another one has. They never change, so each is the same file in both. */
export function linkBlobs(from: string, to: string): void {
  makePrivateFolder(to);
  for (const part of ["sha256", "sha512", join(OBJECTS_FOLDER, "sha256")]) {
    const [source, target] = [join(from, part), join(to, part)];
    const names = existsSync(source) ? readdirSync(source) : [];
    if (names.length > 0) {
      mkdirSync(target, { recursive: true, mode: 0o700 });
    }
    names.forEach((name) => putFile(join(source, name), join(target, name)));
  }
}

/** Links are not everywhere, as between two disks. */
function putFile(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
