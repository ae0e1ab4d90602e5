import { z } from "zod";

/** GitHub's ids are numbers, which its client reads as they are however large they are. */
const id = z.union([z.number().int(), z.bigint()]).transform(Number);

/** What of an installation is used. Source: https://docs.github.com/rest/apps/apps#get-a-repository-installation-for-the-authenticated-app */
export const GithubInstallation = z.object({
  id,
  permissions: z.record(z.string(), z.unknown()).default({}),
  suspended_at: z.string().nullish(),
});

/** An app's installation, as far as it is used. */
export type GithubInstallation = z.infer<typeof GithubInstallation>;

/** What of a deployment is used. Source: https://docs.github.com/rest/deployments/deployments#list-deployments */
export const GithubDeployment = z.object({
  id,
  sha: z.string().regex(/^[0-9a-f]{40,64}$/),
  payload: z.unknown(),
});

/** What of a deployment's status is used. Source: https://docs.github.com/rest/deployments/statuses#list-deployment-statuses */
export const GithubDeploymentStatus = z.object({
  id,
  state: z.string(),
  description: z.string().nullable(),
});

/** What of a commit's status is used. Source: https://docs.github.com/rest/commits/statuses#list-commit-statuses-for-a-reference */
export const GithubCommitStatus = z.object({
  id,
  state: z.string(),
  context: z.string(),
  description: z.string().nullable(),
});

/** What of a pull request is used. Source: https://docs.github.com/rest/commits/commits#list-pull-requests-associated-with-a-commit */
export const GithubPull = z.object({
  number: z.number().int(),
  merged_at: z.string().nullable(),
});

/** What of a comment is used. Source: https://docs.github.com/rest/issues/comments#list-issue-comments */
export const GithubComment = z.object({ body: z.string().optional() });

/** The promotion that a deployment's payload names, which is a record or the same as text; null for what is not ours. */
export function promotionIn(payload: unknown): string | null {
  const Ours = z.object({ slipway: z.object({ promotion: z.string() }) });
  const found = Ours.safeParse(typeof payload === "string" ? parsed(payload) : payload);
  return found.success ? found.data.slipway.promotion : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
