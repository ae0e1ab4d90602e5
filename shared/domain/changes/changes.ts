import { entryOf } from "../entry-of.ts";
import type { Digest, ReleaseId, SpecRevision } from "../ids.ts";
import { commitOf } from "../image.ts";
import { pushedAtOf } from "../release.ts";
import type { Release } from "../release.ts";
import type { Environment } from "../service.ts";
import { environmentState } from "../state.ts";
import type { ServiceState } from "../state.ts";
import { compareCommits } from "./comparison.ts";
import type { Comparison } from "./comparison.ts";
import type { SpecText } from "./kept-specs.ts";
import { materialOf } from "./material.ts";
import { migrationsOf } from "./migrations.ts";
import type { ChangedMigration } from "./migrations.ts";
import { specChange } from "./spec-change.ts";
import type { SpecChange } from "./spec-change.ts";
import { unknownOf } from "./unknown.ts";

/** A release among changes. */
export type ChangedRelease = {
  readonly id: ReleaseId;
  readonly digest: Digest;
  readonly tag: string | null;
  readonly revision: SpecRevision;
  readonly commit: string | null;
  readonly authors: readonly string[];
  readonly isBad: boolean;
  readonly pushedAt: string;
};

/** Which way it goes, in the order of pushes, from the release that is recorded to the new one. */
export type Direction = "first" | "forward" | "backward" | "none";

/** What goes to an environment with a release, and what cannot be told. */
export type Changes = {
  readonly direction: Direction;
  readonly from: ChangedRelease | null;
  readonly to: ChangedRelease;
  /**
   * The releases that come, or going backwards those that are taken away: all in between and the later, newest first.
   */
  readonly releases: readonly ChangedRelease[];
  /** Whether there are more releases than the list has. */
  readonly isCut: boolean;
  /** The commits of those releases, each once, in the same order. */
  readonly commits: readonly string[];
  readonly authors: readonly string[];
  readonly comparison: Comparison;
  readonly specification: SpecChange;
  readonly migrations: readonly ChangedMigration[];
  /** What cannot be told, and why. */
  readonly unknown: readonly string[];
  /** What an approval that is given now is given for, in words. */
  readonly material: string;
};

/** How many releases in between are listed. */
export const RELEASES_TOLD_MAX = 50;

/** How many authors are listed. */
const AUTHORS_TOLD_MAX = 50;

/** Which changes are asked for, with what was read to answer. */
export type ChangesQuestion = {
  readonly state: ServiceState;
  readonly environment: Environment;
  readonly release: Release;
  /** Whether the release comes by a rollback, which runs no migration. */
  readonly isRollback: boolean;
  /** The releases after the earlier of the two up to the later, the newest first; at most one more than are listed. */
  readonly between: readonly Release[];
  /** The texts of the two revisions, as far as they are kept. */
  readonly specs: readonly SpecText[];
};

/** The release that is recorded in an environment; null where none is. */
export function releaseThere(state: ServiceState, environment: Environment): Release | null {
  const { current } = environmentState(state, environment.id);
  return current === null ? null : (entryOf(state.releases, current.release) ?? null);
}

/** Tells what goes to an environment with a release. */
export function changesOf(question: ChangesQuestion): Changes {
  const { state, environment, release, isRollback, specs } = question;
  const before = releaseThere(state, environment);
  const between = before === null ? [release] : question.between;
  const releases = between.slice(0, RELEASES_TOLD_MAX).map(toChanged);
  const from = before === null ? null : toChanged(before);
  const to = toChanged(release);
  const comparison: Comparison =
    from === null
      ? { kind: "none", reason: "nothing runs there to compare with" }
      : compareCommits(state.service.source, from.commit, to.commit);
  const told = {
    direction: directionOf(before, release),
    from,
    to,
    releases,
    isCut: between.length > releases.length,
    commits: each(releases.map(({ commit }) => commit).filter((commit) => commit !== null)),
    authors: each(releases.flatMap(({ authors }) => authors)).slice(0, AUTHORS_TOLD_MAX),
    comparison,
    specification: specChange(from?.revision ?? null, to.revision, specs),
    migrations: isRollback ? [] : migrationsOf(environment.policy),
    material: materialOf(state, environment),
  };
  const { drift } = environmentState(state, environment.id);
  return { ...told, unknown: unknownOf(told, drift?.running ?? null) };
}

function directionOf(before: Release | null, release: Release): Direction {
  if (before === null) {
    return "first";
  }
  if (before.id === release.id) {
    return "none";
  }
  return release.order > before.order ? "forward" : "backward";
}

function toChanged(release: Release): ChangedRelease {
  const { id, digest, tag, revision, image } = release;
  return {
    id,
    digest,
    tag,
    revision,
    commit: commitOf(image),
    authors: image.authors,
    isBad: image.bad !== null,
    pushedAt: pushedAtOf(release),
  };
}

function each(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
