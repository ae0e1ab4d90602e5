import type { Persistence } from "../../emulators/kit/persistence.ts";
import { startSlack } from "../../emulators/slack/server.ts";
import type { RunningSlack } from "../../emulators/slack/server.ts";
import { send } from "./rest.ts";
import { LOCAL_PEOPLE, LOCAL_PROJECT } from "./settings.ts";

/** The local workspace, and the secrets by which Slipway and the workspace know each other: of this machine alone. */
export const LOCAL_SLACK = {
  team: "T0LOCAL",
  secrets: { signing: "slack-signing-secret", token: "slack-token" },
  signingSecret: "local-slack-signing-secret",
  token: "xoxb-local-slack-token",
} as const;

/** Where the local workspace is, and where its commands go. */
type Place = {
  readonly port: number;
  readonly persistence: Persistence | undefined;
  readonly requestUrl: string;
};

/**
 * Starts the local workspace: the local cloud's people are in it, and a channel is made when a message is for it, so
 * that the notices of any service can be seen.
 */
export async function startLocalSlack(place: Place): Promise<RunningSlack> {
  return startSlack({
    ...place,
    team: { id: LOCAL_SLACK.team },
    signingSecret: LOCAL_SLACK.signingSecret,
    token: { value: LOCAL_SLACK.token },
    users: Object.values(LOCAL_PEOPLE).map((email) => {
      const name = email.split("@")[0] ?? email;
      const realName = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
      return { id: `U0${name.toUpperCase()}`, name, realName, email };
    }),
    channels: ["general"],
    makesChannels: true,
  });
}

/** Puts the workspace's secrets where the functions look for them. @throws Error when one is refused. */
export async function keepSlackSecrets(secretManager: string): Promise<void> {
  const { secrets, signingSecret, token } = LOCAL_SLACK;
  await Promise.all([
    keepSecret(secretManager, secrets.signing, signingSecret),
    keepSecret(secretManager, secrets.token, token),
  ]);
}

/** A later start finds it there, and adds no version. */
async function keepSecret(secretManager: string, id: string, value: string): Promise<void> {
  const parent = `${secretManager}/v1/projects/${LOCAL_PROJECT}/secrets`;
  const listed = await send("GET", `${parent}?filter=name:${id}`);
  if (JSON.stringify(listed).includes(`/secrets/${id}"`)) {
    return;
  }
  await send("POST", `${parent}?secretId=${id}`, { replication: { automatic: {} } });
  const payload = { data: Buffer.from(value).toString("base64") };
  await send("POST", `${parent}/${id}:addVersion`, { payload });
}
