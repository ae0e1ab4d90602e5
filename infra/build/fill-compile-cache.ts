import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { flushCompileCache } from "node:module";
import {
  COMPILE_CACHE,
  openCompileCache,
  sealCompileCache,
} from "../../functions/compile-cache.ts";
import { NODE_MAJOR } from "./runtime.ts";

/**
 * The last step of a build in the cloud, run by the Node that will run the functions: loads all that they
 * load, so that their instances find it compiled. It is bundled beside them. Nothing is imported above that
 * they need too: the cache takes only what is loaded after it was opened.
 */
rmSync(COMPILE_CACHE, { recursive: true, force: true });
mkdirSync(COMPILE_CACHE, { recursive: true });
openCompileCache();
const { print, printError } = await import("../cli/output.ts");
const { warmUp } = await import("./warm-up.ts");
await warmUp();

const PROGRAMS = new Set(["index.js", "fill-compile-cache.js"]);
const modules = readdirSync(import.meta.dirname).filter(
  (name) => name.endsWith(".js") && !PROGRAMS.has(name),
);
for (const name of modules) {
  await import(new URL(name, import.meta.url).href);
}
flushCompileCache();
print(`compiled ${modules.length} files of the bundle, for ${sealCompileCache()}`);
if (!process.version.startsWith(`v${NODE_MAJOR}.`)) {
  const asked = `the functions run on nodejs${NODE_MAJOR}, where this is of no use`;
  printError(`${asked}: build with the runtime nodejs${NODE_MAJOR}, not with ${process.version}`);
}
process.exit(0);
