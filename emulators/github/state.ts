import type { Clock } from "../kit/clock.ts";
import type { GithubApp } from "./app.ts";

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

/** A pull request, with the commits that it brought. */
export type Pull = {
  readonly repository: number;
  readonly number: number;
  readonly title: string;
  readonly commits: readonly string[];
  /** Null for one that was not merged. */
  readonly mergedMs: number | null;
  /** Whether its conversation is closed to everybody who may not write to the repository. */
  readonly isLocked: boolean;
};

/** A comment on a pull request. */
export type Comment = {
  readonly id: number;
  readonly repository: number;
  readonly pull: number;
  readonly body: string;
  readonly createdMs: number;
};

/** A deployment: a commit that is to go somewhere. */
export type Deployment = {
  readonly id: number;
  readonly repository: number;
  readonly sha: string;
  readonly ref: string;
  readonly environment: string;
  readonly description: string | null;
  readonly payload: unknown;
  readonly isProduction: boolean;
  readonly createdMs: number;
};

/** The states that a status of a deployment may have. */
export const DEPLOYMENT_STATES = [
  "error",
  "failure",
  "inactive",
  "in_progress",
  "queued",
  "pending",
  "success",
] as const;

/** How a deployment stands. */
export type DeploymentState = (typeof DEPLOYMENT_STATES)[number];

/** What was said of a deployment; the newest counts. */
export type DeploymentStatus = {
  readonly id: number;
  readonly deployment: number;
  readonly state: DeploymentState;
  readonly description: string;
  readonly environment: string;
  readonly logUrl: string;
  readonly environmentUrl: string;
  readonly createdMs: number;
};

/** The states that a status of a commit may have. */
export const COMMIT_STATES = ["error", "failure", "pending", "success"] as const;

/** How a commit stands, by what one context says. */
export type CommitState = (typeof COMMIT_STATES)[number];

/** What was said of a commit; of each context the newest counts. */
export type CommitStatus = {
  readonly id: number;
  readonly repository: number;
  readonly sha: string;
  readonly state: CommitState;
  readonly context: string;
  readonly description: string | null;
  readonly targetUrl: string | null;
  readonly createdMs: number;
};

/** What an app may do with a repository, by permission. */
export type Permissions = Readonly<Record<string, "read" | "write">>;

/** A token that an installation was given. */
export type InstallationToken = { readonly value: string; readonly expiresMs: number };

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
  readonly repositories: Map<string, Repository>;
  readonly commits: Map<string, Commit>;
  readonly pulls: Map<string, Pull>;
  readonly comments: Map<string, Comment>;
  readonly deployments: Map<string, Deployment>;
  readonly deploymentStatuses: Map<string, DeploymentStatus>;
  readonly commitStatuses: Map<string, CommitStatus>;
  readonly tokens: Map<string, InstallationToken>;
};

/** A state in which nothing is. */
export function emptyState(): GithubState {
  return {
    repositories: new Map(),
    commits: new Map(),
    pulls: new Map(),
    comments: new Map(),
    deployments: new Map(),
    deploymentStatuses: new Map(),
    commitStatuses: new Map(),
    tokens: new Map(),
  };
}

/** The next number for anything that has one: larger than all before, also after a restart. */
export function nextId(state: GithubState): number {
  const counts = Object.values(state).map((records: ReadonlyMap<string, unknown>) => records.size);
  return 1 + counts.reduce((sum, count) => sum + count, 0);
}

/** The repository of that name, in any case of letters; undefined where there is none. */
export function findRepository(
  { repositories }: GithubState,
  fullName: string,
): Repository | undefined {
  const wanted = fullName.toLowerCase();
  return [...repositories.values()].findLast(
    ({ owner, name }) => `${owner}/${name}`.toLowerCase() === wanted,
  );
}

/** Makes a repository, such as `acme/web`. */
export function addRepository(state: GithubState, fullName: string): Repository {
  const [owner = "", name = ""] = fullName.split("/");
  const id = nextId(state);
  const about = { isArchived: false, isReachable: true, isSuspended: false, movedTo: null };
  const repository = { id, owner, name, ...about };
  state.repositories.set(String(id), repository);
  return repository;
}

/**
 * A repository's commit by its whole name, or by a beginning that no other has; one that is not there is made where the
 * hub makes them. Undefined where there is none.
 */
export function commitNamed(hub: Hub, { id }: Repository, ref: string): Commit | undefined {
  const found = [...hub.state.commits.values()].filter(
    (one) => one.repository === id && one.sha.startsWith(ref.toLowerCase()),
  );
  if (found.length === 1) {
    return found[0];
  }
  return hub.makesCommits && /^[0-9a-f]{7,40}$/.test(ref) ? makeChange(hub, id, ref) : undefined;
}

/** A commit that a pull request brought, whose whole name begins with what is known of it. */
function makeChange({ state, clock }: Hub, repository: number, ref: string): Commit {
  const sha = ref.padEnd(40, "0");
  const number = nextId(state);
  const title = titleOf(sha);
  const commit = { repository, sha, message: title };
  state.commits.set(`${repository} ${sha}`, commit);
  const about = { commits: [sha], mergedMs: clock.now(), isLocked: false };
  state.pulls.set(`${repository} ${number}`, { repository, number, title, ...about });
  return commit;
}

/** What a commit is called that nobody wrote a message for. */
export function titleOf(sha: string): string {
  return `Change ${sha.slice(0, 7)}`;
}

/** What each context says of a commit now, the newest first. */
export function newestStatuses(
  { commitStatuses }: GithubState,
  { repository, sha }: Commit,
): readonly CommitStatus[] {
  const all = [...commitStatuses.values()]
    .filter((one) => one.repository === repository && one.sha === sha)
    .toReversed();
  return all.filter(
    ({ context }, index) => all.findIndex((one) => one.context === context) === index,
  );
}

/** What was said of a deployment, the newest first. */
export function statusesOf(
  { deploymentStatuses }: GithubState,
  deployment: number,
): readonly DeploymentStatus[] {
  return [...deploymentStatuses.values()]
    .filter((one) => one.deployment === deployment)
    .toReversed();
}
