import {
  commentView,
  commitStatusView,
  deploymentStatusView,
  deploymentView,
  pullView,
} from "./views.ts";
import { NewComment, NewCommitStatus, NewDeployment, NewDeploymentStatus, read } from "./bodies.ts";
import { GithubError, notFound } from "./github-error.ts";
import {
  commitNamed,
  type Comment,
  type Commit,
  type CommitStatus,
  type Deployment,
  type DeploymentStatus,
  type Hub,
  nextId,
  type Permissions,
  type Pull,
  type Repository,
  statusesOf,
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
      readonly list: (call: Call) => readonly unknown[];
      /** The parameters by which it is narrowed. */
      readonly narrows?: readonly string[];
    }
  /** Gives what it made. @throws GithubError */
  | { readonly make: (call: Call) => unknown }
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
      [...hub.state.deployments.values()]
        .filter((one) => one.repository === repository.id)
        .filter((one) => environment === undefined || one.environment === environment)
        .toReversed()
        .map(deploymentView),
  },
  {
    id: "repos/create-deployment",
    path: "/deployments",
    needs: ["deployments", "write"],
    make: createDeployment,
  },
  {
    id: "repos/list-deployment-statuses",
    path: "/deployments/:deployment_id/statuses",
    needs: ["deployments", "read"],
    list: (call) => statusesOf(call.hub.state, deploymentOf(call).id).map(deploymentStatusView),
  },
  {
    id: "repos/create-deployment-status",
    path: "/deployments/:deployment_id/statuses",
    needs: ["deployments", "write"],
    make: createDeploymentStatus,
  },
  {
    id: "repos/create-commit-status",
    path: "/statuses/:sha",
    needs: ["statuses", "write"],
    make: createCommitStatus,
  },
  {
    id: "repos/list-commit-statuses-for-ref",
    path: "/commits/:ref/statuses",
    needs: ["statuses", "read"],
    list: (call) => {
      const { repository, sha } = commitOf(call, call.parameters["ref"] ?? "");
      return [...call.hub.state.commitStatuses.values()]
        .filter((one) => one.repository === repository && one.sha === sha)
        .toReversed()
        .map(commitStatusView);
    },
  },
  {
    id: "repos/list-pull-requests-associated-with-commit",
    path: "/commits/:commit_sha/pulls",
    needs: ["pull_requests", "read"],
    list: (call) => {
      const { repository, sha } = commitOf(call, call.parameters["commit_sha"] ?? "");
      return [...call.hub.state.pulls.values()]
        .filter((one) => one.repository === repository && one.commits.includes(sha))
        .map(pullView);
    },
  },
  {
    id: "issues/list-comments",
    path: "/issues/:issue_number/comments",
    needs: ["pull_requests", "read"],
    list: (call) => {
      const { repository, number } = pullOf(call);
      return [...call.hub.state.comments.values()]
        .filter((one) => one.repository === repository && one.pull === number)
        .map(commentView);
    },
  },
  {
    id: "issues/create-comment",
    path: "/issues/:issue_number/comments",
    needs: ["pull_requests", "write"],
    make: createComment,
  },
];

function createDeployment({ hub, repository, body }: Call): unknown {
  const given = read(NewDeployment, "Deployment", body);
  const { ref, environment } = given;
  const commit = commitNamed(hub, repository, ref);
  if (commit === undefined) {
    throw new GithubError(422, `No ref found for: ${ref}`);
  }
  const deployment: Deployment = {
    ...made(hub),
    repository: repository.id,
    sha: commit.sha,
    ref,
    environment,
    description: given.description === "" ? null : given.description,
    payload: given.payload,
    isProduction: given.production_environment ?? environment === "production",
  };
  hub.state.deployments.set(String(deployment.id), deployment);
  return deploymentView(deployment);
}

function createDeploymentStatus(call: Call): unknown {
  const { id, environment } = deploymentOf(call);
  const given = read(NewDeploymentStatus, "DeploymentStatus", call.body);
  const status: DeploymentStatus = {
    ...made(call.hub),
    deployment: id,
    state: given.state,
    description: given.description,
    environment,
    logUrl: given.log_url,
    environmentUrl: given.environment_url,
  };
  call.hub.state.deploymentStatuses.set(String(status.id), status);
  return deploymentStatusView(status);
}

/** A commit's status wants its whole name. */
function createCommitStatus(call: Call): unknown {
  const asked = call.parameters["sha"] ?? "";
  const { repository, sha } = commitOf(call, asked);
  if (asked !== sha) {
    throw new GithubError(422, `No commit found for SHA: ${asked}`);
  }
  const given = read(NewCommitStatus, "Status", call.body);
  const status: CommitStatus = {
    ...made(call.hub),
    repository,
    sha,
    state: given.state,
    context: given.context,
    description: given.description === "" ? null : given.description,
    targetUrl: given.target_url === "" ? null : given.target_url,
  };
  call.hub.state.commitStatuses.set(String(status.id), status);
  return commitStatusView(status);
}

function createComment(call: Call): unknown {
  const { repository, number, isLocked } = pullOf(call);
  const { body } = read(NewComment, "IssueComment", call.body);
  if (isLocked) {
    throw new GithubError(403, "Unable to create comment because issue is locked.");
  }
  const comment: Comment = { ...made(call.hub), repository, pull: number, body };
  call.hub.state.comments.set(String(comment.id), comment);
  return commentView(comment);
}

function made({ state, clock }: Hub): { readonly id: number; readonly createdMs: number } {
  return { id: nextId(state), createdMs: clock.now() };
}

function commitOf({ hub, repository }: Call, ref: string): Commit {
  const commit = commitNamed(hub, repository, ref);
  if (commit === undefined) {
    throw new GithubError(422, `No commit found for SHA: ${ref}`);
  }
  return commit;
}

function deploymentOf({ hub, repository, parameters }: Call): Deployment {
  const found = hub.state.deployments.get(parameters["deployment_id"] ?? "");
  if (found === undefined || found.repository !== repository.id) {
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
