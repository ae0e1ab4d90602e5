import type { Clock } from "../../emulators/kit/clock.ts";
import type { Persistence } from "../../emulators/kit/persistence.ts";
import { startSlack } from "../../emulators/slack/server.ts";
import type { RunningSlack } from "../../emulators/slack/server.ts";
import { LOCAL_PEOPLE } from "./settings.ts";
import { LOCAL_SLACK } from "./slack-secrets.ts";

/** Where the local workspace is, and where its commands go. */
type Place = {
  readonly port: number;
  readonly clock: Clock;
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
    team: LOCAL_SLACK.team,
    signingSecret: LOCAL_SLACK.signingSecret,
    token: { value: LOCAL_SLACK.token },
    users: Object.values(LOCAL_PEOPLE).map((email) => {
      const name = email.split("@")[0] ?? email;
      const real_name = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
      return { id: `U0${name.toUpperCase()}`, name, real_name, profile: { email } };
    }),
    channels: ["general"],
    makesChannels: true,
  });
}
