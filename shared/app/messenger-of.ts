import type { Channel, ChannelKind } from "../domain/notices/channel.ts";
import type { Ability, Answer, Messenger, Messengers, NoticeMessage } from "../ports/notices.ts";

/** Who brings notices to one channel. */
export type Bringer = {
  readonly can: Ability;
  /** @throws TransientError or PermanentError: it may have arrived or not. */
  readonly tell: (message: NoticeMessage) => Promise<Answer>;
};

/** Who brings notices to the channel. Where nobody set its kind up, the answer says so, and a day's notices wait. */
export function messengerOf(messengers: Messengers, channel: Channel): Bringer {
  switch (channel.kind) {
    case "slack":
      return bound(messengers.slack, channel);
    case "webhook":
      return bound(messengers.webhook, channel);
    case "mail":
      return bound(messengers.mail, channel);
    case "github":
      return bound(messengers.github, channel);
  }
}

function bound<Kind extends ChannelKind>(
  messenger: Messenger<Kind> | null,
  channel: Parameters<Messenger<Kind>["tell"]>[0],
): Bringer {
  return messenger === null
    ? { can: NOTHING, tell: async ({ thread }) => Promise.resolve(notSetUp(channel.kind, thread)) }
    : { can: messenger.can, tell: async (message) => messenger.tell(channel, message) };
}

const NOTHING: Ability = { keepsCurrent: false, knowsRepeats: false, namesCommits: false };

function notSetUp(kind: ChannelKind, thread: string | null): Answer {
  const reason = `${kind} is not set up: docs/guides/notices.md says how, or name another channel`;
  return { kind: "later", reason, wait: null, thread };
}
