import { keepSecret } from "./slack-secrets.ts";

/** The token for the local GitHub, and the secret that it is in: of this machine alone. */
export const LOCAL_GITHUB = { secret: "github-token", token: "ghp_local" } as const;

/** Puts the token where the functions look for it. @throws Error when it is refused. */
export async function keepGithubSecret(secretManager: string): Promise<void> {
  await keepSecret(secretManager, LOCAL_GITHUB.secret, LOCAL_GITHUB.token);
}
