import type { UsersInfoResponse } from "@slack/web-api";
import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { type Block, Blocks, Metadata, Modal } from "./block-rules.ts";
import {
  type Channel,
  edit,
  findChannel,
  findMessage,
  type Hook,
  makeChannel,
  type Message,
  type SlackUser,
  type Team,
  type Workspace,
  write,
} from "./state.ts";

/**
 * A refusal as Slack gives it: with the status 200 and `ok: false`.
 * Source: https://docs.slack.dev/apis/web-api/#responses
 */
export class SlackError extends Error {
  override readonly name = "SlackError";
  /** Such as `channel_not_found`. */
  readonly code: string;
  /** What the answer carries beside it. */
  readonly about: Readonly<Record<string, unknown>>;

  constructor(code: string, about: Readonly<Record<string, unknown>> = {}) {
    super(code);
    this.code = code;
    this.about = about;
  }
}

/** The arguments of a call; those that are structures are read from their JSON. */
export type Arguments = Readonly<Record<string, unknown>>;

/** A call as a method sees it. */
type SlackCall = {
  readonly workspace: Workspace;
  readonly args: Arguments;
  /** What the token may do. */
  readonly scopes: readonly string[];
};

/** A method of the Web API. */
export type SlackMethod = {
  /** The scope that the token needs; null where every token will do. */
  readonly scope: string | null;
  /** Gives what the answer has beside `ok`. @throws SlackError */
  readonly run: (call: SlackCall) => Readonly<Record<string, unknown>>;
};

/** Every method there is here. Source: https://docs.slack.dev/reference/methods */
export const METHODS: ReadonlyMap<string, SlackMethod> = new Map([
  ["chat.postMessage", { scope: "chat:write", run: postMessage }],
  ["chat.update", { scope: "chat:write", run: update }],
  ["users.info", { scope: "users:read", run: userInfo }],
  ["users.lookupByEmail", { scope: "users:read.email", run: lookupByEmail }],
  ["auth.test", { scope: null, run: authTest }],
  ["views.open", { scope: null, run: openView }],
]);

/** Longer texts are cut here. Source: https://docs.slack.dev/reference/methods/chat.postMessage, Truncating content */
const TEXT_MAX = 40_000;

/** Longer texts of an update are refused. Source: https://docs.slack.dev/reference/methods/chat.update */
const UPDATE_TEXT_MAX = 4000;

function postMessage({ workspace, args }: SlackCall): Readonly<Record<string, unknown>> {
  const asked = required(args, "channel");
  const channel =
    findChannel(workspace, asked) ??
    (workspace.makesChannels ? makeChannel(workspace, asked.replace(/^#/, "")) : undefined);
  if (channel === undefined) {
    throw new SlackError("channel_not_found");
  }
  if (channel.isArchived) {
    throw new SlackError("is_archived");
  }
  const { text, blocks } = contentOf(args);
  const { ts } = write(workspace, {
    channel: channel.id,
    text: text.slice(0, TEXT_MAX),
    blocks,
    metadata: metadataOf(args),
    threadTs: threadOf(workspace, channel, textOf(args, "thread_ts")),
    author: { kind: "app" },
  });
  return { channel: channel.id, ts };
}

/**
 * The thread that a reply is in. One to a message that is gone stands in the channel without a thread, as Slack
 * has it: https://github.com/slack-go/slack/issues/1571. A reply to a reply is one to its first message.
 */
function threadOf({ state }: Workspace, { id }: Channel, asked: string): string | null {
  const parent = findMessage(state, id, asked);
  if (parent === undefined) {
    return null;
  }
  const threadTs = parent.threadTs ?? parent.ts;
  state.messages.set(parent.ts, { ...parent, threadTs });
  return threadTs;
}

/** An update names a channel by its id alone. Blocks go where there is a text alone; metadata stays where there is none. */
function update({ workspace, args }: SlackCall): Readonly<Record<string, unknown>> {
  const { state } = workspace;
  const channel = required(args, "channel");
  const ts = required(args, "ts");
  if (!state.channels.has(channel)) {
    throw new SlackError("channel_not_found");
  }
  const message = findMessage(state, channel, ts);
  if (message === undefined || message.onlyFor !== null) {
    throw new SlackError("message_not_found");
  }
  if (message.author.kind !== "app") {
    throw new SlackError("cant_update_message");
  }
  const { text, blocks } = contentOf(args);
  if (text.length > UPDATE_TEXT_MAX) {
    throw new SlackError("msg_too_long");
  }
  edit(workspace, message, { text, blocks, metadata: metadataOf(args) ?? message.metadata });
  return { channel, ts, text };
}

/** What a message says. @throws SlackError no_text, invalid_blocks */
function contentOf(args: Arguments): { readonly text: string; readonly blocks: readonly Block[] } {
  const blocks = read(Blocks, args["blocks"] ?? [], "invalid_blocks");
  const text = textOf(args, "text");
  if (text === "" && blocks.length === 0) {
    throw new SlackError("no_text");
  }
  return { text, blocks };
}

function metadataOf({ metadata }: Arguments): Message["metadata"] {
  return metadata === undefined ? null : read(Metadata, metadata, "invalid_metadata_format");
}

/**
 * Does what an answer to a command, or to a `response_url`, asks for: a message, one in the place of the original, or
 * none. Source: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
 * @throws SlackError
 */
export function answerWith(
  workspace: Workspace,
  { channel, user, messageTs }: Pick<Hook, "channel" | "user" | "messageTs">,
  body: Arguments,
): void {
  const original = findMessage(workspace.state, channel, messageTs ?? "");
  if (body["delete_original"] === true && original !== undefined) {
    workspace.state.messages.delete(original.ts);
    return;
  }
  const content = contentOf(body);
  if (body["replace_original"] === true && original !== undefined) {
    edit(workspace, original, content);
    return;
  }
  write(workspace, {
    channel,
    ...content,
    threadTs: original?.threadTs ?? null,
    onlyFor: body["response_type"] === "in_channel" ? null : user,
    author: { kind: "app" },
  });
}

type UserView = NonNullable<UsersInfoResponse["user"]>;

function userInfo({ workspace, args, scopes }: SlackCall): { readonly user: UserView } {
  const user = workspace.state.users.get(required(args, "user"));
  if (user === undefined) {
    throw new SlackError("user_not_found");
  }
  return { user: toUserView(user, workspace.team, scopes) };
}

/** Finds nobody who was deleted, and no bot. */
function lookupByEmail({ workspace, args, scopes }: SlackCall): { readonly user: UserView } {
  const email = required(args, "email").toLowerCase();
  const user = [...workspace.state.users.values()].find(
    (one) => one.email?.toLowerCase() === email && one.isDeleted !== true,
  );
  if (user === undefined) {
    throw new SlackError("users_not_found");
  }
  return { user: toUserView(user, workspace.team, scopes) };
}

/** Addresses are shown to who may read them. Source: https://docs.slack.dev/reference/objects/user-object */
function toUserView(user: SlackUser, team: Team, scopes: readonly string[]): UserView {
  const { id, name, realName, email } = user;
  return {
    id,
    team_id: user.teamId ?? team.id,
    name,
    real_name: realName,
    deleted: user.isDeleted === true,
    is_bot: user.isBot === true,
    is_email_confirmed: user.isEmailConfirmed !== false,
    is_restricted: user.isRestricted === true,
    is_ultra_restricted: user.isUltraRestricted === true,
    ...(user.isStranger === true && { is_stranger: true }),
    profile: email !== null && scopes.includes("users:read.email") ? { email } : {},
  };
}

function authTest({ workspace: { team } }: SlackCall): Readonly<Record<string, unknown>> {
  return {
    url: `https://${team.domain}.slack.com/`,
    team: team.domain,
    user: team.appName,
    team_id: team.id,
  };
}

/** A trigger is good once, and for three seconds. The view takes the place of the one that is open before the person. */
function openView({ workspace, args }: SlackCall): Readonly<Record<string, unknown>> {
  const { state, clock, count } = workspace;
  const asked = required(args, "trigger_id");
  const trigger = state.triggers.get(asked);
  if (trigger === undefined) {
    throw wrongArguments("invalid_trigger_id", ["invalid `trigger_id`"]);
  }
  if (clock.now() > trigger.expiresMs) {
    throw new SlackError("expired_trigger_id");
  }
  const view = read(Modal, args["view"], "invalid_arguments");
  state.triggers.delete(asked);
  const { user } = trigger;
  const before = [...state.views.values()].filter((one) => one.user === user);
  before.forEach((one) => state.views.delete(one.id));
  const id = `V${String(count()).padStart(4, "0")}${randomUUID().slice(0, 6).toUpperCase()}`;
  state.views.set(id, { id, user, view, errors: {} });
  return { view: { id } };
}

/** A text that must be there. @throws SlackError invalid_arguments */
function required(args: Arguments, name: string): string {
  const text = textOf(args, name);
  if (text === "") {
    throw wrongArguments("invalid_arguments", [`missing required field: ${name}`]);
  }
  return text;
}

/** A text; empty where it is left out. */
function textOf(args: Arguments, name: string): string {
  const text = args[name];
  return typeof text === "string" ? text : "";
}

/** @throws SlackError which says what is wrong with which part */
function read<T>(schema: z.ZodType<T>, value: unknown, code: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) {
    return parsed.data;
  }
  const messages = parsed.error.issues.map(
    ({ message, path }) => `${message} [json-pointer:/${path.join("/")}]`,
  );
  throw wrongArguments(code, messages);
}

/** A refusal that says in sentences what is wrong with the arguments. */
export function wrongArguments(code: string, messages: readonly string[]): SlackError {
  return new SlackError(code, {
    response_metadata: { messages: messages.map((message) => `[ERROR] ${message}`) },
  });
}
