import { expect, test } from "vitest";
import {
  givenUpWords,
  leftoverNotes,
  longFiles,
  machinePlaces,
  scatteredEnvironment,
  switchedTests,
  undocumentedExports,
  unexplainedDisables,
} from "./support/tidy-code.ts";
import {
  deadLinks,
  lackingLocks,
  looseVersions,
  unexplainedDependencies,
  unknownCommands,
  unknownScripts,
} from "./support/tidy-documents.ts";
import { staleRights } from "./support/tidy-rights.ts";
import { inheritedNames, scatteredTerminal, unsealedPackages } from "./support/tidy-guards.ts";
import { AUDIT_GUIDE, undescribedRecords } from "./support/audit-guide.ts";
import { unboundedBodies, undescribedMethods } from "./support/tidy-emulators.ts";
import { readRepository } from "./support/tidy-files.ts";
import type { Check, TextFile } from "./support/tidy-files.ts";
import { untrueLimits } from "./support/tidy-limits.ts";
import { leftConflicts, longArchitecture, wordyTables } from "./support/tidy-prose.ts";
import {
  misnamedFunctions,
  unsetVariables,
  untestedEffects,
  untriedParsers,
} from "./support/tidy-product.ts";

const repository = readRepository();

const CHECKS: readonly (readonly [string, Check])[] = [
  ["no file is longer than 300 lines", longFiles],
  ["every export has a doc comment", undocumentedExports],
  ["no test is switched off or runs alone", switchedTests],
  ["no note says what is still to be done", leftoverNotes],
  ["no file holds a conflict of two changes", leftConflicts],
  ["no file names a folder or a registry of one machine", machinePlaces],
  ["every rule that is switched off says why", unexplainedDisables],
  ["the environment is read in one place of each program", scatteredEnvironment],
  ["the terminal is written in one place", scatteredTerminal],
  ["no record is read by a name from outside that every object may have", inheritedNames],
  ["every package of the lockfile has its integrity", unsealedPackages],
  ["no export of the domain has a word that was given up", givenUpWords],
  ["every function has a file, a registration and a place in the local cloud", misnamedFunctions],
  ["every variable of the configuration is explained, and set or optional", unsetVariables],
  ["every limit is on the reference page, with its value", untrueLimits],
  ["every kind of effect has a test that loses its answer", untestedEffects],
  ["every parser of what comes from outside is given the worst texts", untriedParsers],
  ["an emulator reads no body without a bound", unboundedBodies],
  ["every emulator's README names what it serves", undescribedMethods],
  ["the guide of the audit feed describes every kind of record", undescribedRecords],
  ["the guide has the table of rights as the engine has it", staleRights],
  ["every version is exact", looseVersions],
  ["the lockfile has the packages of every platform", lackingLocks],
  ["every dependency at run time is explained", unexplainedDependencies],
  ["every script that a document names exists", unknownScripts],
  ["every command that a document names exists", unknownCommands],
  ["every link in a document leads somewhere", deadLinks],
  ["no table has a sentence in a cell", wordyTables],
  ["ARCHITECTURE is read in ten minutes", longArchitecture],
];

test.each(CHECKS)("%s", (_, check) => {
  expect(check(repository)).toEqual([]);
});

/** The repository with files put in, or put in the place of those of the same path. */
function withFiles(files: Readonly<Record<string, string>>): readonly TextFile[] {
  const added = Object.entries(files).map(([path, text]) => ({ path, text }));
  return [...repository.filter(({ path }) => !(path in files)), ...added];
}

function read(path: string): string {
  return repository.find((file) => file.path === path)?.text ?? "";
}

/** What each check finds when the repository is changed for the worse. */
const WORSE: readonly (readonly [Check, Readonly<Record<string, string>>, string])[] = [
  [longFiles, { "shared/a.ts": "a;\n".repeat(301) }, "shared/a.ts has 301 lines"],
  [undocumentedExports, { "shared/a.ts": "\nexport const A = 1;" }, "shared/a.ts:2"],
  [switchedTests, { "test/a.test.ts": ["test", "only()"].join(".") }, "test/a.test.ts:1"],
  [
    staleRights,
    { "docs/guides/access.md": read("docs/guides/access.md").replace("roll back", "roll") },
    "npm run rights",
  ],
  [leftConflicts, { "docs/a.md": `${"<".repeat(7)} HEAD\n` }, "docs/a.md"],
  [leftoverNotes, { "shared/a.ts": ["// TO", "DO: later"].join("") }, "shared/a.ts:1"],
  [machinePlaces, { "a.md": ["see ", "home", "ann", "a"].join("/") }, "a.md:1"],
  [
    machinePlaces,
    { "package-lock.json": '"resolved": "https://a.example"' },
    "package-lock.json:1",
  ],
  [unexplainedDisables, { "shared/a.ts": "// oxlint-disable-next-line eqeqeq" }, "shared/a.ts:1"],
  [scatteredEnvironment, { "functions/a.ts": "process.env.HOME" }, "functions/a.ts:1"],
  [inheritedNames, { "shared/a.ts": "state.releases[id]" }, "shared/a.ts:1"],
  [scatteredTerminal, { "infra/a.ts": "process.stdout.write(reason)" }, "infra/a.ts:1"],
  [
    unsealedPackages,
    { "package-lock.json": '{"packages": {"node_modules/a": {"integrity": "sha1-abc="}}}' },
    "node_modules/a",
  ],
  [givenUpWords, { "shared/domain/a.ts": "export type CronLine = 1;" }, "CronLine"],
  [
    misnamedFunctions,
    { "functions/on-a.ts": "export const onAFunction = 1;" },
    "functions/on-a.ts",
  ],
  [
    misnamedFunctions,
    { "functions/names.ts": read("functions/names.ts").replace('"api"', '"api", "on-b"') },
    "on-b is registered",
  ],
  [
    untriedParsers,
    { "shared/wire/a.ts": "export function parseA(text: string): string {" },
    "do not try parseA",
  ],
  [unboundedBodies, { "emulators/iam/a.ts": "await c.req.text();" }, "emulators/iam/a.ts:1"],
  [unsetVariables, { "shared/config.ts": "  SLIPWAY_A: list," }, "SLIPWAY_A"],
  [
    unsetVariables,
    { "infra/local/functions-environment.ts": "  SLIPWAY_B: 1," },
    "SLIPWAY_B, which nothing reads",
  ],
  [
    untrueLimits,
    { "shared/app/a.ts": "const A_MAX = 3;" },
    "does not name A_MAX of shared/app/a.ts",
  ],
  [
    untrueLimits,
    { "shared/app/drain.ts": "export const ROUNDS_MAX = 21;" },
    "says 20 rounds for an event for ROUNDS_MAX, which is 21",
  ],
  [
    untrueLimits,
    { "shared/domain/change/request.ts": "" },
    "names WAIT_MAX, which shared/domain/change/request.ts does not have",
  ],
  [
    untestedEffects,
    { "test/fault/calls.test.ts": read("test/fault/calls.test.ts").replace("cancel-", "a-") },
    "cancel-rollout",
  ],
  [undescribedMethods, { "emulators/a/server.ts": "" }, "emulators/a has no README.md"],
  [
    undescribedMethods,
    { "emulators/pubsub/README.md": "DeleteTopic" },
    "emulators/pubsub/README.md does not name StreamingPull",
  ],
  [
    undescribedMethods,
    { "emulators/cloud-deploy/README.md": "GetRollout" },
    "emulators/cloud-deploy/README.md does not name CreateRollout",
  ],
  [
    undescribedMethods,
    { "emulators/storage/README.md": "buckets.get" },
    "emulators/storage/README.md does not name objects.rewrite",
  ],
  [
    undescribedRecords,
    { [AUDIT_GUIDE]: read(AUDIT_GUIDE).replace("- `drift.resolved`", "- `drift.over`") },
    "does not describe drift.resolved",
  ],
  [
    undescribedRecords,
    { [AUDIT_GUIDE]: read(AUDIT_GUIDE).replace("- `drift.resolved`", "- `drift.over`") },
    "describes drift.over, which nothing records",
  ],
  [
    looseVersions,
    { "package.json": read("package.json").replace('"zod": "', '"zod": "^') },
    "package.json: zod ^",
  ],
  [
    lackingLocks,
    {
      "package-lock.json": '{"packages": {"node_modules/a": {"optionalDependencies": {"b": "1"}}}}',
    },
    "package-lock.json lacks b",
  ],
  [unexplainedDependencies, { "docs/reference/dependencies.md": "" }, "zod is not explained"],
  [unknownScripts, { "README.md": "`npm run nothing`" }, "README.md names the script nothing"],
  [
    unknownCommands,
    { "README.md": "`npx slipway nothing`" },
    "README.md names the command nothing",
  ],
  [deadLinks, { "docs/a.md": "[b](../b.md)" }, "docs/a.md leads to ../b.md"],
  [deadLinks, { "docs/a.md": "# A\n[b](#b)" }, "docs/a.md leads to #b"],
  [
    wordyTables,
    { "docs/a.md": `| a |\n| - |\n| ${"a".repeat(81)} |` },
    "docs/a.md:3 has a sentence in a table",
  ],
  [longArchitecture, { "ARCHITECTURE.md": "a".repeat(15_361) }, "ARCHITECTURE.md has 15361 bytes"],
];

const cases = WORSE.map(([check, files, found]) => ({ name: check.name, check, files, found }));

test.each(cases)("$name sees that $found", ({ check, files, found }) => {
  expect(check(withFiles(files)).join("\n")).toContain(found);
});
