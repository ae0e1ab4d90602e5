import { z } from "zod";
import type { Google } from "../kinds/google.ts";
import type { Settings } from "../settings.ts";
import { failure, well } from "./finding.ts";
import type { Finding } from "./finding.ts";
import { addVersion, readOwnSecret } from "./own-secret.ts";

/** Where Slack's Web API is. */
const SLACK = "https://slack.com/api/";

/** How long Slack may take to say whose token it is. */
const SLACK_TIMEOUT_MS = 10_000;

/** What the app has to be allowed so that chat knows who asks. */
const SCOPES = ["users:read", "users:read.email"] as const;

/** Source: https://docs.slack.dev/reference/methods/auth.test */
const AuthTest = z.object({
  ok: z.boolean(),
  error: z.string().optional(),
  team_id: z.string().optional(),
  enterprise_id: z.string().optional(),
});

/**
 * Whether chat's secrets are there and Slack takes the token, for the workspace that the file names. `slack` is the
 * address of the Web API, null for Slack's own.
 */
export async function chatFindings(
  google: Google,
  { project, chat, slackToken }: Pick<Settings, "project" | "chat" | "slackToken">,
  slack: string | null,
): Promise<readonly Finding[]> {
  if (chat === null || slackToken === null) {
    return [];
  }
  const about = { project, topic: "chat", without: "chat refuses everybody" } as const;
  const [signing, token] = await Promise.all([
    readOwnSecret(google, { ...about, id: chat.signingSecret }),
    readOwnSecret(google, { ...about, id: slackToken }),
  ]);
  const problems = [signing, token].flatMap(({ problem }) => (problem === null ? [] : [problem]));
  return problems.length > 0
    ? problems
    : [
        await askSlack(token.value, {
          project,
          slack: slack ?? SLACK,
          secret: slackToken,
          team: chat.team,
        }),
      ];
}

type Asked = {
  readonly project: string;
  readonly slack: string;
  readonly secret: string;
  readonly team: string;
};

async function askSlack(token: string, { project, slack, secret, team }: Asked): Promise<Finding> {
  const response = await fetch(`${slack}auth.test`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(SLACK_TIMEOUT_MS),
  });
  const answer = AuthTest.parse(await response.json());
  if (!answer.ok) {
    const message = `Slack does not take the token in ${secret}: ${answer.error ?? "it says no more"}`;
    return failure("chat", message, addVersion(project, secret));
  }
  if (answer.team_id !== team && answer.enterprise_id !== team) {
    const message = `the token in ${secret} is for the workspace ${answer.team_id ?? ""}, and chat.team is ${team}: nobody may ask`;
    return failure("chat", message, "correct chat.team, then: slipway install apply");
  }
  const granted = (response.headers.get("x-oauth-scopes") ?? "").split(",");
  const missing = SCOPES.filter((scope) => !granted.includes(scope));
  return missing.length === 0
    ? well("chat", "Slack takes the token, and says who people are")
    : failure(
        "chat",
        `the app lacks ${missing.join(" and ")} in Slack, so nobody is known`,
        "add the scopes of docs/guides/chat.md to the app, and install it in the workspace again",
      );
}
