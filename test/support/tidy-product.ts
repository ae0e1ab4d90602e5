import { captures, textOf } from "./tidy-files.ts";
import type { TextFile } from "./tidy-files.ts";

const NAMES = "functions/names.ts";
const REGISTER = "functions/register.ts";
const LOCAL = "infra/local/local-file.ts";
/** What an installation sets, and what the local cloud does beside it. */
const ENVIRONMENTS = ["infra/platform/table/functions.ts", "infra/local/functions-environment.ts"];
const CONFIGURATION = "docs/reference/configuration.md";
const LOST_ANSWERS = "test/fault/calls.test.ts";
const TRIED = ["test/support/outside-parsers.ts", "test/support/specification-parsers.ts"];

/** What reads a part of what another parser is given, and is tried with it. */
const INNER_PARSERS: ReadonlySet<string> = new Set(["parseTemplate", "readShape", "readYaml"]);

/** Every function has a file of its name, is registered under it, and the local cloud says where it is. */
export function misnamedFunctions(files: readonly TextFile[]): readonly string[] {
  const register = textOf(files, REGISTER);
  const [list = ""] = captures(textOf(files, NAMES), /FUNCTION_NAMES = \[([^\]]*)\]/g);
  const names = captures(list, /"([a-z-]+)"/g);
  const written = functionFiles(files);
  const local = textOf(files, LOCAL);
  return [
    ...(names.length === 0 ? [`${NAMES} names no function`] : []),
    ...written
      .filter((name) => !names.includes(name))
      .map((name) => `functions/${name}.ts is not in FUNCTION_NAMES`),
    ...names
      .filter((name) => !written.includes(name))
      .map((name) => `${name} is registered and has no file functions/${name}.ts`),
    ...names
      .filter((name) => !new RegExp(`\\b${toCamel(name)}Function\\b`).test(afterImports(register)))
      .map((name) => `${REGISTER} does not register ${name}`),
    ...names
      .filter((name) => !new RegExp(`["\\s]${name}"?: url\\(`).test(local))
      .map((name) => `${LOCAL} does not say where ${name} is`),
  ];
}

/** The files that export a function for the platform: `on-tick.ts` exports `onTickFunction`. */
function functionFiles(files: readonly TextFile[]): readonly string[] {
  return files.flatMap(({ path, text }) => {
    const [name] = captures(path, /^functions\/([\w-]+)\.ts$/g);
    return name !== undefined &&
      new RegExp(`^export (?:const|function) ${toCamel(name)}Function\\b`, "m").test(text)
      ? [name]
      : [];
  });
}

function toCamel(name: string): string {
  return name.replaceAll(/-(?<letter>\w)/g, (_, letter: string) => letter.toUpperCase());
}

function afterImports(text: string): string {
  return text.replaceAll(/^import .*$/gm, "");
}

/** Where variables are read: the configuration, and what of it has a file of its own. */
const CONFIGURED = /^shared\/(?:config|wire\/[a-z]+-config)\.ts$/;

/**
 * Every variable that the configuration reads is explained on the reference page, and an installation or the local cloud
 * sets it or the page calls it optional; and neither sets another.
 */
export function unsetVariables(files: readonly TextFile[]): readonly string[] {
  const reading = files.filter(({ path }) => CONFIGURED.test(path)).map(({ text }) => text);
  const read = captures(reading.join("\n"), /^ +(SLIPWAY_[A-Z_]+):/gm);
  const setting = ENVIRONMENTS.map((path) => textOf(files, path)).join("\n");
  const set = captures(setting, /^ +(SLIPWAY_[A-Z_]+):/gm);
  const page = textOf(files, CONFIGURATION).split("\n");
  return [
    ...(read.length === 0 ? ["shared/config.ts reads no variable"] : []),
    ...read.flatMap((name) => {
      const row = page.find((line) => line.startsWith(`| \`${name}\` `));
      if (row === undefined) {
        return [`${CONFIGURATION} does not explain ${name}`];
      }
      return set.includes(name) || row.includes("optional")
        ? []
        : [`${ENVIRONMENTS.join(" and ")} lack ${name}`];
    }),
    ...set
      .filter((name) => !read.includes(name))
      .map((name) => `${ENVIRONMENTS.join(" or ")} sets ${name}, which nothing reads`),
  ];
}

/** Every kind of effect has a test in which its call is done and the answer is lost. */
export function untestedEffects(files: readonly TextFile[]): readonly string[] {
  const unions = captures(
    textOf(files, "shared/domain/effect.ts"),
    /export type (?:Act|Effect) =([^;]*(?:;\s+readonly[^;]*|;\s+\}[^;]*)*);/g,
  );
  const kinds = captures(unions.join("\n"), /readonly kind: "([a-z-]+)"/g);
  const tests = textOf(files, LOST_ANSWERS);
  return [
    ...(kinds.length === 0 ? ["shared/domain/effect.ts has no kind of effect"] : []),
    ...kinds
      .filter((kind) => !tests.includes(`["${kind}", "`))
      .map((kind) => `${LOST_ANSWERS} loses no answer of ${kind}`),
  ];
}

/** Every parser of what comes from outside is given the worst texts that we know. */
export function untriedParsers(files: readonly TextFile[]): readonly string[] {
  const wire = files.filter(({ path }) => path.startsWith("shared/wire/"));
  const parsers = wire.flatMap(({ text }) =>
    captures(text, /^export function ((?:parse|read|complainAbout|compile)[A-Z]\w*)\(/gm),
  );
  const tried = TRIED.map((path) => afterImports(textOf(files, path))).join("\n");
  return [
    ...(parsers.length === 0 ? ["shared/wire has no parser"] : []),
    ...parsers
      .filter((name) => !INNER_PARSERS.has(name) && !new RegExp(`\\b${name}\\b`).test(tried))
      .map((name) => `${TRIED.join(" and ")} do not try ${name}`),
  ];
}
