import { githubClient, githubInstallation } from "../../../shared/adapters/github-client.ts";
import { GithubRefusal } from "../../../shared/adapters/github-refusal.ts";
import type { RepositoryName } from "../../../shared/adapters/github-answer.ts";
import type { GithubIdentity } from "../../../shared/adapters/github-tokens.ts";
import { systemClock } from "../../../shared/adapters/system-clock.ts";
import { readRepository } from "../../../shared/domain/changes/repository.ts";
import { PermanentError, TransientError } from "../../../shared/ports/errors.ts";
import { githubSecret } from "../github-file.ts";
import type { GithubSettings } from "../github-file.ts";
import type { Google } from "../kinds/google.ts";
import type { Settings } from "../settings.ts";
import { failure, warning, well } from "./finding.ts";
import type { Finding } from "./finding.ts";
import { addVersion, readOwnSecret } from "./own-secret.ts";

/** How many repositories are looked at; the rest is left to the first promotion of each. */
export const REPOSITORIES_TRIED_MAX = 20;

/** What the app has to be allowed, each to read and write, by GitHub's names. */
const PERMISSIONS = {
  deployments: "Deployments",
  statuses: "Commit statuses",
  pull_requests: "Pull requests",
} as const;

/**
 * Whether GitHub knows us, shows us the repositories of the services that are to be shown, and lets us write there. Nothing is
 * written. `github` is the API's address, null for the one that the file names.
 */
export async function githubFindings(
  google: Google,
  { project, github, mentioned }: Pick<Settings, "project" | "github" | "mentioned">,
  endpoint: string | null,
): Promise<readonly Finding[]> {
  if (github === null) {
    return [];
  }
  const id = githubSecret(github);
  const about = { project, id, topic: "github", without: "nothing is shown on GitHub" } as const;
  const { value, problem } = await readOwnSecret(google, about);
  if (problem !== null) {
    return [problem];
  }
  const found = mentioned.shownRepositories.flatMap((repo) => nameOn(github.host, repo) ?? []);
  if (found.length === 0) {
    const mend = "notify: [{github: true}] in a service.yaml that slipway.yaml names";
    return [warning("github", "it is set up, and no service that is known here is shown", mend)];
  }
  const place = { project, github, endpoint: endpoint ?? github.api, value };
  const tried = found.slice(0, REPOSITORIES_TRIED_MAX);
  return Promise.all(tried.map(async (repository) => findingOf(place, repository)));
}

function nameOn(host: string, text: string): RepositoryName | null {
  const read = readRepository(text);
  const [owner, repo, ...more] = read?.path.split("/") ?? [];
  const isThere = read?.host === host && more.length === 0;
  return isThere && owner !== undefined && repo !== undefined ? { owner, repo } : null;
}

type Place = {
  readonly project: string;
  readonly github: GithubSettings;
  readonly endpoint: string | null;
  /** The key or the token. */
  readonly value: string;
};

async function findingOf(place: Place, repository: RepositoryName): Promise<Finding> {
  const name = `${repository.owner}/${repository.repo}`;
  try {
    return await look(place, repository, name);
  } catch (error) {
    if (error instanceof TransientError) {
      return warning("github", error.message, "run slipway doctor again");
    }
    if (error instanceof PermanentError) {
      const isOfSecret = error instanceof GithubRefusal && error.kind === "unknown";
      const mend = isOfSecret
        ? addVersion(place.project, githubSecret(place.github))
        : settingsOf(place, repository);
      return failure("github", error.message, mend);
    }
    throw error;
  }
}

async function look(place: Place, repository: RepositoryName, name: string): Promise<Finding> {
  const { github, endpoint, value } = place;
  const clock = systemClock();
  const identity = identityOf(github, value);
  if (identity.kind === "app") {
    const { permissions, suspended_at: suspended } = await githubInstallation(
      { endpoint, clock },
      identity,
      repository,
    );
    const lacks = Object.entries(PERMISSIONS).filter(([key]) => permissions[key] !== "write");
    if (lacks.length > 0 || (suspended ?? null) !== null) {
      const missing = lacks.map(([, words]) => words).join(", ");
      const message =
        missing === ""
          ? "the app's installation is suspended"
          : `the app may not write: ${missing}`;
      return failure("github", `${name}: ${message}`, settingsOf(place, repository));
    }
  }
  await githubClient({ endpoint, identity, clock })(repository, DEPLOYMENTS, { per_page: 1 });
  return well(
    "github",
    identity.kind === "app"
      ? `${name} is shown, and takes what is said of it`
      : `${name} is shown; whether the token may write there, its first promotion tells`,
  );
}

const DEPLOYMENTS = "GET /repos/{owner}/{repo}/deployments";

function identityOf({ identity }: GithubSettings, value: string): GithubIdentity {
  return identity.kind === "app"
    ? { kind: "app", app: identity.app, key: async () => Promise.resolve(value) }
    : { kind: "token", token: async () => Promise.resolve(value) };
}

/** Where somebody with rights there mends it: GitHub has no command for it. */
function settingsOf({ github }: Place, { owner }: RepositoryName): string {
  const { host, identity } = github;
  return identity.kind === "app"
    ? `https://${host}/organizations/${owner}/settings/installations`
    : `https://${host}/settings/personal-access-tokens`;
}
