import { z } from "zod";
import { PermanentError } from "../../../shared/ports/errors.ts";
import type { Google } from "../kinds/google.ts";
import { isObject, textOf } from "../resource.ts";
import type { Settings } from "../settings.ts";
import { failure, warning, well } from "./finding.ts";
import type { Finding } from "./finding.ts";

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
  const [signing, token] = await Promise.all([
    readSecret(google, project, chat.signingSecret),
    readSecret(google, project, slackToken),
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

type Read = { readonly value: string; readonly problem: Finding | null };

async function readSecret(google: Google, project: string, id: string): Promise<Read> {
  const path = `v1/projects/${project}/secrets/${id}/versions/latest:access`;
  try {
    const found = await google.find("secretmanager", { method: "GET", path });
    const payload = isObject(found?.["payload"]) ? found["payload"] : {};
    const value = Buffer.from(textOf(payload["data"]), "base64").toString().trim();
    return value === "" ? { value, problem: lacking(project, id) } : { value, problem: null };
  } catch (error) {
    if (error instanceof PermanentError && error.status === "PERMISSION_DENIED") {
      const message = `you may not read the secret ${id}, so it could not be tried`;
      const mend = `ask who may, or: gcloud secrets add-iam-policy-binding ${id} --project=${project} --member=user:YOU --role=roles/secretmanager.secretAccessor`;
      return { value: "", problem: warning("chat", message, mend) };
    }
    if (error instanceof PermanentError && error.status === "FAILED_PRECONDITION") {
      return { value: "", problem: lacking(project, id) };
    }
    throw error;
  }
}

function lacking(project: string, id: string): Finding {
  const message = `the secret ${id} has no version in use, so chat refuses everybody`;
  return failure("chat", message, addVersion(project, id));
}

function addVersion(project: string, id: string): string {
  return `gcloud secrets versions add ${id} --project=${project} --data-file=-`;
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
