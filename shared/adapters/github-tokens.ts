import type { createAppAuth } from "@octokit/auth-app";
import type { request } from "@octokit/request";
import { GithubInstallation } from "../wire/github.ts";
import { dataOf, readAnswer } from "./github-answer.ts";
import type { GithubAnswer, RepositoryName } from "./github-answer.ts";
import { GithubRefusal } from "./github-refusal.ts";

/** How many repositories' installations are remembered; the oldest go first. */
const INSTALLATIONS_KEPT_MAX = 500;

/** By what we are known there: an app with its key, or a token. */
export type GithubIdentity =
  | { readonly kind: "app"; readonly app: string; readonly key: () => Promise<string | null> }
  | { readonly kind: "token"; readonly token: () => Promise<string | null> };

/** GitHub's own client for requests. */
export type GithubRequest = typeof request;

/** Gives the token for calls about a repository; `isAnew` where the one before was refused. */
export type Tokens = (repository: RepositoryName, isAnew: boolean) => Promise<string>;

/** A token that somebody made. */
export function personTokens({ token }: Extract<GithubIdentity, { kind: "token" }>): Tokens {
  return async () => present(await token(), "there is no token for GitHub");
}

function present(secret: string | null, lack: string): string {
  const value = (secret ?? "").trim();
  if (value === "") {
    const message = `${lack}: put one into the secret that the installation names`;
    throw new GithubRefusal("unknown", message);
  }
  return value;
}

/**
 * Tokens of the app's installations, each for one repository. GitHub's own client keeps them for 59 of their 60
 * minutes. Source: https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app
 */
export function appTokens(
  { app, key }: Extract<GithubIdentity, { kind: "app" }>,
  library: () => Promise<GithubRequest>,
): Tokens {
  const made: { key: string; auth: AppAuth | null } = { key: "", auth: null };
  const installations = new Map<string, number>();
  async function authOf(): Promise<AppAuth> {
    const privateKey = present(await key(), "there is no key of the GitHub App");
    if (made.auth === null || made.key !== privateKey) {
      const { createAppAuth: authorize } = await import("@octokit/auth-app");
      made.key = privateKey;
      made.auth = authorize({ appId: app, privateKey, request: await library() });
      installations.clear();
    }
    return made.auth;
  }
  async function installationOf(auth: AppAuth, repository: RepositoryName): Promise<number> {
    const name = `${repository.owner}/${repository.repo}`;
    const known = installations.get(name);
    if (known !== undefined) {
      return known;
    }
    const { id } = await lookUp(auth, await library(), repository);
    const [oldest] = installations.keys();
    if (installations.size >= INSTALLATIONS_KEPT_MAX && oldest !== undefined) {
      installations.delete(oldest);
    }
    installations.set(name, id);
    return id;
  }
  return async (repository, isAnew) => {
    const auth = await authOf();
    if (isAnew) {
      installations.delete(`${repository.owner}/${repository.repo}`);
    }
    const installationId = await installationOf(auth, repository);
    const about = { type: "installation", installationId, refresh: isAnew } as const;
    const { token } = await auth({ ...about, repositoryNames: [repository.repo] });
    return token;
  };
}

/** How the app of a key is installed where a repository is. @throws GithubRefusal, and what GitHub's client throws */
export async function installationAt(
  { app, key }: Extract<GithubIdentity, { kind: "app" }>,
  request: GithubRequest,
  repository: RepositoryName,
): Promise<GithubInstallation> {
  const privateKey = present(await key(), "there is no key of the GitHub App");
  const { createAppAuth: authorize } = await import("@octokit/auth-app");
  return lookUp(authorize({ appId: app, privateKey, request }), request, repository);
}

async function lookUp(
  auth: AppAuth,
  ask: GithubRequest,
  repository: RepositoryName,
): Promise<GithubInstallation> {
  const headers = { authorization: `bearer ${await appToken(auth)}` };
  const answer: GithubAnswer = await ask(INSTALLATION, { ...repository, headers });
  return readAnswer(GithubInstallation, dataOf(answer, repository));
}

const INSTALLATION = "GET /repos/{owner}/{repo}/installation";

type AppAuth = ReturnType<typeof createAppAuth>;

/** What fails before anything is sent is the key's fault. */
async function appToken(auth: AppAuth): Promise<string> {
  try {
    return (await auth({ type: "app" })).token;
  } catch (error) {
    const reason = error instanceof Error ? error.message : "it says no more";
    throw new GithubRefusal(
      "unknown",
      `the secret holds no private key of the GitHub App as GitHub gives it (${reason}): put the whole .pem file into it`,
    );
  }
}
