import { randomUUID } from "node:crypto";
import { z } from "zod";
import { parseJson } from "../kit/body.ts";
import { Blocks, Metadata, Modal } from "./block-rules.ts";
import {
  APP,
  edit,
  findChannel,
  findMessage,
  type Hook,
  makeChannel,
  type SlackUser,
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

type Answer = Readonly<Record<string, unknown>>;

/** A method of the Web API. */
export type SlackMethod = {
  /** The scope that the token needs; null where every token will do. */
  readonly scope: string | null;
  /** Gives what the answer has beside `ok`; `scopes` are what the token may do. @throws SlackError */
  readonly run: (workspace: Workspace, args: unknown, scopes: readonly string[]) => Answer;
};

function method<Schema extends z.ZodType>(
  scope: string | null,
  takes: Schema,
  run: (workspace: Workspace, args: z.infer<Schema>, scopes: readonly string[]) => Answer,
): SlackMethod {
  return { scope, run: (workspace, args, scopes) => run(workspace, read(takes, args), scopes) };
}

/** Longer texts are cut here. Source: https://docs.slack.dev/reference/methods/chat.postMessage, Truncating content */
const TEXT_MAX = 40_000;

/** Longer texts of an update are refused. Source: https://docs.slack.dev/reference/methods/chat.update */
const UPDATE_TEXT_MAX = 4000;

const Given = z.string().min(1);

/** Structures come as JSON within forms. */
function structure<Schema extends z.ZodType>(schema: Schema): z.ZodPreprocess<Schema> {
  return z.preprocess((value) => (typeof value === "string" ? jsonIn(value) : value), schema);
}

/** What is no JSON is no structure. */
function jsonIn(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

/** What a message says. */
const Content = z.object({
  text: z.string().default(""),
  blocks: structure(Blocks).default([]),
  metadata: structure(Metadata).optional(),
});

/** An answer to a command, or to a `response_url`. */
const Response = Content.extend({
  response_type: z.string().optional(),
  replace_original: z.boolean().optional(),
  delete_original: z.boolean().optional(),
});

/** @throws SlackError no_text */
function requireContent({ text, blocks }: z.infer<typeof Content>): void {
  if (text === "" && blocks.length === 0) {
    throw new SlackError("no_text");
  }
}

const NewMessage = Content.extend({ channel: Given, thread_ts: z.string().default("") });

/**
 * A reply to a message that is gone stands in the channel without a thread, as Slack has it:
 * https://github.com/slack-go/slack/issues/1571. A reply to a reply is one to its first message.
 */
const postMessage = method("chat:write", NewMessage, (workspace, args) => {
  const { channel: asked, text, blocks, metadata = null, thread_ts } = args;
  const channel =
    findChannel(workspace, asked) ??
    (workspace.makesChannels ? makeChannel(workspace, asked.replace(/^#/, "")) : undefined);
  if (channel === undefined) {
    throw new SlackError("channel_not_found");
  }
  if (channel.isArchived) {
    throw new SlackError("is_archived");
  }
  requireContent(args);
  const parent = findMessage(workspace.state, channel.id, thread_ts);
  const { ts } = write(workspace, {
    channel: channel.id,
    text: text.slice(0, TEXT_MAX),
    blocks,
    metadata,
    threadTs: parent?.threadTs ?? parent?.ts ?? null,
    author: "app",
  });
  return { channel: channel.id, ts };
});

/** An update names a channel by its id alone. Blocks go where there is a text alone; metadata stays where there is none. */
const update = method(
  "chat:write",
  Content.extend({ channel: Given, ts: Given }),
  (workspace, args) => {
    const { state } = workspace;
    const { channel, ts, text, blocks } = args;
    if (!state.channels.has(channel)) {
      throw new SlackError("channel_not_found");
    }
    const message = findMessage(state, channel, ts);
    if (message === undefined || message.onlyFor !== null) {
      throw new SlackError("message_not_found");
    }
    if (message.author !== "app") {
      throw new SlackError("cant_update_message");
    }
    requireContent(args);
    if (text.length > UPDATE_TEXT_MAX) {
      throw new SlackError("msg_too_long");
    }
    edit(workspace, message, { text, blocks, metadata: args.metadata ?? message.metadata });
    return { channel, ts, text };
  },
);

/**
 * Does what an answer to a command, or to a `response_url`, asks for: a message, one in the place of the original, or
 * none. Source: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
 * @throws SlackError
 */
export function answerWith(
  workspace: Workspace,
  { channel, user, messageTs }: Pick<Hook, "channel" | "user" | "messageTs">,
  body: unknown,
): void {
  const response = read(Response, body);
  const { text, blocks } = response;
  const original = findMessage(workspace.state, channel, messageTs ?? "");
  if (response.delete_original === true && original !== undefined) {
    workspace.state.messages.delete(original.ts);
    return;
  }
  requireContent(response);
  if (response.replace_original === true && original !== undefined) {
    edit(workspace, original, { text, blocks });
    return;
  }
  write(workspace, {
    channel,
    text,
    blocks,
    threadTs: original?.threadTs ?? null,
    onlyFor: response.response_type === "in_channel" ? null : user,
    author: "app",
  });
}

const userInfo = method("users:read", z.object({ user: Given }), (workspace, args, scopes) => {
  const user = workspace.state.people.get(args.user);
  if (user === undefined) {
    throw new SlackError("user_not_found");
  }
  return { user: toView(user, workspace, scopes) };
});

/** Finds nobody who was deleted. */
const lookupByEmail = method(
  "users:read.email",
  z.object({ email: Given }),
  (workspace, { email }, scopes) => {
    const user = [...workspace.state.people.values()].find(
      ({ profile, deleted }) =>
        profile?.email?.toLowerCase() === email.toLowerCase() && deleted !== true,
    );
    if (user === undefined) {
      throw new SlackError("users_not_found");
    }
    return { user: toView(user, workspace, scopes) };
  },
);

/** Addresses are shown to who may read them. Source: https://docs.slack.dev/reference/objects/user-object */
function toView(user: SlackUser, { team }: Workspace, scopes: readonly string[]): SlackUser {
  return {
    team_id: team,
    deleted: false,
    is_bot: false,
    is_email_confirmed: true,
    is_restricted: false,
    is_ultra_restricted: false,
    ...user,
    ...(!scopes.includes("users:read.email") && { profile: {} }),
  };
}

const authTest = method(null, z.object({}), ({ team }) => {
  const { domain, name: user } = APP;
  return { url: `https://${domain}.slack.com/`, team: domain, user, team_id: team };
});

const Opening = z.object({ trigger_id: Given, view: structure(Modal) });

/** A trigger is good once, and for three seconds. The view takes the place of the one that is open before the person. */
const openView = method(null, Opening, ({ state, clock, count }, { trigger_id: asked, view }) => {
  const trigger = state.triggers.get(asked);
  if (trigger === undefined) {
    throw new SlackError("invalid_trigger_id");
  }
  if (clock.now() > trigger.expiresMs) {
    throw new SlackError("expired_trigger_id");
  }
  state.triggers.delete(asked);
  const { user } = trigger;
  const before = [...state.views.values()].filter((one) => one.user === user);
  before.forEach((one) => state.views.delete(one.id));
  const id = `V${String(count()).padStart(4, "0")}${randomUUID().slice(0, 6).toUpperCase()}`;
  state.views.set(id, { id, user, view, errors: {} });
  return { view: { id } };
});

/** Every method there is here. Source: https://docs.slack.dev/reference/methods */
export const METHODS: ReadonlyMap<string, SlackMethod> = new Map([
  ["chat.postMessage", postMessage],
  ["chat.update", update],
  ["users.info", userInfo],
  ["users.lookupByEmail", lookupByEmail],
  ["auth.test", authTest],
  ["views.open", openView],
]);

/** What the refusal of an argument is called; `invalid_arguments` for any other. */
const CODES: ReadonlyMap<unknown, string> = new Map([
  ["blocks", "invalid_blocks"],
  ["metadata", "invalid_metadata_format"],
]);

/** @throws SlackError which says in sentences what is wrong with which part */
function read<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) {
    return parsed.data;
  }
  const { issues } = parsed.error;
  const messages = issues.map(
    ({ message, path }) => `[ERROR] ${message} [json-pointer:/${path.join("/")}]`,
  );
  const code = CODES.get(issues[0]?.path[0]) ?? "invalid_arguments";
  throw new SlackError(code, { response_metadata: { messages } });
}
