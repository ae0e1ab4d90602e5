import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Links this package's own command among those of its dependencies, which npm does not do by itself, so
 * that `npx slipway` finds it here. Run by npm after an installation.
 */
const directory = new URL("../node_modules/.bin/", import.meta.url);
const link = new URL("slipway", directory);

mkdirSync(directory, { recursive: true });
rmSync(link, { force: true });
symlinkSync("../../infra/cli/main.ts", fileURLToPath(link));
