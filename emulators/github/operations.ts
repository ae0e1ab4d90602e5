import { NewComment, NewCommitStatus, NewDeployment, NewDeploymentStatus, read } from "./bodies.ts";
import { GithubError, notFound } from "./github-error.ts";
import {
  type Commit,
  commitNamed,
  type Deployment,
  type Hub,
  make,
  madeIn,
  type Permissions,
  type Pull,
  type Repository,
} from "./state.ts";

/** A call about one repository, as an operation sees it. */
export type Call = {
  readonly hub: Hub;
  readonly repository: Repository;
  /** What the path and the query say. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
};

/** A method of the REST API. */
export type Operation = {
  /** As the published description names it, such as `repos/create-deployment`. */
  readonly id: string;
  /** Below `/repos/OWNER/REPO`, such as `/deployments/:deployment_id/statuses`. */
  readonly path: string;
  /** What an app must be allowed; a token of a person may do everything. */
  readonly needs: readonly [name: string, access: Permissions[string]];
} & (
  | {
      /** One page of it is answered. @throws GithubError */
      readonly list: (call: Call) => readonly object[];
      /** The parameters by which it is narrowed. */
      readonly narrows?: readonly string[];
    }
  /** Gives what it made. @throws GithubError */
  | { readonly make: (call: Call) => object }
);

/**
 * Deployments and what is said of them, what is said of commits, and comments on the pull requests that brought them.
 * Source: https://docs.github.com/rest/deployments, /rest/commits and /rest/issues/comments
 */
export const OPERATIONS: readonly Operation[] = [
  {
    id: "repos/list-deployments",
    path: "/deployments",
    narrows: ["environment"],
    needs: ["deployments", "read"],
    list: ({ hub, repository, parameters: { environment } }) =>
      madeIn(hub.state.deployments, repository.id)
        .filter((one) => environment === undefined || one.environment === environment)
        .toReversed(),
  },
  {
    id: "repos/create-deployment",
    path: "/deployments",
    needs: ["deployments", "write"],
    make: (call) => {
      const given = read(NewDeployment, "Deployment", call.body);
      const { production_environment = given.environment === "production" } = given;
      const { repository, sha } = commitOf(call, given.ref, "No ref found for");
      return make(call.hub, call.hub.state.deployments, {
        hidden: { repository, about: sha },
        said: { ...given, production_environment, sha },
      });
    },
  },
  {
    id: "repos/list-deployment-statuses",
    path: "/deployments/:deployment_id/statuses",
    needs: ["deployments", "read"],
    list: (call) => {
      const { id, hidden } = deploymentOf(call);
      return madeIn(call.hub.state.deploymentStatuses, hidden.repository, id).toReversed();
    },
  },
  {
    id: "repos/create-deployment-status",
    path: "/deployments/:deployment_id/statuses",
    needs: ["deployments", "write"],
    make: (call) => {
      const { id, environment, hidden } = deploymentOf(call);
      const given = read(NewDeploymentStatus, "DeploymentStatus", call.body);
      return make(call.hub, call.hub.state.deploymentStatuses, {
        hidden: { ...hidden, about: String(id) },
        said: { ...given, environment },
      });
    },
  },
  {
    id: "repos/create-commit-status",
    path: "/statuses/:sha",
    needs: ["statuses", "write"],
    // It wants the commit's whole name.
    make: (call) => {
      const asked = call.parameters["sha"] ?? "";
      const { repository, sha } = commitOf(call, asked);
      if (asked !== sha) {
        throw new GithubError(422, `No commit found for SHA: ${asked}`);
      }
      return make(call.hub, call.hub.state.commitStatuses, {
        hidden: { repository, about: sha },
        said: read(NewCommitStatus, "Status", call.body),
      });
    },
  },
  {
    id: "repos/list-commit-statuses-for-ref",
    path: "/commits/:ref/statuses",
    needs: ["statuses", "read"],
    list: (call) => {
      const { repository, sha } = commitOf(call, call.parameters["ref"]);
      return madeIn(call.hub.state.commitStatuses, repository, sha).toReversed();
    },
  },
  {
    id: "repos/list-pull-requests-associated-with-commit",
    path: "/commits/:commit_sha/pulls",
    needs: ["pull_requests", "read"],
    list: (call) => {
      const { repository, sha } = commitOf(call, call.parameters["commit_sha"]);
      return [...call.hub.state.pulls.values()]
        .filter(({ hidden }) => hidden.repository === repository && hidden.commits.includes(sha))
        .map(({ number, title, merged_at, locked }) => {
          const state = merged_at === null ? "open" : "closed";
          return { number, title, state, locked, merged_at };
        });
    },
  },
  {
    id: "issues/list-comments",
    path: "/issues/:issue_number/comments",
    needs: ["pull_requests", "read"],
    list: (call) => {
      const { number, hidden } = pullOf(call);
      return madeIn(call.hub.state.comments, hidden.repository, number);
    },
  },
  {
    id: "issues/create-comment",
    path: "/issues/:issue_number/comments",
    needs: ["pull_requests", "write"],
    make: (call) => {
      const { number, locked, hidden } = pullOf(call);
      const said = read(NewComment, "IssueComment", call.body);
      if (locked) {
        throw new GithubError(403, "Unable to create comment because issue is locked.");
      }
      const about = { repository: hidden.repository, about: String(number) };
      return make(call.hub, call.hub.state.comments, { hidden: about, said });
    },
  },
];

function commitOf(
  { hub, repository }: Call,
  ref = "",
  refusal = "No commit found for SHA",
): Commit {
  const commit = commitNamed(hub, repository, ref);
  if (commit === undefined) {
    throw new GithubError(422, `${refusal}: ${ref}`);
  }
  return commit;
}

function deploymentOf({ hub, repository, parameters }: Call): Deployment {
  const found = hub.state.deployments.get(parameters["deployment_id"] ?? "");
  if (found === undefined || found.hidden.repository !== repository.id) {
    throw notFound();
  }
  return found;
}

function pullOf({ hub, repository, parameters }: Call): Pull {
  const found = hub.state.pulls.get(`${repository.id} ${parameters["issue_number"] ?? ""}`);
  if (found === undefined) {
    throw notFound();
  }
  return found;
}
