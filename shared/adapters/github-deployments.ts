import { z } from "zod";
import { LEFT } from "../domain/notices/promotion-shown.ts";
import type { PromotionShown } from "../domain/notices/promotion-shown.ts";
import { shorten } from "../domain/text.ts";
import {
  GithubCommitStatus,
  GithubDeployment,
  GithubDeploymentStatus,
  promotionIn,
} from "../wire/github.ts";
import { GITHUB_PAGE_MAX, readAnswer } from "./github-answer.ts";
import type { CallGithub } from "./github-client.ts";
import { GithubRefusal } from "./github-refusal.ts";
import type { Wish } from "./github-wish.ts";

/** The longest description of a deployment or a status. Source: https://docs.github.com/rest/deployments/statuses#create-a-deployment-status */
const DESCRIPTION_LENGTH_MAX = 140;

/** How many earlier deployments of an environment are looked at for one that is still shown as there. */
const GITHUB_EARLIER_MAX = 5;

const DEPLOYMENTS = "/repos/{owner}/{repo}/deployments";
const STATUSES = `${DEPLOYMENTS}/{deployment_id}/statuses`;

/** A deployment that was made: its id there, and the commit's whole name. */
export type Made = { readonly id: number; readonly sha: string };

/**
 * Has the promotion shown as a deployment that stands as it should. One that somebody deleted is made anew; `remember`
 * is given what was made before anything is said of it.
 * @throws GithubRefusal or TransientError
 */
export async function showDeployment(
  call: CallGithub,
  wish: Wish,
  { known, remember }: { readonly known: Made | null; readonly remember: (made: Made) => void },
): Promise<Made> {
  const { shown, page } = wish;
  if (known !== null) {
    try {
      await sayOfDeployment(call, wish, { id: known.id, shown, page });
      return known;
    } catch (error) {
      if (!(error instanceof GithubRefusal && error.kind === "missing")) {
        throw error;
      }
    }
  }
  const made = (await findDeployment(call, wish)) ?? (await makeDeployment(call, wish));
  remember(made);
  await sayOfDeployment(call, wish, { id: made.id, shown, page });
  return made;
}

/** The newest deployments of the environment, whoever made them. */
async function deploymentsThere(
  call: CallGithub,
  { repository, environment }: Wish,
): Promise<readonly z.output<typeof GithubDeployment>[]> {
  const about = { environment, per_page: GITHUB_PAGE_MAX };
  const data = await call(repository, `GET ${DEPLOYMENTS}`, about);
  return readAnswer(z.array(GithubDeployment), data);
}

async function findDeployment(call: CallGithub, wish: Wish): Promise<Made | null> {
  const there = await deploymentsThere(call, wish);
  return there.find(({ payload }) => promotionIn(payload) === wish.promotion) ?? null;
}

/**
 * Neither is the default branch merged into the commit, nor has every status of it to be green: both are what GitHub
 * does by itself, and both would stand in the way of what has been decided already.
 */
async function makeDeployment(call: CallGithub, wish: Wish): Promise<Made> {
  const { repository, commit, environment, title, promotion } = wish;
  const data = await call(repository, `POST ${DEPLOYMENTS}`, {
    ref: commit,
    environment,
    description: fitted(title),
    payload: { slipway: { promotion } },
    auto_merge: false,
    required_contexts: [],
    transient_environment: false,
    production_environment: wish.isProduction,
  });
  return readAnswer(GithubDeployment, data);
}

type Saying<Where> = Where & { readonly shown: PromotionShown; readonly page: string | null };

/** Says how a deployment stands, unless that was said last. */
async function sayOfDeployment(
  call: CallGithub,
  { repository, address }: Wish,
  { id, shown, page }: Saying<{ readonly id: number }>,
): Promise<void> {
  const last = await lastSaid(call, repository, id);
  const description = fitted(shown.text);
  if (last?.state === shown.state && last.description === description) {
    return;
  }
  await call(repository, `POST ${STATUSES}`, {
    deployment_id: id,
    state: shown.state,
    description,
    ...(page === null ? {} : { log_url: page }),
    ...(address === null ? {} : { environment_url: address }),
    // GitHub would leave out those of production; we say it of each one.
    auto_inactive: false,
  });
}

async function lastSaid(
  call: CallGithub,
  repository: Wish["repository"],
  id: number,
): Promise<z.output<typeof GithubDeploymentStatus> | undefined> {
  const about = { deployment_id: id, per_page: GITHUB_PAGE_MAX };
  const data = await call(repository, `GET ${STATUSES}`, about);
  const said = readAnswer(z.array(GithubDeploymentStatus), data);
  return said.toSorted((one, other) => one.id - other.id).at(-1);
}

/** Says how a commit stands in the environment, unless that was said last, or nothing is to be said yet. */
export async function sayOfCommit(
  call: CallGithub,
  { repository, environment }: Wish,
  { sha, shown, page }: Saying<{ readonly sha: string }>,
): Promise<void> {
  if (shown.commit === null) {
    return;
  }
  const context = `slipway/${environment}`;
  const description = fitted(shown.text);
  const about = { ref: sha, per_page: GITHUB_PAGE_MAX };
  const data = await call(repository, "GET /repos/{owner}/{repo}/commits/{ref}/statuses", about);
  const last = readAnswer(z.array(GithubCommitStatus), data)
    .filter((one) => one.context === context)
    .toSorted((one, other) => one.id - other.id)
    .at(-1);
  if (last?.state === shown.commit && last.description === description) {
    return;
  }
  await call(repository, "POST /repos/{owner}/{repo}/statuses/{sha}", {
    sha,
    state: shown.commit,
    context,
    description,
    ...(page === null ? {} : { target_url: page }),
  });
}

/** What was there before is shown as left: its deployment, and its commit unless the same one is there again. */
export async function leaveOthers(call: CallGithub, wish: Wish, made: Made): Promise<void> {
  const others = (await deploymentsThere(call, wish))
    .map(({ id, sha, payload }) => ({ id, sha, promotion: promotionIn(payload) }))
    .filter(({ id, promotion }) => id !== made.id && promotion !== null)
    .slice(0, GITHUB_EARLIER_MAX);
  for (const { id, sha, promotion } of others) {
    const last = await lastSaid(call, wish.repository, id);
    if (last?.state === "success") {
      const page = wish.page?.replace(wish.promotion, promotion ?? "") ?? null;
      if (sha !== made.sha) {
        await sayOfCommit(call, wish, { sha, shown: LEFT, page });
      }
      await sayOfDeployment(call, wish, { id, shown: LEFT, page });
    }
  }
}

function fitted(text: string): string {
  return shorten(text.replaceAll(/\s+/g, " "), DESCRIPTION_LENGTH_MAX);
}
