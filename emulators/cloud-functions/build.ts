import { mkdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { installPackages } from "./packages.ts";
import { buildFailed, readJson, runStep } from "./steps.ts";
import { readZip } from "./zip.ts";

/** What is built, and with what. */
export type Build = {
  readonly archive: Uint8Array;
  /** An empty folder for it. */
  readonly folder: string;
  /** What every step sees: `PATH`, `HOME`, and the build's variables. */
  readonly environment: Readonly<Record<string, string>>;
  /** A folder of packages that may stand for those that `npm ci` would fetch; without it `npm ci` runs. */
  readonly modules: string | undefined;
};

const Names = z.record(z.string(), z.unknown()).default({});

/** What is asked of the package's own file. */
const Manifest = z.object({
  main: z.string().optional(),
  scripts: Names,
  dependencies: Names,
  devDependencies: Names,
});

const FRAMEWORK = "@google-cloud/functions-framework";

/** The scripts that a build may have; the first that is there runs. */
const BUILD_SCRIPTS = ["gcp-build", "build"];

/**
 * Builds a function as Google's buildpacks for Node do: packages by the lockfile, the build's script, packages
 * of development taken away, and a look at the file that is loaded first.
 * Source: https://github.com/GoogleCloudPlatform/buildpacks/tree/main/cmd/nodejs
 * @throws GoogleError with what the build's log would say.
 */
export async function buildFunction(build: Build): Promise<void> {
  const { folder, environment } = build;
  const files = await unpack(build);
  const { main, scripts, dependencies, devDependencies } = readJson(
    Manifest,
    "package.json",
    files.get("package.json"),
  );
  if (dependencies[FRAMEWORK] === undefined) {
    throw buildFailed(`${FRAMEWORK} is no dependency: the emulator does not add it`);
  }
  if (!files.has("package-lock.json")) {
    throw buildFailed("there is no package-lock.json: the emulator builds by a lockfile alone");
  }
  const script = BUILD_SCRIPTS.find((name) => scripts[name] !== undefined);
  const mode = script === "gcp-build" ? "development" : "production";
  await installPackages(build, { ...environment, NODE_ENV: mode });
  if (script !== undefined) {
    await runStep(folder, environment, ["npm", "run", "--silent", script]);
  }
  if (Object.keys(devDependencies).length > 0) {
    await runStep(folder, environment, ["npm", "prune", "--production", "--offline"]);
  }
  await runStep(folder, environment, ["node", "--check", await findMain(folder, main)]);
}

/** Writes the archive's files, and gives them by path. */
async function unpack({ archive, folder }: Build): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = await readZip(archive).catch((error: unknown) => {
    throw buildFailed(`the source cannot be unpacked: ${String(error)}`);
  });
  for (const [path, bytes] of files) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
  return files;
}

/** The file that is loaded: what `main` names, else index.js, else function.js. */
async function findMain(folder: string, main: string | undefined): Promise<string> {
  for (const path of main === undefined ? ["index.js", "function.js"] : [main]) {
    const found = await stat(join(folder, path)).catch(() => null);
    if (found?.isFile() === true) {
      return path;
    }
  }
  throw buildFailed(`${main ?? "function.js"} does not exist`);
}
