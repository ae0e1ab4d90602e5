import { duration } from "../domain/time.ts";
import type { Answer } from "../ports/notices.ts";
import { TransientError } from "../ports/errors.ts";

/** Refusals of what is told, which no later attempt gets past. */
const REFUSED: ReadonlySet<string> = new Set([
  "msg_too_long",
  "msg_blocks_too_long",
  "no_text",
  "invalid_blocks",
  "invalid_blocks_format",
  "invalid_metadata_format",
  "metadata_too_large",
]);

/** A message that somebody deleted, or that cannot be changed. */
const GONE: ReadonlySet<string> = new Set([
  "message_not_found",
  "cant_update_message",
  "edit_window_closed",
  "thread_not_found",
]);

/** What a person can do about a channel that takes nothing. */
const ADVICE: Readonly<Record<string, string>> = {
  channel_not_found: "make the channel, or invite the bot if it is private",
  is_archived: "bring the channel back, or name another one",
  not_in_channel: "invite the bot to the channel",
  invalid_auth: "put a valid bot token into the secret",
  not_authed: "put a valid bot token into the secret",
  token_revoked: "put a new bot token into the secret",
  token_expired: "put a new bot token into the secret",
  account_inactive: "install the app in the workspace again, and put its token into the secret",
  missing_scope: "give the app the scopes chat:write, chat:write.public and users:read.email",
  restricted_action: "let the bot post in the channel",
};

/**
 * What Slack's refusal means for a notice; `gone` where the message that it is about is not there any more.
 * @throws whatever is not Slack's answer.
 * Source: https://docs.slack.dev/reference/methods/chat.postMessage#errors
 */
export async function slackAnswer(
  error: unknown,
  channel: string,
  thread: string | null,
): Promise<Answer | "gone"> {
  const { WebAPIPlatformError, WebAPIRateLimitedError, WebAPIHTTPError, WebAPIRequestError } =
    await import("@slack/web-api");
  if (error instanceof WebAPIRateLimitedError) {
    const wait = duration(error.retryAfter * 1000);
    return { kind: "later", reason: "Slack takes no more messages for now", wait, thread };
  }
  if (error instanceof WebAPIPlatformError) {
    return toAnswer(error.data.error, channel, thread);
  }
  if (error instanceof WebAPIHTTPError) {
    throw new TransientError("UNAVAILABLE", `Slack answered with ${error.statusCode}`, error);
  }
  if (error instanceof WebAPIRequestError) {
    throw new TransientError("UNAVAILABLE", `Slack did not answer (${error.message})`, error);
  }
  throw error;
}

function toAnswer(code: string, channel: string, thread: string | null): Answer | "gone" {
  if (GONE.has(code)) {
    return "gone";
  }
  if (REFUSED.has(code)) {
    return { kind: "refused", reason: `Slack: ${code}` };
  }
  const advice = ADVICE[code];
  const reason = `Slack, ${channel}: ${code}${advice === undefined ? "" : `; ${advice}`}`;
  return { kind: "later", reason, wait: null, thread };
}
