import { mkdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isRecord } from "../kit/json.ts";
import { installPackages } from "./packages.ts";
import { runStep, StepFailed } from "./steps.ts";
import { readZip } from "./zip.ts";
import type { ZipFile } from "./zip.ts";

/** What is built, and with what. */
export type Build = {
  readonly archive: Uint8Array;
  /** An empty folder for it. */
  readonly folder: string;
  readonly runtime: string;
  /** What every step sees: `PATH`, `HOME`, and the build's variables. */
  readonly environment: Readonly<Record<string, string>>;
  /** A folder of packages that may stand for those that `npm ci` would fetch; null: `npm ci` runs. */
  readonly modules: string | null;
};

/** What is asked of the package's own file. */
type Manifest = {
  readonly main: string | null;
  readonly scripts: ReadonlySet<string>;
  readonly dependencies: ReadonlySet<string>;
  readonly hasDevelopment: boolean;
};

const FRAMEWORK = "@google-cloud/functions-framework";

/** The scripts that a build may have; the first that is there runs. */
const BUILD_SCRIPTS = ["gcp-build", "build"];

/**
 * Builds a function as Google's buildpacks for Node do: packages by the lockfile, the build's script, packages
 * of development taken away, and a look at the file that is loaded first.
 * Source: https://github.com/GoogleCloudPlatform/buildpacks/tree/main/cmd/nodejs
 * @throws StepFailed with what the build's log would say.
 */
export async function buildFunction(build: Build): Promise<void> {
  const { folder, environment } = build;
  const unpacked = await readFiles(build.archive);
  await unpack(unpacked, folder);
  checkRuntime(build.runtime);
  const files = new Set(unpacked.map(({ path }) => path));
  const manifest = readManifest(unpacked);
  if (!manifest.dependencies.has(FRAMEWORK)) {
    throw new StepFailed(`${FRAMEWORK} is no dependency: the emulator does not add it`);
  }
  if (!files.has("package-lock.json")) {
    throw new StepFailed("there is no package-lock.json: the emulator builds by a lockfile alone");
  }
  const script = BUILD_SCRIPTS.find((name) => manifest.scripts.has(name));
  const mode = script === "gcp-build" ? "development" : "production";
  await installPackages(build, { ...environment, NODE_ENV: mode });
  if (script !== undefined) {
    await runStep(folder, environment, ["npm", "run", "--silent", script]);
  }
  if (manifest.hasDevelopment) {
    await runStep(folder, environment, ["npm", "prune", "--production", "--offline"]);
  }
  const main = await findMain(folder, manifest.main);
  await runStep(folder, environment, ["node", "--check", main]);
}

async function unpack(files: readonly ZipFile[], folder: string): Promise<void> {
  for (const { path, bytes } of files) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
}

async function readFiles(archive: Uint8Array): Promise<readonly ZipFile[]> {
  try {
    return await readZip(archive);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StepFailed(`the source cannot be unpacked: ${reason}`);
  }
}

function checkRuntime(runtime: string): void {
  const [here = ""] = process.versions.node.split(".");
  if (runtime !== `nodejs${here}`) {
    throw new StepFailed(`the runtime is ${runtime}, and the emulator has Node ${here} alone`);
  }
}

function readManifest(files: readonly ZipFile[]): Manifest {
  const file = files.find(({ path }) => path === "package.json");
  if (file === undefined) {
    throw new StepFailed("package.json does not exist");
  }
  const parsed = parse(Buffer.from(file.bytes).toString("utf8"));
  const { main, scripts, dependencies, devDependencies } = parsed;
  return {
    main: typeof main === "string" ? main : null,
    scripts: namesIn(scripts),
    dependencies: namesIn(dependencies),
    hasDevelopment: namesIn(devDependencies).size > 0,
  };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    throw new StepFailed("package.json is not JSON");
  }
}

function namesIn(value: unknown): ReadonlySet<string> {
  return new Set(isRecord(value) ? Object.keys(value) : []);
}

/** The file that is loaded: what `main` names, else index.js, else function.js. */
async function findMain(folder: string, main: string | null): Promise<string> {
  if (main !== null) {
    if (await isFile(join(folder, main))) {
      return main;
    }
    throw new StepFailed(`${main} does not exist`);
  }
  const found = (await isFile(join(folder, "index.js"))) ? "index.js" : "function.js";
  if (await isFile(join(folder, found))) {
    return found;
  }
  throw new StepFailed("function.js does not exist");
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
