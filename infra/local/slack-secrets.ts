import { send } from "./rest.ts";
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
    keepSecret(secretManager, secrets.signing, signingSecret),
    keepSecret(secretManager, secrets.token, token),
  ]);
}

/** Puts a value into a secret. A later start finds it there, and adds no version. @throws Error when it is refused. */
export async function keepSecret(secretManager: string, id: string, value: string): Promise<void> {
  const parent = `${secretManager}/v1/projects/${LOCAL_PROJECT}/secrets`;
  const listed = await send("GET", `${parent}?filter=name:${id}`);
  if (JSON.stringify(listed).includes(`/secrets/${id}"`)) {
    return;
  }
  await send("POST", `${parent}?secretId=${id}`, { replication: { automatic: {} } });
  const payload = { data: Buffer.from(value).toString("base64") };
  await send("POST", `${parent}/${id}:addVersion`, { payload });
}
