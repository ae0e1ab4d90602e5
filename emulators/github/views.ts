import type { Comment, CommitStatus, Deployment, DeploymentStatus, Pull } from "./state.ts";

// An answer has what is read of it. What it has is as GitHub describes it: a test looks.

/** A moment as GitHub writes it, to the second. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

/** A deployment. Source: https://docs.github.com/rest/deployments/deployments */
export function deploymentView({
  id,
  sha,
  ref,
  environment,
  description,
  payload,
  ...one
}: Deployment): unknown {
  const created_at = timeText(one.createdMs);
  const production_environment = one.isProduction;
  return { id, sha, ref, environment, description, payload, production_environment, created_at };
}

/** A deployment's status. Source: https://docs.github.com/rest/deployments/statuses */
export function deploymentStatusView({
  id,
  state,
  description,
  environment,
  ...one
}: DeploymentStatus): unknown {
  const urls = { log_url: one.logUrl, environment_url: one.environmentUrl };
  return { id, state, description, environment, ...urls, created_at: timeText(one.createdMs) };
}

/** A commit's status. Source: https://docs.github.com/rest/commits/statuses */
export function commitStatusView({
  id,
  state,
  context,
  description,
  ...one
}: CommitStatus): unknown {
  const created_at = timeText(one.createdMs);
  return { id, state, context, description, target_url: one.targetUrl, created_at };
}

/** A pull request, as it is listed. Source: https://docs.github.com/rest/commits/commits */
export function pullView({ number, title, mergedMs, isLocked }: Pull): unknown {
  const merged_at = mergedMs === null ? null : timeText(mergedMs);
  const state = mergedMs === null ? "open" : "closed";
  return { number, title, state, locked: isLocked, merged_at };
}

/** A comment on a pull request. Source: https://docs.github.com/rest/issues/comments */
export function commentView({ id, body, createdMs }: Comment): unknown {
  return { id, body, created_at: timeText(createdMs) };
}
