import { sign } from "../../emulators/slack/request.ts";
import type { RunningSlack } from "../../emulators/slack/server.ts";

/** A command of the viewer's as Slack sends it, to be answered nowhere. */
export function signedCommand(slack: RunningSlack, text: string): RequestInit {
  const body = new URLSearchParams({
    command: "/slipway",
    text,
    team_id: slack.team,
    user_id: "U0VERA",
    trigger_id: "1.2.3",
    response_url: slack.url,
  }).toString();
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": sign(slack.signingSecret(), timestamp, body),
  };
  return { method: "POST", headers, body };
}
