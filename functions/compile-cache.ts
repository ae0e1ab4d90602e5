import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";
import { cachedDataVersionTag } from "node:v8";

/** Where the last step of a build keeps what V8 has compiled: beside the bundle. */
export const COMPILE_CACHE = fileURLToPath(new URL(".compile-cache", import.meta.url));

/** The file that says for whom it was filled. */
const FILLED_FOR = `${COMPILE_CACHE}/filled-for`;

/**
 * Has modules loaded from what the build has compiled, which is half of a cold start. Only modules that are
 * loaded after it profit. Where there was no build, nothing is read and nothing is written; nor where it was
 * made for another Node, since V8 would refuse each module of it.
 * Returns why it is not used; null when it is, or is not there.
 */
export function useCompileCache(): string | null {
  if (!existsSync(FILLED_FOR)) {
    return null;
  }
  const filledFor = readFileSync(FILLED_FOR, "utf8");
  const own = thisProcess();
  if (filledFor !== own) {
    return `it was filled for ${filledFor}, and this is ${own}`;
  }
  openCompileCache();
  return null;
}

/**
 * Opens the cache. What is in it stays good when its folder and the modules move together.
 * Source: https://nodejs.org/api/module.html#module-compile-cache
 */
export function openCompileCache(): void {
  enableCompileCache({ directory: COMPILE_CACHE, portable: true });
}

/** Writes down that the cache is filled, and for whom. Returns for whom. */
export function sealCompileCache(): string {
  const own = thisProcess();
  writeFileSync(FILLED_FOR, own);
  return own;
}

/** What a cache depends on: the version, the processor, V8 with its flags, and the user who may read it. */
function thisProcess(): string {
  const user = process.getuid?.() ?? 0;
  return `Node ${process.version} on ${process.arch}, V8 ${cachedDataVersionTag().toString(16)}, user ${user}`;
}
