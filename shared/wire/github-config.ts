import { z } from "zod";
import { secretName } from "./chat-config.ts";

/** How promotions are shown on GitHub. */
export type GithubConfig = {
  /** The app's id; null where there is a token alone. */
  readonly app: string | null;
  /** The full name of the secret with the app's key, or with the token. */
  readonly secret: string;
  /** The host of the repositories, such as `github.com`. */
  readonly host: string;
  /** The address of the REST API without a slash at its end; null for GitHub's own. */
  readonly endpoint: string | null;
};

/** An app's id, or its client id. Source: https://docs.github.com/rest/apps/apps#get-the-authenticated-app */
export const GITHUB_APP = /^(?:\d{1,12}|Iv\d+\.?[A-Za-z0-9]{8,40})$/;

/** The variables that say it. */
export const GITHUB_VARIABLES = {
  SLIPWAY_GITHUB_APP: z
    .string()
    .regex(GITHUB_APP, "must be an app's id, such as 123456")
    .optional()
    .transform((app) => app ?? null),
  SLIPWAY_GITHUB_SECRET: secretName,
  SLIPWAY_GITHUB_HOST: z
    .string()
    .regex(/^[a-z0-9.-]+$/, "must be a host, such as github.example.com")
    .default("github.com"),
  SLIPWAY_GITHUB_ENDPOINT: z
    .url()
    .optional()
    .transform((url) => url?.replace(/\/+$/, "") ?? null),
} as const;

/** The variables as they were read. */
export type GithubVariables = {
  readonly [Name in keyof typeof GITHUB_VARIABLES]: z.output<(typeof GITHUB_VARIABLES)[Name]>;
};

/** GitHub as it is set up; null where it is not. */
export function githubOf(read: GithubVariables): GithubConfig | null {
  const { SLIPWAY_GITHUB_SECRET: secret, SLIPWAY_GITHUB_HOST: host } = read;
  return secret === null
    ? null
    : { app: read.SLIPWAY_GITHUB_APP, secret, host, endpoint: read.SLIPWAY_GITHUB_ENDPOINT };
}
