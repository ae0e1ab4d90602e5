import { fileURLToPath } from "node:url";

/**
 * Where Node keeps what it compiled of the sources, so that the next command need not. It goes with the packages, and where
 * nobody may write there, nothing is kept.
 * Source: https://nodejs.org/api/module.html#module-compile-cache
 */
export const COMPILED = fileURLToPath(
  new URL("../../node_modules/.cache/slipway", import.meta.url),
);
