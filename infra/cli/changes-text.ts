import type { z } from "zod";
import type { ChangesView } from "../../shared/wire/api/changes.ts";
import { print } from "./output.ts";
import type { Text, Tone } from "./output.ts";
import { printTable } from "./table.ts";
import { relative } from "./time-text.ts";

/** Changes as the API shows them. */
export type Changes = z.output<typeof ChangesView>;

type Release = Changes["to"];
type Migration = Changes["migrations"][number];

const HEADINGS = ["RELEASE", "COMMIT", "PUSHED", "SPECIFICATION", "AUTHORS"];
const SIGN_TONES: Readonly<Record<"-" | "+" | " ", Tone>> = {
  "-": "bad",
  "+": "good",
  " ": "faint",
};
const COMMIT_DIGITS = 12;

/** Prints what goes to an environment with a release, and what cannot be told. */
export function printChanges(changes: Changes): void {
  print({ text: headline(changes), tone: changes.direction === "BACKWARD" ? "waiting" : "strong" });
  if (changes.direction !== "NONE") {
    const now = Date.now();
    printTable(
      HEADINGS,
      changes.releases.map((release) => toCells(release, now)),
      "  The same image: only the specification differs.",
    );
  }
  if (changes.comparison !== null) {
    print("Compare: ", changes.comparison, folderText(changes));
  }
  printSpecification(changes);
  for (const migration of changes.migrations) {
    print({
      text: migrationText(migration),
      tone: migration.canBeUndone === false ? "bad" : "faint",
    });
  }
  if (changes.unknown.length > 0) {
    print({ text: "What cannot be told:", tone: "waiting" });
  }
  for (const sentence of changes.unknown) {
    print("  ", sentence);
  }
}

function headline({ direction, environment, from, to, releases, isCut }: Changes): string {
  const more = isCut ? "more than " : "";
  const count = `${more}${releases.length} ${releases.length === 1 ? "release" : "releases"}`;
  switch (direction) {
    case "FIRST":
      return `Nothing runs in ${environment} yet: ${nameOf(to)} is the first.`;
    case "NONE":
      return `${environment} has ${nameOf(to)} already.`;
    case "FORWARD":
      return `${environment} goes from ${nameOf(from)} to ${nameOf(to)}, by ${count}:`;
    case "BACKWARD":
      return `${environment} goes back from ${nameOf(from)} to ${nameOf(to)}; ${count} would be taken away:`;
  }
}

function nameOf(release: Release | null): string {
  return release === null ? "nothing" : (release.tag ?? release.id);
}

function toCells(
  { id, tag, commit, pushTime, revision, authors, isBad }: Release,
  now: number,
): Text[] {
  const name = tag ?? id;
  return [
    isBad ? { text: `${name} (bad)`, tone: "bad" } : name,
    commit === null ? "not known" : commit.slice(0, COMMIT_DIGITS),
    relative(pushTime, now),
    revision,
    authors.join(", "),
  ];
}

/** A host's page compares whole repositories. */
function folderText({ sourceFolder }: Changes): string {
  return sourceFolder === null ? "" : ` (the service is in ${sourceFolder})`;
}

function printSpecification({ specification, from, to }: Changes): void {
  if (specification.state === "SAME" || from === null) {
    return;
  }
  print(`Specification: revision ${from.revision} to ${to.revision}`);
  for (const { sign, text } of specification.lines) {
    print("  ", { text: `${sign} ${text}`, tone: SIGN_TONES[sign] });
  }
}

function migrationText({ job, when, start, canBeUndone, meaning }: Migration): string {
  const run = start === "manual" ? "waits to be started" : "runs";
  const undo = canBeUndone === null ? "" : `; it ${canBeUndone ? "can" : "cannot"} be undone`;
  return `Migration ${job} ${run} ${when} the rollout${undo}: ${meaning}`;
}
