import type {
  Comment,
  CommitStatus,
  Deployment,
  DeploymentStatus,
  Permissions,
  Repository,
} from "./state.ts";

/** What every answer needs to know of where it is given: the address, and the app that asks. */
export type Place = {
  readonly url: string;
  readonly app: { readonly id: number; readonly slug: string; readonly permissions: Permissions };
};

type View = Readonly<Record<string, unknown>>;

/** A moment as GitHub writes it, to the second. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

/** An id that is opaque to whoever reads it. */
export function nodeId(kind: string, id: number): string {
  return Buffer.from(`${kind}${id}`).toString("base64url");
}

/** Where a repository's things are. */
export function repositoryUrl({ url }: Place, { owner, name }: Repository): string {
  return `${url}/repos/${owner}/${name}`;
}

/** Somebody: an account that owns something, or the app's own. */
export function userView({ url }: Place, login: string, type = "Organization"): View {
  const self = `${url}/users/${encodeURIComponent(login)}`;
  return {
    login,
    id: 1,
    node_id: nodeId("U", 1),
    avatar_url: `${url}/avatar`,
    gravatar_id: "",
    url: self,
    html_url: `${url}/${encodeURIComponent(login)}`,
    followers_url: `${self}/followers`,
    following_url: `${self}/following{/other_user}`,
    gists_url: `${self}/gists{/gist_id}`,
    starred_url: `${self}/starred{/owner}{/repo}`,
    subscriptions_url: `${self}/subscriptions`,
    organizations_url: `${self}/orgs`,
    repos_url: `${self}/repos`,
    events_url: `${self}/events{/privacy}`,
    received_events_url: `${self}/received_events`,
    type,
    site_admin: false,
  };
}

function botOf(place: Place): View {
  return userView(place, `${place.app.slug}[bot]`, "Bot");
}

/** The app, as it is shown where it did something. */
export function appView(place: Place): View {
  const { id, slug, permissions } = place.app;
  return {
    id,
    slug,
    node_id: nodeId("A", id),
    owner: userView(place, "acme"),
    name: slug,
    description: "",
    external_url: `${place.url}/`,
    html_url: `${place.url}/apps/${slug}`,
    created_at: timeText(0),
    updated_at: timeText(0),
    permissions,
    events: [],
  };
}

/** A deployment. Source: https://docs.github.com/rest/deployments/deployments */
export function deploymentView(place: Place, repository: Repository, one: Deployment): View {
  const at = repositoryUrl(place, repository);
  const url = `${at}/deployments/${one.id}`;
  return {
    url,
    id: one.id,
    node_id: nodeId("DE", one.id),
    sha: one.sha,
    ref: one.ref,
    task: one.task,
    payload: one.payload,
    original_environment: one.environment,
    environment: one.environment,
    description: one.description,
    creator: botOf(place),
    created_at: timeText(one.createdMs),
    updated_at: timeText(one.createdMs),
    statuses_url: `${url}/statuses`,
    repository_url: at,
    transient_environment: one.isTransient,
    production_environment: one.isProduction,
    performed_via_github_app: appView(place),
  };
}

/** A deployment's status. Source: https://docs.github.com/rest/deployments/statuses */
export function deploymentStatusView(
  place: Place,
  repository: Repository,
  one: DeploymentStatus,
): View {
  const at = repositoryUrl(place, repository);
  const deployment = `${at}/deployments/${one.deployment}`;
  return {
    url: `${deployment}/statuses/${one.id}`,
    id: one.id,
    node_id: nodeId("DES", one.id),
    state: one.state,
    creator: botOf(place),
    description: one.description,
    environment: one.environment,
    target_url: one.logUrl,
    log_url: one.logUrl,
    environment_url: one.environmentUrl,
    created_at: timeText(one.createdMs),
    updated_at: timeText(one.createdMs),
    deployment_url: deployment,
    repository_url: at,
    performed_via_github_app: appView(place),
  };
}

/** A commit's status. Source: https://docs.github.com/rest/commits/statuses */
export function commitStatusView(place: Place, repository: Repository, one: CommitStatus): View {
  return {
    url: `${repositoryUrl(place, repository)}/statuses/${one.sha}`,
    avatar_url: `${place.url}/avatar`,
    id: one.id,
    node_id: nodeId("SC", one.id),
    state: one.state,
    description: one.description,
    target_url: one.targetUrl,
    context: one.context,
    created_at: timeText(one.createdMs),
    updated_at: timeText(one.createdMs),
    creator: botOf(place),
  };
}

/** A comment on a pull request. Source: https://docs.github.com/rest/issues/comments */
export function commentView(place: Place, repository: Repository, one: Comment): View {
  const at = repositoryUrl(place, repository);
  return {
    id: one.id,
    node_id: nodeId("IC", one.id),
    url: `${at}/issues/comments/${one.id}`,
    html_url: `${place.url}/${repository.owner}/${repository.name}/pull/${one.pull}#issuecomment-${one.id}`,
    issue_url: `${at}/issues/${one.pull}`,
    body: one.body,
    user: botOf(place),
    author_association: "NONE",
    performed_via_github_app: appView(place),
    created_at: timeText(one.createdMs),
    updated_at: timeText(one.createdMs),
  };
}

/** The app's installation. Source: https://docs.github.com/rest/apps/apps */
export function installationView(place: Place, owner: string, isSuspended: boolean): View {
  const { id, slug, permissions } = place.app;
  return {
    id: 1,
    app_id: id,
    app_slug: slug,
    target_id: 1,
    target_type: "Organization",
    account: userView(place, owner),
    repository_selection: "selected",
    access_tokens_url: `${place.url}/app/installations/1/access_tokens`,
    repositories_url: `${place.url}/installation/repositories`,
    html_url: `${place.url}/organizations/${owner}/settings/installations/1`,
    permissions,
    events: [],
    single_file_name: null,
    suspended_at: isSuspended ? timeText(0) : null,
    suspended_by: null,
    created_at: timeText(0),
    updated_at: timeText(0),
  };
}
