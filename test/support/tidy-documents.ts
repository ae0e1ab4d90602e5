import { z } from "zod";
import { captures, textOf } from "./tidy-files.ts";
import type { TextFile } from "./tidy-files.ts";

const Versions = z.record(z.string(), z.string());
const Package = z.object({
  scripts: Versions,
  dependencies: Versions,
  devDependencies: Versions,
});

const Lock = z.object({
  packages: z.record(z.string(), z.object({ optionalDependencies: Versions.optional() })),
});

/** Scripts that npm has by itself, or with a word before their name. */
const NPM_WORDS: ReadonlySet<string> = new Set(["ci", "view", "ls"]);

/** Code in a document, in a block or in a line. */
const CODE = /^```[\s\S]*?^```|`[^`\n]*`/gm;

/** Every dependency is pinned to one version. */
export function looseVersions(files: readonly TextFile[]): readonly string[] {
  const { dependencies, devDependencies } = readPackage(files);
  return Object.entries({ ...dependencies, ...devDependencies })
    .filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
    .map(([name, version]) => `package.json: ${name} ${version}`);
}

/**
 * The lockfile has every optional package that another one asks for, also those for other platforms: `npm ci`
 * refuses one that has not, and an install on a registry that lacks some leaves them out.
 */
export function lackingLocks(files: readonly TextFile[]): readonly string[] {
  const { packages } = Lock.parse(JSON.parse(textOf(files, "package-lock.json")));
  return Object.entries(packages).flatMap(([parent, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !(`${parent}/node_modules/${name}` in packages))
      .filter((name) => !(`node_modules/${name}` in packages))
      .map((name) => `package-lock.json lacks ${name}, for ${parent}`),
  );
}

/** Every dependency at run time is explained on the reference page, and nothing else is. */
export function unexplainedDependencies(files: readonly TextFile[]): readonly string[] {
  const { dependencies } = readPackage(files);
  const page = textOf(files, "docs/reference/dependencies.md");
  const explained = captures(page, /^\| `([@\w/.-]+)` /gm);
  const names = Object.keys(dependencies);
  return [
    ...names.filter((name) => !explained.includes(name)).map((name) => `${name} is not explained`),
    ...explained.filter((name) => !names.includes(name)).map((name) => `${name} is not installed`),
  ];
}

/** Every script that a document names is one of package.json. */
export function unknownScripts(files: readonly TextFile[]): readonly string[] {
  const { scripts } = readPackage(files);
  return documentsOf(files).flatMap(({ path, text }) =>
    captures(codeOf(text), /\bnpm (?:run )?([a-z][\w:-]*)/g)
      .filter((name) => !(name in scripts) && !NPM_WORDS.has(name))
      .map((name) => `${path} names the script ${name}`),
  );
}

/** Every command of `slipway` that a document names has its file. */
export function unknownCommands(files: readonly TextFile[]): readonly string[] {
  const known = captures(
    files.map(({ path, text }) => (path.startsWith("infra/cli/") ? text : "")).join("\n"),
    /new Command\(\s*"([a-z]+)/g,
  );
  return documentsOf(files).flatMap(({ path, text }) =>
    captures(text, /\bnpx slipway ([a-z]+)/g)
      .filter((name) => !known.includes(name))
      .map((name) => `${path} names the command ${name}`),
  );
}

/** Every link within the repository leads to a file, and to a heading that it has. */
export function deadLinks(files: readonly TextFile[]): readonly string[] {
  const paths = new Set(files.map(({ path }) => path));
  return documentsOf(files).flatMap((document) =>
    captures(withoutCode(document.text), /(?:\]\(|\bsrc(?:set)?=")([^)"\s]+)/g)
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => !isThere(files, paths, resolve(document.path, target)))
      .map((target) => `${document.path} leads to ${target}`),
  );
}

type Target = { readonly path: string; readonly heading: string };

function resolve(from: string, target: string): Target {
  const [file = "", heading = ""] = target.split("#");
  const base = new URL(from, "file:///");
  const path = file === "" ? from : new URL(file, base).pathname.slice(1);
  return { path: path.replace(/\/$/, ""), heading };
}

function isThere(
  files: readonly TextFile[],
  paths: ReadonlySet<string>,
  { path, heading }: Target,
): boolean {
  const isFolder = files.some((file) => file.path.startsWith(`${path}/`));
  if (!(paths.has(path) || isFolder)) {
    return false;
  }
  return heading === "" || headingsOf(textOf(files, path)).includes(heading);
}

/** The anchors that GitHub gives to headings. */
function headingsOf(text: string): readonly string[] {
  return captures(withoutCode(text), /^#+ (.+)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, "")
      .trim()
      .replaceAll(/\s/g, "-"),
  );
}

function codeOf(text: string): string {
  return (text.match(CODE) ?? []).join("\n");
}

/** The text with spaces for code, in which brackets are no links. Anchors keep the words of code in headings. */
function withoutCode(text: string): string {
  return text.replaceAll(CODE, (code) =>
    code.startsWith("```") ? "" : code.replaceAll(/[[\]()"]/g, " "),
  );
}

function documentsOf(files: readonly TextFile[]): readonly TextFile[] {
  return files.filter(({ path }) => path.endsWith(".md"));
}

function readPackage(files: readonly TextFile[]): z.infer<typeof Package> {
  return Package.parse(JSON.parse(textOf(files, "package.json")));
}
