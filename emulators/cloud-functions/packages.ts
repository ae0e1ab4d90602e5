import { readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { isRecord } from "../kit/json.ts";
import type { Build } from "./build.ts";
import { runStep, StepFailed } from "./steps.ts";

/** What a lockfile says of each package, by its place. */
type Locked = ReadonlyMap<string, { readonly version: string; readonly integrity: string }>;

/**
 * Puts the packages of the lockfile in place. Where a folder of packages is given that has each of them at the
 * same place, in the same version and with the same checksum, it is linked: that is what `npm ci` would make,
 * with nothing fetched. Otherwise `npm ci` does it, from its own store as far as that has them.
 * @throws StepFailed
 */
export async function installPackages(
  { folder, modules }: Build,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  if (modules !== null && (await hasAll(folder, modules))) {
    await symlink(modules, join(folder, "node_modules"));
    return;
  }
  const quiet = ["--quiet", "--no-fund", "--no-audit", "--prefer-offline"];
  await runStep(folder, environment, ["npm", "ci", ...quiet]);
}

async function hasAll(folder: string, modules: string): Promise<boolean> {
  const wanted = await readLocked(join(folder, "package-lock.json"));
  const there = await readLocked(join(modules, ".package-lock.json"));
  return [...wanted].every(([place, { version, integrity }]) => {
    const found = there.get(place);
    return found?.version === version && found.integrity === integrity;
  });
}

async function readLocked(path: string): Promise<Locked> {
  const text = await readFile(path, "utf8").catch(() => "{}");
  const lock = parse(text);
  const packages = isRecord(lock) && isRecord(lock["packages"]) ? lock["packages"] : {};
  return new Map(
    Object.entries(packages)
      .filter(([place]) => place !== "")
      .map(([place, locked]) => [place, toLocked(locked)]),
  );
}

function toLocked(locked: unknown): { readonly version: string; readonly integrity: string } {
  const { version, integrity } = isRecord(locked) ? locked : {};
  return { version: String(version), integrity: String(integrity) };
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    throw new StepFailed("package-lock.json is not JSON");
  }
}
