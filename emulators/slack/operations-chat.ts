import { optionalText, requiredText } from "./arguments.ts";
import { type Block, readBlocks, readMetadata } from "./block-rules.ts";
import { toMessageView } from "./message-view.ts";
import type { Arguments, SlackCall, SlackMethod } from "./method.ts";
import { SlackError } from "./slack-error.ts";
import { type Channel, deleteMessage, findMessage, type Message, replaceMessage } from "./state.ts";
import { findChannel, makeChannel, nextTs, type Workspace, write } from "./workspace.ts";

/** Longer texts are cut here. Source: https://docs.slack.dev/reference/methods/chat.postMessage, Truncating content */
const TEXT_MAX = 40_000;

/** Longer texts of an update are refused. Source: https://docs.slack.dev/reference/methods/chat.update */
const UPDATE_TEXT_MAX = 4000;

/** The methods of the family `chat`. Source: https://docs.slack.dev/reference/methods?family=chat */
export const CHAT_METHODS: Readonly<Record<string, SlackMethod>> = {
  "chat.postMessage": { scope: "chat:write", run: postMessage },
  "chat.postEphemeral": { scope: "chat:write", run: postEphemeral },
  "chat.update": { scope: "chat:write", run: update },
  "chat.delete": { scope: "chat:write", run: remove },
  "chat.getPermalink": { scope: null, run: getPermalink },
};

function postMessage({ workspace, args, scopes }: SlackCall): Readonly<Record<string, unknown>> {
  const channel = postable(workspace, requiredText(args, "channel"), scopes);
  const { text, blocks } = contentOf(args);
  const metadata = args["metadata"] === undefined ? null : readMetadata(args["metadata"]);
  const message = write(workspace, {
    channel: channel.id,
    text: text.slice(0, TEXT_MAX),
    blocks,
    metadata,
    threadTs: threadOf(workspace, channel, optionalText(args, "thread_ts")),
    author: { kind: "app" },
  });
  const { ts } = message;
  return { channel: channel.id, ts, message: toMessageView(message, workspace.team) };
}

/**
 * The thread that a reply is in. One to a message that is gone stands in the channel without a thread, as Slack
 * has it: https://github.com/slack-go/slack/issues/1571. A reply to a reply is one to its first message.
 */
function threadOf({ state }: Workspace, { id }: Channel, asked: string | null): string | null {
  const parent = asked === null ? undefined : findMessage(state, id, asked);
  if (parent === undefined) {
    return null;
  }
  const threadTs = parent.threadTs ?? parent.ts;
  replaceMessage(state, { ...parent, threadTs });
  return threadTs;
}

function postEphemeral({ workspace, args, scopes }: SlackCall): Readonly<Record<string, unknown>> {
  const channel = postable(workspace, requiredText(args, "channel"), scopes);
  const user = requiredText(args, "user");
  if (!workspace.state.users.has(user)) {
    throw new SlackError("user_not_in_channel");
  }
  const message = write(workspace, {
    channel: channel.id,
    ...contentOf(args),
    onlyFor: user,
    author: { kind: "app" },
  });
  return { message_ts: message.ts };
}

/** A field that is left out stays as it was, but blocks go where there is a text alone. */
function update({ workspace, args }: SlackCall): Readonly<Record<string, unknown>> {
  const message = ownMessage(workspace, args, "cant_update_message");
  const { text, blocks } = contentOf(args);
  if (text.length > UPDATE_TEXT_MAX) {
    throw new SlackError("msg_too_long");
  }
  const metadata =
    args["metadata"] === undefined ? message.metadata : readMetadata(args["metadata"]);
  const editedTs = nextTs(workspace);
  const changed: Message = { ...message, text, blocks, metadata, editedTs };
  replaceMessage(workspace.state, changed);
  const { channel, ts } = changed;
  // Where it is stands beside the message, and not in it: `ChatUpdateResponse` of `@slack/web-api`.
  const { ts: _ts, thread_ts: _thread, ...shown } = toMessageView(changed, workspace.team);
  return { channel, ts, text, message: shown };
}

function remove({ workspace, args }: SlackCall): Readonly<Record<string, unknown>> {
  const message = ownMessage(workspace, args, "cant_delete_message");
  deleteMessage(workspace.state, message);
  return { channel: message.channel, ts: message.ts };
}

function getPermalink({ workspace, args }: SlackCall): Readonly<Record<string, unknown>> {
  const { team, state } = workspace;
  const channel = existing(workspace, requiredText(args, "channel"));
  const ts = requiredText(args, "message_ts");
  if (findMessage(state, channel.id, ts) === undefined) {
    throw new SlackError("message_not_found");
  }
  return {
    channel: channel.id,
    permalink: `https://${team.domain}.slack.com/archives/${channel.id}/p${ts.replace(".", "")}`,
  };
}

function ownMessage(workspace: Workspace, args: Arguments, refusal: string): Message {
  const { state } = workspace;
  const asked = requiredText(args, "channel");
  // An update names a channel by its id alone.
  const channel = state.channels.get(asked);
  if (channel === undefined) {
    throw new SlackError("channel_not_found");
  }
  const message = findMessage(state, channel.id, requiredText(args, "ts"));
  if (message === undefined || message.onlyFor !== null) {
    throw new SlackError("message_not_found");
  }
  if (message.author.kind !== "app") {
    throw new SlackError(refusal);
  }
  return message;
}

/** What a message says. @throws SlackError no_text, invalid_blocks */
export function contentOf(args: Arguments): {
  readonly text: string;
  readonly blocks: readonly Block[];
} {
  const blocks = args["blocks"] === undefined ? [] : readBlocks(args["blocks"]);
  const text = optionalText(args, "text");
  if (text === null && blocks.length === 0) {
    throw new SlackError("no_text");
  }
  return { text: text ?? "", blocks };
}

/** The channel, which the app may post to. */
function postable(workspace: Workspace, asked: string, scopes: ReadonlySet<string>): Channel {
  const channel = existing(workspace, asked);
  if (channel.isArchived) {
    throw new SlackError("is_archived");
  }
  if (!channel.hasApp && !scopes.has("chat:write.public")) {
    throw new SlackError("not_in_channel");
  }
  return channel;
}

/** A private channel is there for those who are in it alone. */
function existing(workspace: Workspace, asked: string): Channel {
  const channel =
    findChannel(workspace, asked) ??
    (workspace.makesChannels ? makeChannel(workspace, asked.replace(/^#/, "")) : null);
  if (channel === null || (channel.isPrivate && !channel.hasApp)) {
    throw new SlackError("channel_not_found");
  }
  return channel;
}
