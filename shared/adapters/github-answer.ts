import type { z } from "zod";
import { PermanentError } from "../ports/errors.ts";
import { GithubRefusal } from "./github-refusal.ts";

/** How many things a page of a list has at most. Source: https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api */
export const GITHUB_PAGE_MAX = 100;

/** A repository by its owner and its name. */
export type RepositoryName = { readonly owner: string; readonly repo: string };

/** What GitHub's client gives for a call. */
export type GithubAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly data: unknown;
};

/**
 * What was answered. A redirection is not followed: a request that changes something would become one that reads.
 * @throws GithubRefusal for a repository that is somewhere else now.
 */
export function dataOf({ status, data }: GithubAnswer, { owner, repo }: RepositoryName): unknown {
  if (status >= 300) {
    throw new GithubRefusal(
      "denied",
      `GitHub says that ${owner}/${repo} has moved: correct build.source.repo in service.yaml`,
    );
  }
  return data;
}

/** @throws PermanentError for an answer of another shape than GitHub describes. */
export function readAnswer<Schema extends z.ZodType>(
  schema: Schema,
  data: unknown,
): z.output<Schema> {
  const read = schema.safeParse(data);
  if (!read.success) {
    const [issue] = read.error.issues;
    const place = issue?.path.join(".") ?? "";
    throw new PermanentError("INTERNAL", `GitHub answered something unknown at ${place}`);
  }
  return read.data;
}
