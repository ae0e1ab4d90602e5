import type { AppliedStep } from "../plan/apply-spec.ts";
import { print } from "./output.ts";
import type { Tone } from "./output.ts";

const MARKS: Readonly<
  Record<AppliedStep["action"], { readonly mark: string; readonly tone: Tone }>
> = {
  create: { mark: "+", tone: "good" },
  update: { mark: "~", tone: "waiting" },
  delete: { mark: "-", tone: "bad" },
  unchanged: { mark: "=", tone: "faint" },
};

/** Prints a step: a mark for its action, what it is about, each field that changes, and what to know. */
export function printStep({ action, kind, name, changes, notes }: AppliedStep): void {
  const { mark, tone } = MARKS[action];
  print({ text: `  ${mark} ${action.padEnd("unchanged".length)}`, tone }, `  ${kind} ${name}`);
  for (const { field, from, to } of changes) {
    print(`      ${field}: ${from === "" ? "(nothing)" : from} -> ${to}`);
  }
  for (const note of notes) {
    print({ text: `      note: ${note}`, tone: "faint" });
  }
}

/** Prints which keys of the file have no effect here, if there are any. */
export function printLeft(keys: readonly string[]): void {
  if (keys.length > 0) {
    print({ text: `  left to Terraform: ${keys.join(", ")}`, tone: "faint" });
  }
}

/** Prints what to say where what is not there is to come later, if that is why a file cannot be used. */
export function printLater({ lacks }: { readonly lacks: boolean }): void {
  if (lacks) {
    print("Where something is made later, say --allow-missing: then it is a warning.");
  }
}

/** `2 to create, 1 to update, 3 unchanged`, with the words for what is to be done or was. */
export function countSteps(
  steps: readonly Pick<AppliedStep, "action">[],
  words: Readonly<Record<AppliedStep["action"], string>>,
): string {
  const actions = ["create", "update", "delete", "unchanged"] as const;
  const counted = actions.map((action) => ({
    word: words[action],
    number: steps.filter((step) => step.action === action).length,
  }));
  return counted
    .filter(({ number }) => number > 0)
    .map(({ word, number }) => `${number} ${word}`)
    .join(", ");
}
