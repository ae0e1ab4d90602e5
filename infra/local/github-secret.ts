import { keepSecret } from "./keep-secret.ts";
import { LOCAL_PROJECT } from "./settings.ts";

/** The token for the local GitHub, and the secret that it is in: of this machine alone. */
export const LOCAL_GITHUB = { secret: "github-token", token: "ghp_local" } as const;

/** Puts the token where the functions look for it. @throws Error when it is refused. */
export async function keepGithubSecret(secretManager: string): Promise<void> {
  const at = { project: LOCAL_PROJECT, id: LOCAL_GITHUB.secret };
  await keepSecret(secretManager, at, LOCAL_GITHUB.token);
}
