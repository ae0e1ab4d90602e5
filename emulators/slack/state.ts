import type { UsersInfoResponse } from "@slack/web-api";
import { createHash, randomUUID } from "node:crypto";
import type { Clock } from "../kit/clock.ts";
import type { Block, Metadata, Modal } from "./block-rules.ts";

/** Somebody of the workspace, in the API's JSON. A person of this workspace whose address was confirmed, where it is not said. */
export type SlackUser = NonNullable<UsersInfoResponse["user"]> &
  Readonly<Record<"id" | "name" | "real_name", string>>;

/** A channel, which everybody sees and the app may post to. */
export type Channel = {
  readonly id: string;
  /** Without `#`. */
  readonly name: string;
  readonly isArchived: boolean;
};

/** A message in a channel. */
export type Message = {
  readonly channel: string;
  /** Seconds and a fraction that is the message's own; its id in the channel. */
  readonly ts: string;
  /** The message that it answers in a thread; null where it answers none. */
  readonly threadTs: string | null;
  /** A person by their id, the app as `app`, Slack itself as `slack`. */
  readonly author: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly metadata: Metadata | null;
  readonly editedTs: string | null;
  /** The one person who sees it; null where everybody does. */
  readonly onlyFor: string | null;
};

/** What a `response_url` stands for. */
export type Hook = {
  readonly channel: string;
  readonly user: string;
  /** The message whose button was pressed; null where a command was given. */
  readonly messageTs: string | null;
  readonly expiresMs: number;
  readonly usesLeft: number;
};

/** A view that is open before a person. */
export type OpenView = {
  readonly id: string;
  readonly user: string;
  readonly view: Modal;
  /** What the app said of its fields, by block. */
  readonly errors: Readonly<Record<string, string>>;
};

/** A workspace with one app in it. Messages are by channel and then by `ts`, in the order in which they were written. */
export type SlackState = {
  readonly people: Map<string, SlackUser>;
  readonly channels: Map<string, Channel>;
  /** By their `ts`. */
  readonly messages: Map<string, Message>;
  readonly hooks: Map<string, Hook>;
  /** Leave to open a view for a person, once and for a short time. */
  readonly triggers: Map<string, { readonly user: string; readonly expiresMs: number }>;
  readonly views: Map<string, OpenView>;
};

/** What the workspace and its app are called. */
export const APP = { domain: "local", name: "slipway" } as const;

/** A workspace that lives: its state, its time, and what it calls things. */
export type Workspace = {
  readonly state: SlackState;
  readonly clock: Clock;
  /** Its id. */
  readonly team: string;
  /** The address of this server, under which `response_url`s are. */
  readonly url: () => string;
  /** Whether a channel is made when it is posted to by a name that nobody has. Slack makes none. */
  readonly makesChannels: boolean;
  /** A number that is new with each call. */
  readonly count: () => number;
};

/** How long a `response_url` is good, and how often. Source: https://docs.slack.dev/interactivity/handling-user-interaction */
const HOOK_LIFETIME_MS = 30 * 60_000;
const HOOK_USES = 5;

/** How long a `trigger_id` is good. Source: https://docs.slack.dev/interactivity/handling-user-interaction#modal_responses */
const TRIGGER_LIFETIME_MS = 3000;

/** A workspace in which nothing is. */
export function emptyState(): SlackState {
  return {
    people: new Map(),
    channels: new Map(),
    messages: new Map(),
    hooks: new Map(),
    triggers: new Map(),
    views: new Map(),
  };
}

/** The messages of a channel, oldest first, as a person sees them; as everybody does without one. */
export function messagesIn(
  { messages }: SlackState,
  channel: string,
  person?: string,
): readonly Message[] {
  return [...messages.values()].filter(
    (one) => one.channel === channel && (one.onlyFor === null || one.onlyFor === person),
  );
}

/** A message by its channel and `ts`; undefined where there is none. */
export function findMessage(state: SlackState, channel: string, ts: string): Message | undefined {
  const found = state.messages.get(ts);
  return found?.channel === channel ? found : undefined;
}

/** What a new message says. */
export type Draft = Pick<Message, "channel" | "text" | "author"> & Partial<Message>;

/** Writes a message. */
export function write(workspace: Workspace, draft: Draft): Message {
  const message: Message = {
    threadTs: null,
    metadata: null,
    onlyFor: null,
    blocks: [],
    editedTs: null,
    ...draft,
    ts: nextTs(workspace),
  };
  workspace.state.messages.set(message.ts, message);
  return message;
}

/** Puts other words in the place of a message's. */
export function edit(workspace: Workspace, message: Message, change: Partial<Message>): void {
  const edited = { ...message, ...change, editedTs: nextTs(workspace) };
  workspace.state.messages.set(message.ts, edited);
}

/** A `ts` that no other message has, and that is later than all before. */
function nextTs(workspace: Workspace): string {
  const seconds = Math.floor(workspace.clock.now() / 1000);
  const ts = `${seconds}.${String(workspace.count() % 1_000_000).padStart(6, "0")}`;
  return workspace.state.messages.has(ts) ? nextTs(workspace) : ts;
}

/** Gives leave to open a view. */
export function newTrigger({ clock, count, state }: Workspace, user: string): string {
  const id = `${count()}.${clock.now()}.${randomUUID().replaceAll("-", "")}`;
  state.triggers.set(id, { user, expiresMs: clock.now() + TRIGGER_LIFETIME_MS });
  return id;
}

/** Makes a `response_url`. */
export function newHook(
  { clock, count, state, team, url }: Workspace,
  kind: "commands" | "actions",
  about: Pick<Hook, "channel" | "user" | "messageTs">,
): string {
  const path = `${kind}/${team}/${count()}/${randomUUID().replaceAll("-", "")}`;
  const expiresMs = clock.now() + HOOK_LIFETIME_MS;
  state.hooks.set(path, { ...about, expiresMs, usesLeft: HOOK_USES });
  return `${url()}/${path}`;
}

/** The channel by its id, or by its name with or without `#`. */
export function findChannel({ state }: Workspace, asked: string): Channel | undefined {
  const name = asked.replace(/^#/, "");
  return (
    state.channels.get(asked) ??
    [...state.channels.values()].find((channel) => channel.name === name)
  );
}

/** What a channel may be called. Source: https://docs.slack.dev/reference/methods/conversations.create#naming */
const CHANNEL_NAME = /^[\p{Ll}\p{Lo}\p{N}_-]{1,80}$/u;

/** Makes a channel, or finds the one of that name; undefined where the name is none. */
export function makeChannel(
  workspace: Workspace,
  name: string,
  isArchived = false,
): Channel | undefined {
  const there = findChannel(workspace, name);
  if (there !== undefined || !CHANNEL_NAME.test(name)) {
    return there;
  }
  const digest = createHash("sha256").update(`channel ${name}`).digest("hex");
  const channel = { id: `C${digest.slice(0, 9).toUpperCase()}`, name, isArchived };
  workspace.state.channels.set(channel.id, channel);
  return channel;
}
