import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";

import type { AuthoritySeed } from "../../emulators/sigstore/authority.ts";
import { authorityFiles } from "./authority-files.ts";

const OWNER_ONLY = 0o600;

const Seed = z.object({
  certificateKey: z.string(),
  timestampKey: z.string(),
  logKey: z.string(),
  root: z.string(),
});

/**
 * Makes the local cloud's authority where it has none. Whoever has its keys signs as anybody here, so that
 * they are readable by their owner alone; nobody else trusts them.
 */
export async function prepareAuthority(directory: string): Promise<void> {
  const { seed, trustedRoot } = authorityFiles(directory);
  if ((await readIfThere(seed)) !== null && (await readIfThere(trustedRoot)) !== null) {
    return;
  }
  const { newAuthoritySeed, openAuthority } = await import("../../emulators/sigstore/authority.ts");
  const made = await newAuthoritySeed();
  const authority = await openAuthority(made);
  await writeOwn(trustedRoot, authority.trustedRoot);
  await writeOwn(seed, made);
}

/** What the local cloud's authority is made of; null where there is none that can be read. */
export async function readAuthority(directory: string): Promise<AuthoritySeed | null> {
  const text = await readIfThere(authorityFiles(directory).seed);
  const parsed = text === null ? null : Seed.safeParse(JSON.parse(text));
  return parsed?.success === true ? parsed.data : null;
}

async function writeOwn(path: string, content: object): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.tmp`;
  await writeFile(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: OWNER_ONLY });
  await rename(draft, path);
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      return null;
    }
    throw error;
  }
}
