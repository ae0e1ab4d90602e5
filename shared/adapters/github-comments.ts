import { z } from "zod";
import { GithubComment, GithubPull } from "../wire/github.ts";
import { GITHUB_PAGE_MAX, readAnswer } from "./github-answer.ts";
import type { CallGithub } from "./github-client.ts";
import { GithubRefusal } from "./github-refusal.ts";
import type { Wish } from "./github-wish.ts";

/** How many pages of a pull request's comments are looked through for ours; beyond that nothing is added. */
const COMMENT_PAGES_MAX = 5;

const COMMENTS = "/repos/{owner}/{repo}/issues/{issue_number}/comments";

/**
 * Says on each pull request that was merged with what is in production now that it is there: once, however often it
 * comes there. Gives why that was not possible somewhere, or null; what GitHub may do later is thrown.
 * @throws GithubRefusal of the kind `busy`, and TransientError
 */
export async function commentOnPulls(call: CallGithub, wish: Wish): Promise<string | null> {
  const problems = new Set<string>();
  const done = new Set<number>();
  for (const commit of wish.brought) {
    try {
      const numbers = await pullsOf(call, wish, commit);
      for (const number of numbers.filter((one) => !done.has(one))) {
        done.add(number);
        await commentOn(call, wish, number);
      }
    } catch (error) {
      if (!(error instanceof GithubRefusal) || error.kind === "busy") {
        throw error;
      }
      problems.add(error.message);
    }
  }
  const [first] = problems;
  return first === undefined ? null : `shown, but not on every pull request: ${first}`;
}

async function pullsOf(
  call: CallGithub,
  { repository }: Wish,
  commit: string,
): Promise<readonly number[]> {
  const about = { commit_sha: commit.toLowerCase() };
  const data = await call(
    repository,
    "GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls",
    about,
  );
  return readAnswer(z.array(GithubPull), data)
    .filter(({ merged_at: mergedAt }) => mergedAt !== null)
    .map(({ number }) => number);
}

async function commentOn(call: CallGithub, wish: Wish, number: number): Promise<void> {
  const { repository, environment, title, page } = wish;
  const mark = `<!-- slipway ${environment} -->`;
  if (await isMarked(call, wish, { number, mark })) {
    return;
  }
  const [service = "", place = ""] = environment.split("/");
  const what = page === null ? title : `[${title}](${page})`;
  const body = `This change is in **${place}** of ${service} now: ${what}.\n\n${mark}`;
  await call(repository, `POST ${COMMENTS}`, { issue_number: number, body });
}

/** Also true where there are more comments than are looked through: rather none than one twice. */
async function isMarked(
  call: CallGithub,
  { repository }: Wish,
  { number, mark }: { readonly number: number; readonly mark: string },
): Promise<boolean> {
  for (let page = 1; page <= COMMENT_PAGES_MAX; page += 1) {
    const about = { issue_number: number, per_page: GITHUB_PAGE_MAX, page };
    const comments = readAnswer(
      z.array(GithubComment),
      await call(repository, `GET ${COMMENTS}`, about),
    );
    if (comments.some(({ body = "" }) => body.includes(mark))) {
      return true;
    }
    if (comments.length < GITHUB_PAGE_MAX) {
      return false;
    }
  }
  return true;
}
