import type { Clock } from "../ports/clock.ts";
import { PermanentError } from "../ports/errors.ts";
import type { GithubInstallation } from "../wire/github.ts";
import { readBounded } from "./bounded-body.ts";
import { toGithubError } from "./github-refusal.ts";
import type { Asked } from "./github-refusal.ts";
import { appTokens, installationAt, personTokens } from "./github-tokens.ts";
import type { GithubIdentity, GithubRequest } from "./github-tokens.ts";
import { dataOf } from "./github-answer.ts";
import type { GithubAnswer, RepositoryName } from "./github-answer.ts";
import { lazily } from "./grpc-endpoint.ts";

/** How long GitHub may take for one call, in milliseconds. */
const GITHUB_CALL_MAX_MS = 6000;

/** The largest answer that is read, in bytes: a page of a hundred pull requests has two million. */
const GITHUB_ANSWER_BYTES_MAX = 4 * 1024 * 1024;

/** GitHub's own API. Source: https://docs.github.com/rest */
const GITHUB_API = "https://api.github.com";

/** Which description of the API is spoken. Source: https://docs.github.com/rest/about-the-rest-api/api-versions */
const API_VERSION = "2022-11-28";

/** What it takes to reach GitHub. */
export type GithubOptions = {
  /** The address of the API without a slash at its end; null for GitHub's own. */
  readonly endpoint: string | null;
  readonly identity: GithubIdentity;
  readonly clock: Clock;
  /** How long one call may take, in milliseconds; `GITHUB_CALL_MAX_MS` where it is left out. */
  readonly callMaxMs?: number;
};

/** What a call is about, beside the repository: what the path, the query and the body have. */
export type Parameters = Readonly<Record<string, unknown>>;

/**
 * Makes one call about a repository, such as `GET /repos/{owner}/{repo}/deployments`, and gives what was answered.
 * @throws GithubRefusal where GitHub refuses, with what to do, and TransientError where it did not answer.
 */
export type CallGithub = (
  repository: RepositoryName,
  route: string,
  parameters?: Parameters,
) => Promise<unknown>;

/**
 * GitHub by its own clients, which are loaded when they are first needed. A redirection is not followed: a request that
 * changes something would become one that reads.
 */
export function githubClient(options: GithubOptions): CallGithub {
  const { endpoint, identity, clock, callMaxMs = GITHUB_CALL_MAX_MS } = options;
  const library = lazily(async () => githubRequest(endpoint, callMaxMs));
  const tokens = identity.kind === "app" ? appTokens(identity, library) : personTokens(identity);
  async function attempt(
    route: string,
    parameters: Parameters,
    token: string,
  ): Promise<GithubAnswer> {
    const request = await library();
    return request(route, { ...parameters, headers: { authorization: `bearer ${token}` } });
  }
  return async (repository, route, parameters = {}) => {
    const { owner, repo } = repository;
    const asked = { route, repository: `${owner}/${repo}`, now: clock.now() };
    const about = { ...repository, ...parameters };
    try {
      const answer = await attempt(route, about, await tokens(repository, false));
      return dataOf(answer, repository);
    } catch (error) {
      if (!isUnauthorized(error)) {
        throw classified(error, asked);
      }
    }
    // The token was taken back, or the secret has another one: what took its place is tried once.
    try {
      return dataOf(await attempt(route, about, await tokens(repository, true)), repository);
    } catch (error) {
      throw classified(error, asked);
    }
  };
}

/** What an app may do where it is installed for a repository. @throws GithubRefusal, or TransientError without an answer */
export async function githubInstallation(
  { endpoint, clock }: Pick<GithubOptions, "endpoint" | "clock">,
  identity: Extract<GithubIdentity, { kind: "app" }>,
  repository: RepositoryName,
): Promise<GithubInstallation> {
  const { owner, repo } = repository;
  const asked = { route: "its installation", repository: `${owner}/${repo}`, now: clock.now() };
  const request = await githubRequest(endpoint, GITHUB_CALL_MAX_MS);
  try {
    return await installationAt(identity, request, repository);
  } catch (error) {
    throw classified(error, asked);
  }
}

async function githubRequest(endpoint: string | null, callMaxMs: number): Promise<GithubRequest> {
  const { request } = await import("@octokit/request");
  return request.defaults({
    baseUrl: endpoint ?? GITHUB_API,
    headers: { "x-github-api-version": API_VERSION },
    request: { redirect: "manual", fetch: boundedFetch(callMaxMs) },
  });
}

function classified(error: unknown, asked: Asked): Error {
  return error instanceof PermanentError ? error : toGithubError(error, asked);
}

function isUnauthorized(error: unknown): boolean {
  return typeof error === "object" && error !== null && "status" in error && error.status === 401;
}

/** An answer of any length would be read whole, and a request that hangs waited for. */
function boundedFetch(callMaxMs: number): (url: string, init: RequestInit) => Promise<Response> {
  return async (url, init) => {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(callMaxMs) });
    const text = await readBounded(response, GITHUB_ANSWER_BYTES_MAX);
    const { status, headers } = response;
    return new Response(text === "" ? null : text, { status, headers });
  };
}
