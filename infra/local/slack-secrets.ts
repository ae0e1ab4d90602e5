import { keepSecret } from "./keep-secret.ts";
import { LOCAL_PROJECT } from "./settings.ts";

/** The local workspace, and the secrets by which Slipway and the workspace know each other: of this machine alone. */
export const LOCAL_SLACK = {
  team: "T0LOCAL",
  secrets: { signing: "slack-signing-secret", token: "slack-token" },
  signingSecret: "local-slack-signing-secret",
  token: "xoxb-local-slack-token",
} as const;

/** Puts the workspace's secrets where the functions look for them. @throws Error when one is refused. */
export async function keepSlackSecrets(secretManager: string): Promise<void> {
  const { secrets, signingSecret, token } = LOCAL_SLACK;
  await Promise.all([
    keepSecret(secretManager, { project: LOCAL_PROJECT, id: secrets.signing }, signingSecret),
    keepSecret(secretManager, { project: LOCAL_PROJECT, id: secrets.token }, token),
  ]);
}
