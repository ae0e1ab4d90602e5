import { type Message, messagesIn, type SlackState } from "./state.ts";
import type { Team } from "./workspace.ts";

const SLACKBOT = "USLACKBOT";

/**
 * A message as the API shows it.
 * Source: https://docs.slack.dev/reference/events/message, `ChatPostMessageResponse` of `@slack/web-api`
 */
export function toMessageView(message: Message, team: Team): Readonly<Record<string, unknown>> {
  const { ts, threadTs, text, blocks, metadata, editedTs, author, isTombstone } = message;
  const writer =
    author.kind === "user" ? author.id : { app: team.botUserId, slack: SLACKBOT }[author.kind];
  return {
    type: "message",
    ...(isTombstone ? { subtype: "tombstone" } : {}),
    user: isTombstone ? SLACKBOT : writer,
    ...(author.kind === "app" ? { bot_id: team.botId, app_id: team.appId } : {}),
    team: team.id,
    ts,
    text,
    ...(blocks.length === 0 ? {} : { blocks }),
    ...(threadTs === null ? {} : { thread_ts: threadTs }),
    ...(metadata === null ? {} : { metadata }),
    ...(editedTs === null ? {} : { edited: { user: team.botUserId, ts: editedTs } }),
  };
}

/** A message with what is known of the thread that it began. */
export function toThreadView(
  message: Message,
  state: SlackState,
  team: Team,
): Readonly<Record<string, unknown>> {
  const replies = messagesIn(state, message.channel).filter(
    ({ threadTs, ts }) => threadTs === message.ts && ts !== message.ts,
  );
  return {
    ...toMessageView(message, team),
    ...(replies.length === 0
      ? {}
      : { thread_ts: message.ts, reply_count: replies.length, latest_reply: replies.at(-1)?.ts }),
  };
}
