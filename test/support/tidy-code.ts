import { captures, findAll, sourcesOf } from "./tidy-files.ts";
import type { TextFile } from "./tidy-files.ts";

const LINES_MAX = 300;

const DECLARATION = /^export (?:async |abstract )?(?:function|const|let|class|type) \w/;
const LINT_DISABLE = /^\s*\/\/ oxlint-disable/;

/** Words that gave way to the one word for each thing; docs/reference/words.md has the words that stayed. */
const GIVEN_UP: ReadonlySet<string> = new Set(
  [
    "app cluster cron deployment dump env job lock outage",
    "pause ship signoff snapshot task version workflow",
  ].flatMap((words) => words.split(" ")),
);

/**
 * A release that is in an environment is nothing of Cloud Deploy's, which is a rollout; and Cloud Run's own
 * word for what a migration runs is a job.
 */
const GIVEN_UP_BUT_KEPT: ReadonlySet<string> = new Set(["Deployment", "JobRef"]);

/** Where the environment may be read: the configuration, the command line's, and what starts the functions. */
const ENVIRONMENT_READERS: ReadonlySet<string> = new Set([
  "shared/config.ts",
  // A variable of Google's library, which reads it itself.
  "shared/adapters/local-identity.ts",
  "infra/cli/settings.ts",
  "infra/local.ts",
  // What gives the local cloud's functions their environments.
  "infra/local/own-environment.ts",
]);

/** No file has more lines than a person reads in one go. */
export function longFiles(files: readonly TextFile[]): readonly string[] {
  return files
    .filter(({ path }) => path.endsWith(".ts"))
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split("\n").length }))
    .filter(({ lines }) => lines > LINES_MAX)
    .map(({ path, lines }) => `${path} has ${lines} lines`);
}

/** Every export says what it is in a doc comment directly above it. */
export function undocumentedExports(files: readonly TextFile[]): readonly string[] {
  return sourcesOf(files).flatMap(({ path, text }) => {
    const lines = text.split("\n");
    return lines.flatMap((line, index) =>
      DECLARATION.test(line) && !isDocumented(lines, index)
        ? [`${path}:${index + 1} ${line.trim()}`]
        : [],
    );
  });
}

function isDocumented(lines: readonly string[], index: number): boolean {
  const above = lines.slice(0, index).findLast((line) => !LINT_DISABLE.test(line));
  return above?.trimEnd().endsWith("*/") ?? false;
}

/** Everybody runs every test: none is left out, and none runs alone. */
export function switchedTests(files: readonly TextFile[]): readonly string[] {
  const tests = files.filter(({ path }) => path.startsWith("test/") && path.endsWith(".ts"));
  return findAll(tests, /\b(?:describe|it|suite|test)\.(?:fails|only|skip|todo)\b/g);
}

/** What is to be done stands in an issue, not in the source. */
export function leftoverNotes(files: readonly TextFile[]): readonly string[] {
  const words = [
    ["TO", "DO"],
    ["FIX", "ME"],
    ["XX", "X"],
    ["HA", "CK"],
  ].map((parts) => parts.join(""));
  return findAll(files, new RegExp(`\\b(?:${words.join("|")})\\b`, "g"));
}

/** Nothing depends on where one machine keeps its files, or on which registry it installs from. */
export function machinePlaces(files: readonly TextFile[]): readonly string[] {
  const folders = ["home", "root", "Users", "work"].join("|");
  return [
    ...findAll(files, new RegExp(`(?<![\\w.}*-])/(?:${folders})/[\\w.]`, "g")),
    ...findAll(
      files.filter(({ path }) => path === "package-lock.json"),
      /"resolved": "http[^"]*"/g,
    ),
  ];
}

/** A rule of the linter is only switched off for a reason. */
export function unexplainedDisables(files: readonly TextFile[]): readonly string[] {
  const code = files.filter(({ path }) => path.endsWith(".ts"));
  return findAll(code, /^\s*(?:\/\/|\/\*) (?:ox|es)lint-disable(?!.* -- \S).*$/gm);
}

/** The product reads its environment in one place. */
export function scatteredEnvironment(files: readonly TextFile[]): readonly string[] {
  const others = sourcesOf(files).filter(({ path }) => !ENVIRONMENT_READERS.has(path));
  return findAll(others, /\bprocess\.env\b.*|\bimport\.meta\.env\b.*/g);
}

/** The domain's exports use the one word for each thing. */
export function givenUpWords(files: readonly TextFile[]): readonly string[] {
  return files
    .filter(({ path }) => path.startsWith("shared/domain/") && path.endsWith(".ts"))
    .flatMap(({ path, text }) =>
      captures(text, /^export (?:async )?(?:function|const|type|class) (\w+)/gm)
        .filter((name) => !GIVEN_UP_BUT_KEPT.has(name))
        .filter((name) => wordsOf(name).some((word) => GIVEN_UP.has(word)))
        .map((name) => `${path} ${name}`),
    );
}

function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/(?<lower>[a-z])(?<upper>[A-Z])/g, "$<lower> $<upper>")
    .toLowerCase()
    .split(/[ _]/);
}
