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

/** Which way a release goes from what runs, in the order of pushes. */
export type Direction = "first" | "forward" | "backward" | "none";

/** What goes to an environment with a release, and what cannot be told of it. */
export type Changes = {
  readonly direction: Direction;
  readonly from: ChangedRelease | null;
  readonly to: ChangedRelease;
  /** What comes, or going backwards what is taken away: every release in between and the later one, the newest first. */
  readonly releases: readonly ChangedRelease[];
  /** Whether there are more than are told of. */
  readonly isCut: boolean;
  /** The commits of those releases, each once, in the same order. */
  readonly commits: readonly string[];
  readonly authors: readonly string[];
  readonly comparison: Comparison;
  readonly specification: SpecChange;
  readonly migrations: readonly ChangedMigration[];
  /** What cannot be told, and why. */
  readonly unknown: readonly string[];
  /** What an approval given now is given for. */
  readonly material: string;
};

/** How many releases in between are told of. */
export const RELEASES_TOLD_MAX = 50;

/** How many authors are told of. */
const AUTHORS_TOLD_MAX = 50;

/** What is to be told, with what was read for it. */
export type ChangesQuestion = {
  readonly state: ServiceState;
  readonly environment: Environment;
  readonly release: Release;
  /** Whether it is gone back to, which runs no migration. */
  readonly isRollback: boolean;
  /** The releases after the earlier of the two, up to the later one, the newest first; one more than are told of. */
  readonly between: readonly Release[];
  /** The texts that are kept of the two revisions. */
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
