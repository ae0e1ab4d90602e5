import type { z } from "zod";
import type { Clock } from "../kit/clock.ts";
import type { GithubApp } from "./app.ts";
import type { NewComment, NewCommitStatus, NewDeployment, NewDeploymentStatus } from "./bodies.ts";

/** A repository as an app meets it. */
export type Repository = {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly isArchived: boolean;
  /** Whether the app is installed on it, and the token may see it. */
  readonly isReachable: boolean;
  /** Whether the installation was suspended. */
  readonly isSuspended: boolean;
  /** The id of the repository that it became; null where it is still there. */
  readonly movedTo: number | null;
};

/** A commit. Those of a repository are in the order in which they came onto the default branch. */
export type Commit = {
  readonly repository: number;
  readonly sha: string;
  readonly message: string;
};

/** A pull request in the API's JSON, and what the API does not show of it. */
export type Pull = {
  readonly number: number;
  readonly title: string;
  /** Null for one that was not merged. */
  readonly merged_at: string | null;
  /** Whether its conversation is closed to everybody who may not write to the repository. */
  readonly locked: boolean;
  readonly hidden: {
    readonly repository: number;
    /** Those that it brought. */
    readonly commits: readonly string[];
  };
};

/** What was made, in the API's JSON: what was said of it, and what GitHub adds. */
export type Made<Said> = Said & {
  readonly id: number;
  readonly created_at: string;
  readonly hidden: {
    readonly repository: number;
    /** What of the repository it is about: a commit by its whole name, a pull request or a deployment by its number. */
    readonly about: string;
  };
};

/** A deployment: a commit that is to go somewhere. */
export type Deployment = Made<z.infer<typeof NewDeployment> & { readonly sha: string }>;
/** What was said of a deployment; the newest counts. */
export type DeploymentStatus = Made<
  z.infer<typeof NewDeploymentStatus> & { readonly environment: string }
>;
/** What was said of a commit; of each context the newest counts. */
export type CommitStatus = Made<z.infer<typeof NewCommitStatus>>;
/** A comment on a pull request. */
export type Comment = Made<z.infer<typeof NewComment>>;

/** What an app may do with a repository, by permission. */
export type Permissions = Readonly<Record<string, "read" | "write">>;

/** GitHub as it runs here, with one app in it. */
export type Hub = {
  readonly state: GithubState;
  readonly clock: Clock;
  readonly app: () => GithubApp;
  /** Until when no call is answered, as after too many; 0 for never. */
  readonly limitedUntilMs: () => number;
  /** Whether repositories and commits are made when they are named, with a pull request that brought them; GitHub makes none. */
  readonly makesCommits: boolean;
};

/** Everything. Records are by their ids, in the order in which they were made. */
export type GithubState = {
  readonly known: Map<string, Repository>;
  readonly commits: Map<string, Commit>;
  readonly pulls: Map<string, Pull>;
  readonly comments: Map<string, Comment>;
  readonly deployments: Map<string, Deployment>;
  readonly deploymentStatuses: Map<string, DeploymentStatus>;
  readonly commitStatuses: Map<string, CommitStatus>;
  /** Until when an installation's tokens are good, in milliseconds since the epoch. */
  readonly tokens: Map<string, number>;
};

/** The next number for anything that has one: larger than all before, also after a restart. */
export function nextId(state: GithubState): number {
  const counts = Object.values(state).map((records: ReadonlyMap<string, unknown>) => records.size);
  return 1 + counts.reduce((sum, count) => sum + count, 0);
}

/** The repository of that name, in any case of letters; undefined where there is none. */
export function findRepository({ known }: GithubState, fullName: string): Repository | undefined {
  const wanted = fullName.toLowerCase();
  return [...known.values()].findLast(
    ({ owner, name }) => `${owner}/${name}`.toLowerCase() === wanted,
  );
}

/** Makes a repository, such as `acme/web`. */
export function addRepository(state: GithubState, fullName: string): Repository {
  const [owner = "", name = ""] = fullName.split("/");
  const id = nextId(state);
  const about = { isArchived: false, isReachable: true, isSuspended: false, movedTo: null };
  const repository = { id, owner, name, ...about };
  state.known.set(String(id), repository);
  return repository;
}

/** Makes a commit, which nobody wrote a message for. */
export function addCommit(state: GithubState, repository: number, sha: string): Commit {
  const commit = { repository, sha, message: `Change ${sha.slice(0, 7)}` };
  state.commits.set(`${repository} ${sha}`, commit);
  return commit;
}

/**
 * A repository's commit by its whole name, or by a beginning that no other has; one that is not there is made where the
 * hub makes them, with a pull request that brought it. Undefined where there is none.
 */
export function commitNamed(hub: Hub, { id }: Repository, ref: string): Commit | undefined {
  const { state, clock } = hub;
  const found = [...state.commits.values()].filter(
    (one) => one.repository === id && one.sha.startsWith(ref.toLowerCase()),
  );
  if (found.length === 1 || !hub.makesCommits || !/^[0-9a-f]{7,40}$/.test(ref)) {
    return found.length === 1 ? found[0] : undefined;
  }
  const commit = addCommit(state, id, ref.padEnd(40, "0"));
  const number = nextId(state);
  state.pulls.set(`${id} ${number}`, {
    number,
    title: commit.message,
    merged_at: timeText(clock.now()),
    locked: false,
    hidden: { repository: id, commits: [commit.sha] },
  });
  return commit;
}

/** A moment as GitHub writes it, to the second. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

/** Makes something about a part of a repository. */
export function make<Said extends object>(
  { state, clock }: Hub,
  items: Map<string, Made<Said>>,
  { hidden, said }: { readonly hidden: Made<Said>["hidden"]; readonly said: Said },
): Made<Said> {
  const made = { id: nextId(state), created_at: timeText(clock.now()), ...said, hidden };
  items.set(String(made.id), made);
  return made;
}

/** What was made in a repository, about all of it or one part, the newest last. */
export function madeIn<Item extends Made<unknown>>(
  items: ReadonlyMap<string, Item>,
  repository: number | undefined,
  about?: string | number,
): readonly Item[] {
  return [...items.values()].filter(
    ({ hidden }) =>
      hidden.repository === repository && (about === undefined || hidden.about === String(about)),
  );
}
