import { realClock } from "../kit/clock.ts";
import { faultPlan } from "../kit/faults.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import type { GithubApp } from "./app.ts";
import { addPage } from "./page.ts";
import { addRest } from "./rest.ts";
import {
  addCommit,
  addRepository,
  type Comment,
  type CommitStatus,
  type Deployment,
  type DeploymentStatus,
  findRepository,
  type GithubState,
  type Hub,
  madeIn,
  type Pull,
  type Repository,
} from "./state.ts";

/** How GitHub is, and the app in it. */
export type GithubOptions = Omit<EmulatorOptions, "access"> & {
  readonly app?: Partial<GithubApp>;
  /** Such as `acme/web`, with the whole names of their commits, the oldest first. */
  readonly repositories?: readonly NewRepository[];
  /** Whether repositories and commits are made when they are named; GitHub makes none. */
  readonly makesCommits?: boolean;
};

/** A repository to begin with. */
export type NewRepository = {
  readonly name: string;
  readonly commits?: readonly string[];
  readonly pulls?: readonly (Omit<Pull, "hidden"> & Pick<Pull["hidden"], "commits">)[];
};

/** A deployment with what was said of it, the newest first. */
export type SeenDeployment = {
  readonly deployment: Deployment;
  readonly statuses: readonly DeploymentStatus[];
};

/** GitHub, running. */
export type RunningGithub = RunningServer & {
  readonly app: () => GithubApp;
  /** Replaces what the app has: its key, its token, its permissions. */
  readonly set: (change: Partial<GithubApp>) => void;
  /** Changes a repository that is there, as somebody with rights in it does. */
  readonly change: (name: string, change: Partial<Omit<Repository, "id">>) => void;
  /** Every call is refused until then, as after too many. */
  readonly limitUntil: (ms: number) => void;
  /** No token of an installation is good any more. */
  readonly forgetTokens: () => void;
  /** In the order in which they were made; none of a repository that is not there. */
  readonly deployments: (repository: string) => readonly SeenDeployment[];
  readonly commitStatuses: (repository: string) => readonly CommitStatus[];
  readonly comments: (repository: string) => readonly Comment[];
};

/** What Slipway's app is allowed, unless it is said otherwise. */
const PERMISSIONS = { deployments: "write", statuses: "write", pull_requests: "write" } as const;

const STORE_NAME = "github";

/**
 * Starts GitHub with one app in it: the part of the REST API by which deployments are shown, and a page that shows
 * what was said of each commit.
 * @throws Error when the port is taken.
 */
export async function startGithub(options: GithubOptions = {}): Promise<RunningGithub> {
  const { clock = realClock(), faults = faultPlan() } = options;
  const state = keepMaps<GithubState>(options.persistence, STORE_NAME, {
    known: new Map(),
    commits: new Map(),
    pulls: new Map(),
    comments: new Map(),
    deployments: new Map(),
    deploymentStatuses: new Map(),
    commitStatuses: new Map(),
    tokens: new Map(),
  });
  let limitedUntilMs = 0;
  let app = installedApp(options.app ?? {});
  const hub: Hub = {
    state,
    clock,
    app: () => app,
    limitedUntilMs: () => limitedUntilMs,
    makesCommits: options.makesCommits === true,
  };
  populate(state, options);
  const server = await serve({
    ...options,
    clock,
    faults,
    state,
    http: (routes) => {
      addRest(routes, hub, faults);
      addPage(routes, hub);
    },
  });
  return {
    ...server,
    app: () => app,
    set: (change) => {
      app = { ...app, ...change };
    },
    limitUntil: (ms) => {
      limitedUntilMs = ms;
    },
    forgetTokens: () => {
      state.tokens.clear();
    },
    ...looksAt(state),
    reset: () => {
      server.reset();
      limitedUntilMs = 0;
      app = installedApp(options.app ?? {});
      populate(state, options);
    },
  };
}

function installedApp(given: Partial<GithubApp>): GithubApp {
  return {
    id: 4711,
    slug: "slipway",
    publicKey: null,
    permissions: PERMISSIONS,
    token: "ghp_local",
    ...given,
  };
}

/** What was kept is not made anew. */
function populate(state: GithubState, { repositories = [] }: GithubOptions): void {
  const fresh = repositories.filter(({ name }) => findRepository(state, name) === undefined);
  for (const { name, commits = [], pulls = [] } of fresh) {
    const { id } = addRepository(state, name);
    for (const sha of commits) {
      addCommit(state, id, sha);
    }
    for (const { commits: brought, ...pull } of pulls) {
      const hidden = { repository: id, commits: brought };
      state.pulls.set(`${id} ${pull.number}`, { ...pull, hidden });
    }
  }
}

type Looks = Pick<RunningGithub, "change" | "deployments" | "commitStatuses" | "comments">;

function looksAt(state: GithubState): Looks {
  const idOf = (name: string): number | undefined => findRepository(state, name)?.id;
  return {
    change: (name, change) => {
      const before = findRepository(state, name);
      if (before === undefined) {
        throw new Error(`there is no repository ${name}`);
      }
      state.known.set(String(before.id), { ...before, ...change });
    },
    deployments: (name) =>
      madeIn(state.deployments, idOf(name)).map((deployment) => ({
        deployment,
        statuses: madeIn(state.deploymentStatuses, idOf(name), deployment.id).toReversed(),
      })),
    commitStatuses: (name) => madeIn(state.commitStatuses, idOf(name)),
    comments: (name) => madeIn(state.comments, idOf(name)),
  };
}
