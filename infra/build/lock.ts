import { z } from "zod";

/** What a lockfile says of one installed package; what is not needed here is kept as it is. */
const Locked = z.looseObject({
  version: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
  peerDependencies: z.record(z.string(), z.string()).optional(),
});

/**
 * The parts of npm's lockfile that are used.
 * Source: https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json
 */
const Lock = z.object({
  lockfileVersion: z.literal(3),
  packages: z.record(z.string(), Locked),
});

/** A lockfile of npm, read. */
export type Lock = z.infer<typeof Lock>;

const FOLDER = "node_modules/";

/** Reads a lockfile. @throws Error when it is not one of npm's version 3. */
export function readLock(text: string): Lock {
  return Lock.parse(JSON.parse(text));
}

/** The exact version of a package that lies at the top. @throws Error when it is not locked. */
export function versionOf(lock: Lock, name: string): string {
  const version = lock.packages[`${FOLDER}${name}`]?.version;
  if (version === undefined) {
    throw new Error(`${name} is not in the lockfile: run npm install`);
  }
  return version;
}

/**
 * The part of a lockfile that some packages need, each package at the same place and in the same version.
 * It depends on nothing but the lockfile, so that it is the same whenever and wherever it is made.
 * @throws Error when the lockfile lacks a package that is needed.
 */
export function pickLocked(lock: Lock, names: readonly string[]): Lock["packages"] {
  const picked = new Set<string>();
  const open = names.map((name) => `${FOLDER}${name}`);
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const locked = lock.packages[path];
    if (locked === undefined) {
      throw new Error(`the lockfile lacks ${path}: run npm install`);
    }
    if (!picked.has(path)) {
      picked.add(path);
      open.push(...neededBy(lock, path, locked));
    }
  }
  return Object.fromEntries(
    [...picked].toSorted().map((path) => [path, lock.packages[path] ?? {}]),
  );
}

/** Where the packages lie that one package needs. Optional ones that are not locked are left out. */
function neededBy(lock: Lock, path: string, locked: z.infer<typeof Locked>): readonly string[] {
  const needed = Object.keys(locked.dependencies ?? {}).map(
    (name) => findAbove(lock, path, name) ?? `${path}/${FOLDER}${name}`,
  );
  const wanted = Object.keys({ ...locked.optionalDependencies, ...locked.peerDependencies });
  return needed.concat(wanted.flatMap((name) => findAbove(lock, path, name) ?? []));
}

/** Where Node finds a package that is asked for from `path`: in the nearest folder above that has it. */
function findAbove(lock: Lock, path: string, name: string): string | null {
  for (let folder = path; ; folder = folder.slice(0, folder.lastIndexOf(`/${FOLDER}`))) {
    const candidate = `${folder}/${FOLDER}${name}`;
    if (lock.packages[candidate] !== undefined) {
      return candidate;
    }
    if (!folder.includes(`/${FOLDER}`)) {
      const top = `${FOLDER}${name}`;
      return lock.packages[top] === undefined ? null : top;
    }
  }
}
