import { useCompileCache } from "./compile-cache.ts";
import { standAtTheDoor } from "./door.ts";
import type { DecidingWiring, Wiring } from "./wiring.ts";

let acting: Promise<Wiring> | null = null;
let deciding: Promise<DecidingWiring> | null = null;

/** The wiring is made with the first request and kept as long as the instance lives. */
async function wire(): Promise<Wiring> {
  acting ??= import("./create-wiring.ts").then(({ wireProcess }) => wireProcess());
  return acting;
}

async function wireDeciding(): Promise<DecidingWiring> {
  deciding ??= import("./create-wiring.ts").then(({ wireDecidingProcess }) =>
    wireDecidingProcess(),
  );
  return deciding;
}

useCompileCache();
standAtTheDoor();
// Not imported above: the cache serves only what is loaded after it was opened.
const { registerFunctions } = await import("./register.ts");
registerFunctions({ acting: wire, deciding: wireDeciding });
