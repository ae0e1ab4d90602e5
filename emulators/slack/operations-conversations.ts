import { flag, optionalText, pageOf, requiredText } from "./arguments.ts";
import { toMessageView, toThreadView } from "./message-view.ts";
import type { Arguments, SlackCall, SlackMethod } from "./method.ts";
import { SlackError } from "./slack-error.ts";
import { type Channel, type Message, messagesIn } from "./state.ts";
import type { Workspace } from "./workspace.ts";

/** The methods of the family `conversations`. Source: https://docs.slack.dev/reference/methods?family=conversations */
export const CONVERSATION_METHODS: Readonly<Record<string, SlackMethod>> = {
  "conversations.list": { scope: "channels:read", run: list },
  "conversations.info": { scope: "channels:read", run: info },
  "conversations.join": { scope: "channels:join", run: join },
  "conversations.history": { scope: "channels:history", run: history },
  "conversations.replies": { scope: "channels:history", run: replies },
};

function list({ workspace, args }: SlackCall): Readonly<Record<string, unknown>> {
  const types = (optionalText(args, "types") ?? "public_channel").split(",");
  const all = [...workspace.state.channels.values()].filter(
    ({ isPrivate, isArchived, hasApp }) =>
      types.includes(isPrivate ? "private_channel" : "public_channel") &&
      (!isPrivate || hasApp) &&
      !(isArchived && flag(args, "exclude_archived")),
  );
  const { page, next } = pageOf(all, args);
  return {
    channels: page.map((channel) => toChannelView(channel, workspace)),
    response_metadata: { next_cursor: next },
  };
}

function info({ workspace, args }: SlackCall): Readonly<Record<string, unknown>> {
  return { channel: toChannelView(byId(workspace, args), workspace) };
}

function join({ workspace, args }: SlackCall): Readonly<Record<string, unknown>> {
  const channel = byId(workspace, args);
  if (channel.isArchived) {
    throw new SlackError("is_archived");
  }
  const joined = { ...channel, hasApp: true };
  workspace.state.channels.set(channel.id, joined);
  return { channel: toChannelView(joined, workspace) };
}

/** Newest first, without replies. */
function history({ workspace, args }: SlackCall): Readonly<Record<string, unknown>> {
  const { state, team } = workspace;
  const channel = readable(workspace, args);
  const all = seen(messagesIn(state, channel.id), args)
    .filter(({ ts, threadTs }) => threadTs === null || threadTs === ts)
    .toReversed();
  const { page, next } = pageOf(all, args);
  return {
    messages: page.map((message) => trimmed(toThreadView(message, state, team), args)),
    has_more: next !== "",
    response_metadata: { next_cursor: next },
  };
}

/** The first message of a thread and what came after, oldest first. */
function replies({ workspace, args }: SlackCall): Readonly<Record<string, unknown>> {
  const { state, team } = workspace;
  const channel = readable(workspace, args);
  const asked = requiredText(args, "ts");
  const there = messagesIn(state, channel.id);
  const first = there.find(({ ts }) => ts === asked);
  if (first === undefined) {
    throw new SlackError("thread_not_found");
  }
  const threadTs = first.threadTs ?? first.ts;
  const all = seen(there, args).filter((one) => one.ts === threadTs || one.threadTs === threadTs);
  const { page, next } = pageOf(all, args);
  return {
    messages: page.map((message) =>
      trimmed(
        message.ts === threadTs ? toThreadView(message, state, team) : toMessageView(message, team),
        args,
      ),
    ),
    has_more: next !== "",
    response_metadata: { next_cursor: next },
  };
}

/** What everybody sees, of the time that is asked for. */
function seen(messages: readonly Message[], args: Arguments): readonly Message[] {
  const oldest = optionalText(args, "oldest") ?? "0";
  const latest = optionalText(args, "latest");
  const isWithin = (ts: string): boolean =>
    flag(args, "inclusive")
      ? ts >= oldest && (latest === null || ts <= latest)
      : ts > oldest && (latest === null || ts < latest);
  return messages.filter(({ ts, onlyFor }) => onlyFor === null && isWithin(ts));
}

/** What the app keeps with a message is shown where it is asked for. */
function trimmed(
  view: Readonly<Record<string, unknown>>,
  args: Arguments,
): Readonly<Record<string, unknown>> {
  const { metadata, ...rest } = view;
  return metadata !== undefined && flag(args, "include_all_metadata") ? view : rest;
}

function readable(workspace: Workspace, args: Arguments): Channel {
  const channel = byId(workspace, args);
  if (!channel.hasApp) {
    throw new SlackError("not_in_channel");
  }
  return channel;
}

function byId({ state }: Workspace, args: Arguments): Channel {
  const channel = state.channels.get(requiredText(args, "channel"));
  if (channel === undefined || (channel.isPrivate && !channel.hasApp)) {
    throw new SlackError("channel_not_found");
  }
  return channel;
}

/** Source: https://docs.slack.dev/reference/objects/conversation-object */
function toChannelView(
  { id, name, isPrivate, isArchived, hasApp, createdMs }: Channel,
  { team }: Workspace,
): Readonly<Record<string, unknown>> {
  return {
    id,
    name,
    name_normalized: name,
    is_channel: !isPrivate,
    is_group: isPrivate,
    is_im: false,
    is_private: isPrivate,
    is_archived: isArchived,
    is_member: hasApp,
    created: Math.floor(createdMs / 1000),
    context_team_id: team.id,
  };
}
