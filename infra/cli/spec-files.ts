import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { CliError, EXIT } from "./cli-error.ts";

/** A specification's file and text. */
export type SpecFile = { readonly path: string; readonly text: string };

const FILE_NAME = "service.yaml";
const DEPTH_MAX = 8;
const PASSED_OVER: ReadonlySet<string> = new Set(["node_modules", "dist"]);

/**
 * Reads the files that are named, and every `service.yaml` in or below the folders that are.
 * @throws CliError when a path is not there, or a folder has none.
 */
export async function readSpecs(paths: readonly string[]): Promise<readonly SpecFile[]> {
  const found = await Promise.all(paths.map(findSpecs));
  const files = [...new Set(found.flat())];
  return Promise.all(files.map(async (path) => ({ path, text: await readFile(path, "utf8") })));
}

async function findSpecs(path: string): Promise<readonly string[]> {
  if (!(await isFolder(path))) {
    return [path];
  }
  const found = await walk(path, DEPTH_MAX);
  if (found.length === 0) {
    throw new CliError(EXIT.usage, `there is no ${FILE_NAME} in ${path} or the folders in it`);
  }
  return found;
}

async function walk(folder: string, depth: number): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const own = entries.filter((entry) => entry.isFile() && entry.name === FILE_NAME);
  const inner = entries.filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith(".") && !PASSED_OVER.has(entry.name),
  );
  const below =
    depth === 0
      ? []
      : await Promise.all(inner.map(({ name }) => walk(join(folder, name), depth - 1)));
  return [...own.map(({ name }) => join(folder, name)), ...below.flat().toSorted()];
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    throw new CliError(EXIT.usage, `there is no file or folder ${path}`);
  }
}
