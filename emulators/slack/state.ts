import type { Block, Metadata, ModalView } from "./block-rules.ts";

/** Somebody of the workspace, as the workspace knows them. */
export type SlackUser = {
  /** Such as `U0DANA`. */
  readonly id: string;
  /** The short name, such as `dana`. */
  readonly name: string;
  readonly realName: string;
  /** Null where there is none, as with bots. */
  readonly email: string | null;
  /** Whether the address was confirmed; yes where it is left out. */
  readonly isEmailConfirmed?: boolean;
  readonly isBot?: boolean;
  readonly isDeleted?: boolean;
  /** A guest of several channels. */
  readonly isRestricted?: boolean;
  /** A guest of one channel. */
  readonly isUltraRestricted?: boolean;
  /** Somebody of another workspace, met in a shared channel. */
  readonly isStranger?: boolean;
  /** The workspace's own where it is left out. */
  readonly teamId?: string;
};

/** A channel. */
export type Channel = {
  readonly id: string;
  /** Without `#`. */
  readonly name: string;
  readonly isPrivate: boolean;
  readonly isArchived: boolean;
  /** Whether the app was invited. */
  readonly hasApp: boolean;
  readonly createdMs: number;
};

/** Who wrote a message: the app, a person by their id, or Slack itself. */
export type Author =
  | { readonly kind: "app" | "slack" }
  | { readonly kind: "user"; readonly id: string };

/** A message in a channel. */
export type Message = {
  readonly channel: string;
  /** Seconds and a fraction that is the message's own; its id in the channel. */
  readonly ts: string;
  /** The first message of the thread that it is in; its own `ts` where it began one; null outside threads. */
  readonly threadTs: string | null;
  readonly author: Author;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly metadata: Metadata | null;
  readonly editedTs: string | null;
  /** The one person who sees it; null where everybody does. */
  readonly onlyFor: string | null;
  /** A first message of a thread that was deleted, while its replies are there. */
  readonly isTombstone: boolean;
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

/** Leave to open a view for a person, once and for a short time. */
export type Trigger = { readonly user: string; readonly expiresMs: number };

/** A view that is open before a person. */
export type OpenView = {
  readonly id: string;
  readonly user: string;
  readonly view: ModalView;
  readonly hash: string;
  /** What the app said of its fields, by block. */
  readonly errors: Readonly<Record<string, string>>;
};

/** A workspace with one app in it. Messages are by channel and then by `ts`, in the order in which they were written. */
export type SlackState = {
  readonly users: Map<string, SlackUser>;
  readonly channels: Map<string, Channel>;
  readonly messages: Map<string, Map<string, Message>>;
  readonly hooks: Map<string, Hook>;
  readonly triggers: Map<string, Trigger>;
  readonly views: Map<string, OpenView>;
};

/** A workspace in which nothing is. */
export function emptyState(): SlackState {
  return {
    users: new Map(),
    channels: new Map(),
    messages: new Map(),
    hooks: new Map(),
    triggers: new Map(),
    views: new Map(),
  };
}

/** The messages of a channel, oldest first. */
export function messagesIn(state: SlackState, channel: string): readonly Message[] {
  return [...(state.messages.get(channel)?.values() ?? [])];
}

/** A message by its channel and `ts`; undefined where there is none. A tombstone is none. */
export function findMessage(state: SlackState, channel: string, ts: string): Message | undefined {
  const message = state.messages.get(channel)?.get(ts);
  return message?.isTombstone === true ? undefined : message;
}

/** Puts a message in the place of the one with the same `ts`. */
export function replaceMessage(state: SlackState, message: Message): void {
  state.messages.get(message.channel)?.set(message.ts, message);
}

/** Adds a message at the end of its channel. */
export function addMessage({ messages }: SlackState, message: Message): void {
  const { channel, ts } = message;
  const all = messages.get(channel);
  if (all === undefined) {
    messages.set(channel, new Map([[ts, message]]));
  } else {
    all.set(ts, message);
  }
}

/**
 * Takes a message away. The first one of a thread that has replies leaves a tombstone, as in Slack.
 */
export function deleteMessage(state: SlackState, { channel, ts }: Message): void {
  const all = state.messages.get(channel);
  const message = all?.get(ts);
  if (message === undefined) {
    return;
  }
  if (messagesIn(state, channel).some((one) => one.threadTs === ts && one.ts !== ts)) {
    const text = "This message was deleted.";
    all?.set(ts, { ...message, text, blocks: [], metadata: null, isTombstone: true });
  } else {
    all?.delete(ts);
  }
}
