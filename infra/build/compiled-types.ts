import { globSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { join } from "node:path";
import { COMPILED_TYPES } from "./empty-modules.ts";
import { REPOSITORY } from "./sources.ts";

const PLACES = "node_modules/{@google-cloud/*,google-gax}/build/protos/*.js";

/**
 * Has this thread take the compiled types of Google's packages for loaded, and empty. Each package loads its own, they
 * are the most of it, and nothing here uses them; the bundle leaves them out for the same reason. To be called before
 * the first of the packages is loaded.
 */
export function leaveOutCompiledTypes(): void {
  const { cache } = createRequire(import.meta.url);
  for (const name of globSync(PLACES, { cwd: REPOSITORY })) {
    const file = join(REPOSITORY, name);
    if (COMPILED_TYPES.test(file)) {
      cache[file] = emptyModule(file);
    }
  }
}

function emptyModule(file: string): NodeJS.Module {
  return Object.assign(new Module(file), { filename: file, loaded: true, exports: {} });
}
