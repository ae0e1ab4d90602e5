import { z } from "zod";
import { GITHUB_APP } from "../../shared/wire/github-config.ts";

/** How promotions are shown on GitHub. The secrets are in Slipway's project. */
export type GithubSettings = {
  /** An app with the id of the secret that has its key, or the id of the secret with a token. */
  readonly identity:
    | { readonly kind: "app"; readonly app: string; readonly key: string }
    | { readonly kind: "token"; readonly token: string };
  /** The host of the repositories, such as `github.com`. */
  readonly host: string;
  /** The address of the REST API without a slash at its end; null for GitHub's own. */
  readonly api: string | null;
};

/** Source: https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets/create */
const SECRET = /^[A-Za-z0-9_-]{1,255}$/;
const secretId = z.string().regex(SECRET, "must be the id of a secret of Slipway's project");

/**
 * What an installation's file says of GitHub. The API of GitHub Enterprise Server is below `/api/v3` of its host.
 * Source: https://docs.github.com/enterprise-server@3.19/rest/using-the-rest-api/getting-started-with-the-rest-api
 */
export const Github = z
  .strictObject({
    app: z
      .union([z.number().int(), z.string()])
      .transform(String)
      .pipe(z.string().regex(GITHUB_APP, "must be an app's id, such as 123456"))
      .optional(),
    key: secretId.optional(),
    token: secretId.optional(),
    url: z
      .url({
        protocol: /^https$/,
        error: "must be the API's address, such as https://github.example.com/api/v3",
      })
      .optional(),
  })
  .transform(({ app, key, token, url }, context): GithubSettings => {
    const api = url?.replace(/\/+$/, "") ?? null;
    const host = api === null ? "github.com" : new URL(api).hostname.replace(/^api\./, "");
    if (token !== undefined && app === undefined && key === undefined) {
      return { identity: { kind: "token", token }, host, api };
    }
    if (app === undefined || key === undefined || token !== undefined) {
      const message = "needs an app with its key, or a token";
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    }
    return { identity: { kind: "app", app, key }, host, api };
  });

/** The id of the secret by which we are known on GitHub. */
export function githubSecret({ identity }: GithubSettings): string {
  return identity.kind === "app" ? identity.key : identity.token;
}
