import { readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Build } from "./build.ts";
import { readJson, runStep } from "./steps.ts";

/** What a lockfile says of each package, by its place; the place of the package itself is empty. */
const Lock = z.object({
  packages: z
    .record(z.string(), z.object({ version: z.string(), integrity: z.string() }).partial())
    .default({}),
});

/**
 * Puts the packages of the lockfile in place. Where a folder of packages is given that has each of them at the
 * same place, in the same version and with the same checksum, it is linked: that is what `npm ci` would make,
 * with nothing fetched. Otherwise `npm ci` does it, from its own store as far as that has them.
 * @throws GoogleError
 */
export async function installPackages(
  { folder, modules }: Build,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  if (modules !== undefined && (await hasAll(folder, modules))) {
    await symlink(modules, join(folder, "node_modules"));
    return;
  }
  const quiet = ["--quiet", "--no-fund", "--no-audit", "--prefer-offline"];
  await runStep(folder, environment, ["npm", "ci", ...quiet]);
}

async function hasAll(folder: string, modules: string): Promise<boolean> {
  const { "": _itself, ...wanted } = await readLocked(join(folder, "package-lock.json"));
  const there = await readLocked(join(modules, ".package-lock.json"));
  return Object.entries(wanted).every(
    ([place, { version, integrity }]) =>
      there[place]?.version === version && there[place]?.integrity === integrity,
  );
}

async function readLocked(path: string): Promise<z.infer<typeof Lock>["packages"]> {
  const bytes = await readFile(path).catch(() => Buffer.from("{}"));
  return readJson(Lock, "package-lock.json", bytes).packages;
}
