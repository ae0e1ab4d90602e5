import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { bundleFunctions } from "./bundle.ts";
import { readLock } from "./lock.ts";
import { manifestFiles } from "./manifest.ts";
import { REPOSITORY, sourcesDigest } from "./sources.ts";

const Manifest = z.object({ version: z.string() });

/** Makes the deployable in a folder, in place of what is there. */
export async function writeDeployable(folder: string): Promise<void> {
  const sources = sourcesDigest();
  const lock = readLock(await readFile(join(REPOSITORY, "package-lock.json"), "utf8"));
  const { version } = Manifest.parse(
    JSON.parse(await readFile(join(REPOSITORY, "package.json"), "utf8")),
  );
  const manifest = Object.entries(manifestFiles({ lock, version, sources }));
  const bundle = await bundleFunctions();
  const files = bundle.map(({ name, text }) => [name, text] as const);
  const half = `${folder}.${process.pid}`;
  await mkdir(half, { recursive: true });
  for (const [name, text] of [...files, ...manifest]) {
    await writeFile(join(half, name), text);
  }
  await rm(folder, { recursive: true, force: true });
  await rename(half, folder);
}
