import { readProcessConfig } from "../shared/config.ts";
import { registerFunctions } from "./register.ts";
import type { Wiring } from "./wiring.ts";

let wired: Promise<Wiring> | null = null;

/** The wiring is made with the first request and kept as long as the instance lives. */
async function wire(): Promise<Wiring> {
  wired ??= import("./create-wiring.ts").then(({ createWiring }) =>
    createWiring(readProcessConfig()),
  );
  return wired;
}

registerFunctions(wire);
