import { useCompileCache } from "./compile-cache.ts";
import { standAtTheDoor } from "./door.ts";
import type { Wiring } from "./wiring.ts";

let wired: Promise<Wiring> | null = null;

/** The wiring is made with the first request and kept as long as the instance lives. */
async function wire(): Promise<Wiring> {
  wired ??= import("./create-wiring.ts").then(({ wireProcess }) => wireProcess());
  return wired;
}

useCompileCache();
standAtTheDoor();
// Not imported above: the cache serves only what is loaded after it was opened.
const { registerFunctions } = await import("./register.ts");
registerFunctions(wire);
