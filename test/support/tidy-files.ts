import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A text file of the repository: its path from the root, with `/`, and its content. */
export type TextFile = { readonly path: string; readonly text: string };

/** Looks through files and says in words what is not as it should be; empty when all is. */
export type Check = (files: readonly TextFile[]) => readonly string[];

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What is made by tools or belongs to one machine; `.gitignore` leaves it out as well. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  ".git",
  ".slipway",
  "coverage",
  "dist",
  "node_modules",
]);

const TEXT_TYPES: ReadonlySet<string> = new Set([
  "",
  ".css",
  ".html",
  ".json",
  ".md",
  ".svg",
  ".ts",
  ".yaml",
  ".yml",
]);

/** What documents show and nobody reads: such a file is there, and has no text. */
const PICTURE = ".png";

/** Every text file of the repository, and every picture without its content. */
export function readRepository(): readonly TextFile[] {
  return listFiles("").map((path) => ({
    path,
    text: extname(path) === PICTURE ? "" : readFileSync(join(ROOT, path), "utf8"),
  }));
}

function listFiles(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (LEFT_OUT.has(entry.name)) {
      return [];
    }
    if (entry.isDirectory()) {
      return listFiles(path);
    }
    const type = extname(entry.name);
    return entry.isFile() && (TEXT_TYPES.has(type) || type === PICTURE) ? [path] : [];
  });
}

/** A file of an installed package, such as `@google-cloud/deploy/build/protos/protos.json`. */
export function readPackageFile(path: string): string {
  return readFileSync(join(ROOT, "node_modules", path), "utf8");
}

/** The file of that path; an empty one when there is none, so that a check says what it misses. */
export function textOf(files: readonly TextFile[], path: string): string {
  return files.find((file) => file.path === path)?.text ?? "";
}

/** TypeScript of the product and of the emulators: all of it but tests. */
export function sourcesOf(files: readonly TextFile[]): readonly TextFile[] {
  return files.filter(({ path }) => /^(emulators|functions|infra|shared)\/.*\.ts$/.test(path));
}

/** Every place where a pattern (with the flag `g`) occurs, as `path:line what was found`. */
export function findAll(files: readonly TextFile[], pattern: RegExp): readonly string[] {
  return files.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].map((match) => {
      const line = text.slice(0, match.index).split("\n").length;
      return `${path}:${line} ${match[0].trim()}`;
    }),
  );
}

/** All that the first group of a pattern (with the flag `g`) finds in a text. */
export function captures(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, captured]) => captured ?? "");
}
