import { existsSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

/** Where the build keeps what V8 has compiled: beside the compiled functions, and deployed with them. */
export const COMPILE_CACHE = fileURLToPath(new URL("../.compile-cache", import.meta.url));

/**
 * Has modules loaded from what the build has compiled, which is half of a cold start. Only modules that are
 * loaded after it profit. Where there was no build, nothing is read and nothing is written.
 * Source: https://nodejs.org/api/module.html#module-compile-cache
 */
export function useCompileCache(): void {
  if (existsSync(COMPILE_CACHE)) {
    enableCompileCache(COMPILE_CACHE);
  }
}
