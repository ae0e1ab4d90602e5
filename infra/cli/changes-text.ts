import { folderText, headline, migrationText } from "../../shared/wire/api/changes-words.ts";
import type { Changes } from "../../shared/wire/api/changes-words.ts";
import { print } from "./output.ts";
import type { Text, Tone } from "./output.ts";
import { printTable } from "./table.ts";
import { relative } from "./time-text.ts";

type Release = Changes["to"];

const HEADINGS = ["RELEASE", "COMMIT", "PUSHED", "SPECIFICATION", "AUTHORS"];
const SIGN_TONES: Readonly<Record<"-" | "+" | " ", Tone>> = {
  "-": "bad",
  "+": "good",
  " ": "faint",
};
const COMMIT_DIGITS = 12;

/** Prints what goes to an environment with a release, and what cannot be told. */
export function printChanges(changes: Changes, now: number): void {
  print({ text: headline(changes), tone: changes.direction === "BACKWARD" ? "waiting" : "strong" });
  if (changes.direction !== "NONE") {
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

function printSpecification({ specification, from, to }: Changes): void {
  if (specification.state === "SAME" || from === null) {
    return;
  }
  print(`Specification: revision ${from.revision} to ${to.revision}`);
  for (const { sign, text } of specification.lines) {
    print("  ", { text: `${sign} ${text}`, tone: SIGN_TONES[sign] });
  }
}
