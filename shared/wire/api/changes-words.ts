import type { z } from "zod";
import type { ChangesView } from "./changes.ts";

/** Changes as the API shows them. */
export type Changes = z.output<typeof ChangesView>;

type Release = Changes["to"];
type Migration = Changes["migrations"][number];

/** What the changes are, in a sentence; a colon at its end where releases follow. */
export function headline({ direction, environment, from, to, releases, isCut }: Changes): string {
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

/** A host's page compares whole repositories. */
export function folderText({ sourceFolder }: Changes): string {
  return sourceFolder === null ? "" : ` (the service is in ${sourceFolder})`;
}

/** What a migration does, when, and whether it can be undone, in a sentence. */
export function migrationText({ job, when, start, canBeUndone, meaning }: Migration): string {
  const run = start === "manual" ? "waits to be started" : "runs";
  const undo = canBeUndone === null ? "" : `; it ${canBeUndone ? "can" : "cannot"} be undone`;
  return `Migration ${job} ${run} ${when} the rollout${undo}: ${meaning}`;
}
