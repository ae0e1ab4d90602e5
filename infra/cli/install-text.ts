import type { Progress } from "../platform/engine/perform.ts";
import type { Performed } from "../platform/engine/perform.ts";
import type { Change } from "../platform/engine/plan.ts";
import type { InstallationPlan } from "../platform/installer.ts";
import { print } from "./output.ts";
import type { Tone } from "./output.ts";

const MARKS: Readonly<Record<Change["action"], { readonly mark: string; readonly tone: Tone }>> = {
  create: { mark: "+", tone: "good" },
  update: { mark: "~", tone: "waiting" },
  delete: { mark: "-", tone: "bad" },
  unchanged: { mark: "=", tone: "faint" },
};

/** Prints a tree: each project, and in it what is to be created, changed and taken away. */
export function printTree(changes: readonly Change[], isWhole: boolean): void {
  const shown = changes.filter(({ action }) => isWhole || action !== "unchanged");
  for (const [project, own] of Map.groupBy(shown, ({ resource }) => resource.project)) {
    print({ text: project, tone: "strong" });
    for (const change of own) {
      printChange(change);
    }
  }
}

function printChange({ action, resource, changes, notes }: Change): void {
  const { mark, tone } = MARKS[action];
  print({ text: `  ${mark} `, tone }, `${resource.kind} ${shortName(resource.name)}`, {
    text: `  ${resource.why}`,
    tone: "faint",
  });
  for (const { field, from, to } of changes) {
    print(`      ${field}: ${from === "" ? "(nothing)" : from} -> ${to === "" ? "(nothing)" : to}`);
  }
  for (const note of notes) {
    print({ text: `      note: ${note}`, tone: "faint" });
  }
}

/** The name without the project, which is above. */
function shortName(name: string): string {
  return name.replace(/^projects\/[^/]+\/?/, "") || name;
}

/** Prints what keeps an installation from being made, what may keep it, and what to do about each. */
export function printObstacles({
  obstacles,
  warnings,
}: Pick<InstallationPlan, "obstacles" | "warnings">): void {
  for (const { what, mend } of obstacles) {
    print({ text: "error ", tone: "bad" }, what);
    print(`      ${mend}`);
  }
  for (const { what, mend } of warnings) {
    print({ text: "warning ", tone: "waiting" }, what);
    print(`      ${mend}`);
  }
}

const WORDS = { create: "create", update: "change", delete: "remove", unchanged: "unchanged" };

/** Prints a row for each thing that is begun, waited for or done. */
export function printProgress(progress: Progress): void {
  const { kind, name } = progress.change.resource;
  const what = `${kind} ${shortName(name)}`;
  const word = WORDS[progress.change.action];
  switch (progress.kind) {
    case "begun":
      return print({ text: `  ... ${word} ${what}`, tone: "faint" });
    case "waiting":
      return print({ text: `  ... ${what} waits: ${progress.reason}`, tone: "waiting" });
    case "done":
      return print({ text: "  ok  ", tone: "good" }, `${word} ${what}`);
  }
}

/** Prints what could not be done, and what was not begun for it. */
export function printFailures({ failed, skipped }: Performed): void {
  for (const { item, error } of failed) {
    const reason = error instanceof Error ? error.message : String(error);
    print(
      { text: "error ", tone: "bad" },
      `${item.resource.kind} ${item.resource.name}: ${reason}`,
    );
  }
  if (skipped.length > 0) {
    print(`${skipped.length} more were not begun, because they need what failed.`);
  }
}

/** `3 to create, 1 to change, 80 unchanged`. */
export function countChanges(changes: readonly Change[]): string {
  const counted = (["create", "update", "delete", "unchanged"] as const).map((action) => ({
    word: action === "unchanged" ? "unchanged" : `to ${WORDS[action]}`,
    number: changes.filter((change) => change.action === action).length,
  }));
  return counted
    .filter(({ number }) => number > 0)
    .map(({ word, number }) => `${number} ${word}`)
    .join(", ");
}

/** A change as `--json` shows it. */
export function changeToJson({ action, resource, changes, notes }: Change): object {
  const { kind, name, project, why } = resource;
  return { action, kind, name, project, why, changes, notes };
}
