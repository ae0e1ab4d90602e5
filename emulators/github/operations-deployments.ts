import type { Answer, Call, Operation } from "./call.ts";
import { commitNamed, newestStatuses } from "./commits.ts";
import { addressIn, descriptionIn, textIn, truthIn, wordIn } from "./fields.ts";
import { GithubError, notFound } from "./github-error.ts";
import {
  type Commit,
  type Deployment,
  DEPLOYMENT_STATES,
  type DeploymentStatus,
  nextId,
  statusesOf,
} from "./state.ts";
import { deploymentStatusView, deploymentView } from "./views.ts";

/** Deployments and what is said of them. Source: https://docs.github.com/rest/deployments */
export const DEPLOYMENT_OPERATIONS: readonly Operation[] = [
  {
    id: "repos/list-deployments",
    method: "get",
    path: "/deployments",
    needs: ["deployments", "read"],
    run: list,
  },
  {
    id: "repos/create-deployment",
    method: "post",
    path: "/deployments",
    needs: ["deployments", "write"],
    run: create,
  },
  {
    id: "repos/list-deployment-statuses",
    method: "get",
    path: "/deployments/:deployment_id/statuses",
    needs: ["deployments", "read"],
    run: listStatuses,
  },
  {
    id: "repos/create-deployment-status",
    method: "post",
    path: "/deployments/:deployment_id/statuses",
    needs: ["deployments", "write"],
    run: createStatus,
  },
];

function list({ hub, repository, parameters }: Call): Answer {
  const wanted = ["sha", "ref", "task", "environment"] as const;
  const found = [...hub.state.deployments.values()]
    .filter((one) => one.repository === repository.id)
    .filter((one) => wanted.every((name) => (parameters[name] ?? one[name]) === one[name]));
  return { list: found.toReversed().map((one) => deploymentView(hub.place(), repository, one)) };
}

function create(call: Call): Answer {
  const { hub, repository, body } = call;
  const { state, clock } = hub;
  const ref = textIn(body, "Deployment.ref");
  const commit = commitNamed(call, ref);
  if (commit === undefined) {
    throw new GithubError(422, `No ref found for: ${ref}`);
  }
  const isMerging = truthIn(body, "Deployment.auto_merge", true);
  if (isMerging && isBehind(call, commit)) {
    const message = `Auto-merged main into ${ref} on deployment.`;
    return { status: 202, json: { message } };
  }
  checkContexts(call, commit);
  const environment = textIn(body, "Deployment.environment") || "production";
  const deployment: Deployment = {
    id: nextId(state),
    repository: repository.id,
    sha: commit.sha,
    ref,
    task: textIn(body, "Deployment.task") || "deploy",
    environment,
    description: descriptionIn(body, "Deployment") || null,
    payload: body["payload"] ?? "",
    isTransient: truthIn(body, "Deployment.transient_environment", false),
    isProduction: truthIn(body, "Deployment.production_environment", environment === "production"),
    createdMs: clock.now(),
  };
  state.deployments.set(String(deployment.id), deployment);
  return { status: 201, json: deploymentView(hub.place(), repository, deployment) };
}

/** Whether the default branch has commits that this one has not. */
function isBehind({ hub, repository }: Call, { sha }: Commit): boolean {
  const own = [...hub.state.commits.values()].filter((one) => one.repository === repository.id);
  return own.at(-1)?.sha !== sha;
}

/** Without a list every context has to be green; an empty list asks for none. */
function checkContexts({ hub, body }: Call, { repository, sha }: Commit): void {
  const given = body["required_contexts"];
  const newest = newestStatuses(hub.state, repository, sha);
  const wanted: readonly unknown[] = Array.isArray(given)
    ? given
    : newest.map(({ context }) => context);
  const isGreen = wanted.every((context) =>
    newest.some((one) => one.context === context && one.state === "success"),
  );
  if (!isGreen) {
    const contexts = newest.map(({ context, state }) => ({ context, state }));
    const error = { contexts, resource: "Deployment", field: "required_contexts", code: "invalid" };
    throw new GithubError(409, `Conflict: Commit status checks failed for ${sha}.`, {
      errors: [error],
    });
  }
}

function deploymentOf({ hub, repository, parameters }: Call): Deployment {
  const found = hub.state.deployments.get(parameters["deployment_id"] ?? "");
  if (found === undefined || found.repository !== repository.id) {
    throw notFound();
  }
  return found;
}

function listStatuses(call: Call): Answer {
  const { hub, repository } = call;
  const statuses = statusesOf(hub.state, deploymentOf(call).id);
  return { list: statuses.map((one) => deploymentStatusView(hub.place(), repository, one)) };
}

function createStatus(call: Call): Answer {
  const { hub, repository, body } = call;
  const deployment = deploymentOf(call);
  const before = statusesOf(hub.state, deployment.id)[0];
  const stateNow = wordIn(body, "DeploymentStatus.state", DEPLOYMENT_STATES);
  const logUrl =
    addressIn(body, "DeploymentStatus.log_url") || addressIn(body, "DeploymentStatus.target_url");
  const environment =
    textIn(body, "DeploymentStatus.environment") || (before?.environment ?? deployment.environment);
  const status = say(call, deployment, {
    state: stateNow,
    description: descriptionIn(body, "DeploymentStatus"),
    environment,
    logUrl,
    environmentUrl: addressIn(body, "DeploymentStatus.environment_url"),
  });
  if (stateNow === "success" && truthIn(body, "DeploymentStatus.auto_inactive", true)) {
    leaveOthers(call, { ...deployment, environment });
  }
  return { status: 201, json: deploymentStatusView(hub.place(), repository, status) };
}

function say(
  { hub }: Call,
  { id }: Deployment,
  about: Omit<DeploymentStatus, "id" | "deployment" | "createdMs">,
): DeploymentStatus {
  const { state, clock } = hub;
  const status = { ...about, id: nextId(state), deployment: id, createdMs: clock.now() };
  state.deploymentStatuses.set(String(status.id), status);
  return status;
}

/** Earlier successes in the same environment are over, where it is neither transient nor production. */
function leaveOthers(call: Call, { id, repository, environment }: Deployment): void {
  const { state } = call.hub;
  for (const one of state.deployments.values()) {
    const isOther = one.repository === repository && one.id < id && one.environment === environment;
    const newest = statusesOf(state, one.id)[0];
    if (isOther && !one.isTransient && !one.isProduction && newest?.state === "success") {
      const { logUrl, environmentUrl } = newest;
      const about = { description: "", environment, logUrl, environmentUrl };
      say(call, one, { ...about, state: "inactive" });
    }
  }
}
