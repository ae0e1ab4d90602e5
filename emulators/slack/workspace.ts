import { createHash, randomUUID } from "node:crypto";
import type { Clock } from "../kit/clock.ts";
import {
  addMessage,
  type Author,
  type Channel,
  type Hook,
  type Message,
  type SlackState,
  type SlackUser,
} from "./state.ts";

/** How long a `response_url` is good, and how often. Source: https://docs.slack.dev/interactivity/handling-user-interaction */
const HOOK_LIFETIME_MS = 30 * 60_000;
const HOOK_USES = 5;

/** How long a `trigger_id` is good. Source: https://docs.slack.dev/interactivity/handling-user-interaction#modal_responses */
const TRIGGER_LIFETIME_MS = 3000;

/** What the workspace and its app are called. */
export type Team = {
  readonly id: string;
  readonly domain: string;
  readonly appId: string;
  readonly appName: string;
  readonly botId: string;
  readonly botUserId: string;
};

/** A workspace that lives: its state, its time, and what it calls things. */
export type Workspace = {
  readonly state: SlackState;
  readonly clock: Clock;
  readonly team: Team;
  /** The address of this server, under which `response_url`s are. */
  readonly url: () => string;
  /** Whether a channel is made when it is posted to by a name that nobody has. Slack makes none. */
  readonly makesChannels: boolean;
  /** A number that is new with each call. */
  readonly count: () => number;
};

/** What a new message says. */
export type Draft = Pick<Message, "channel" | "text" | "blocks"> &
  Partial<Pick<Message, "threadTs" | "metadata" | "onlyFor">> & { readonly author: Author };

/** Writes a message. */
export function write(workspace: Workspace, draft: Draft): Message {
  const message: Message = {
    threadTs: null,
    metadata: null,
    onlyFor: null,
    ...draft,
    ts: nextTs(workspace),
    editedTs: null,
    isTombstone: false,
  };
  addMessage(workspace.state, message);
  return message;
}

/** A `ts` that no other message has, and that is later than all before. */
export function nextTs({ clock, count }: Workspace): string {
  const seconds = Math.floor(clock.now() / 1000);
  return `${seconds}.${String(count() % 1_000_000).padStart(6, "0")}`;
}

/** Gives leave to open a view. */
export function newTrigger(workspace: Workspace, user: string): string {
  const { clock, count, state } = workspace;
  const id = `${count()}.${clock.now()}.${randomUUID().replaceAll("-", "")}`;
  state.triggers.set(id, { user, expiresMs: clock.now() + TRIGGER_LIFETIME_MS });
  return id;
}

/** Makes a `response_url`. */
export function newHook(
  workspace: Workspace,
  {
    kind,
    ...about
  }: Pick<Hook, "channel" | "user" | "messageTs"> & { readonly kind: "commands" | "actions" },
): string {
  const { clock, count, state, team, url } = workspace;
  const path = `${kind}/${team.id}/${count()}/${randomUUID().replaceAll("-", "")}`;
  state.hooks.set(path, {
    ...about,
    expiresMs: clock.now() + HOOK_LIFETIME_MS,
    usesLeft: HOOK_USES,
  });
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

/** Makes a channel, or finds the one of that name; null where the name is none. */
export function makeChannel(
  workspace: Workspace,
  name: string,
  settings: Partial<Pick<Channel, "isPrivate" | "isArchived" | "hasApp">> = {},
): Channel | null {
  const there = findChannel(workspace, name);
  if (there !== undefined) {
    return there;
  }
  if (!CHANNEL_NAME.test(name)) {
    return null;
  }
  const channel: Channel = {
    isPrivate: false,
    isArchived: false,
    hasApp: true,
    ...settings,
    id: `C${digest(`channel ${name}`).slice(0, 9).toUpperCase()}`,
    name,
    createdMs: workspace.clock.now(),
  };
  workspace.state.channels.set(channel.id, channel);
  return channel;
}

/** The user as an interaction names them. */
export function shortUser(user: SlackUser, team: Team): Readonly<Record<string, string>> {
  return { id: user.id, username: user.name, name: user.name, team_id: user.teamId ?? team.id };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
