import type { ChannelOf } from "../domain/notices/channel.ts";
import type { Answer, Messenger, NoticeMessage } from "../ports/notices.ts";
import type { MailRelay } from "../wire/mail-relay.ts";
import { mailContent } from "./mail-content.ts";
import { mailSender } from "./mail-sender.ts";

/** What it takes to send mail. */
export type MailOptions = {
  readonly relay: MailRelay;
  /** The project that Slipway is installed in: it tells the mails of one installation from another's. */
  readonly project: string;
  /** The password for the relay; null where there is none. @throws TransientError or PermanentError */
  readonly password: () => Promise<string | null>;
};

/**
 * Sends a notice as a mail. Its Message-ID is made of the record's id, so that whoever gets it again sees it once. A
 * conversation is one thread: each mail answers the first one, under its subject.
 * Source: https://www.rfc-editor.org/rfc/rfc5322#section-3.6.4
 */
export function mailMessenger({ relay, project, password }: MailOptions): Messenger<"mail"> {
  const send = mailSender(relay);
  return {
    can: { keepsCurrent: false, knowsRepeats: true, namesCommits: false },
    tell: async ({ to }, message) => {
      const strange = strangerAmong(to, relay);
      if (strange !== null) {
        return { kind: "later", reason: strange, wait: null, thread: message.thread };
      }
      const messageId = messageIdOf(message, project, relay);
      const first = message.thread ?? messageId;
      const login =
        relay.user === null ? null : { user: relay.user, pass: (await password()) ?? "" };
      const failure = await send(login, {
        messageId,
        ...(first !== messageId && { inReplyTo: first, references: first }),
        from: relay.from,
        to,
        date: new Date(message.notice.at),
        ...mailContent(message),
      });
      return answerOf(failure, message, first);
    },
  };
}

function answerOf(failure: string | null, { thread }: NoticeMessage, first: string): Answer {
  return failure === null
    ? { kind: "told", thread: first }
    : { kind: "later", reason: failure, wait: null, thread };
}

/** An id of a record has letters, digits, hyphens and underscores alone. */
function messageIdOf({ notice }: NoticeMessage, project: string, { from }: MailRelay): string {
  return `<${notice.id}.${project.replaceAll(/[^A-Za-z0-9.-]/g, "-")}@${domainOf(from)}>`;
}

/** Whoever writes a specification may not have a company's relay write to anybody. */
function strangerAmong(to: ChannelOf<"mail">["to"], { domains }: MailRelay): string | null {
  const strange = to.find((address) => !domains.includes(domainOf(address)));
  return strange === undefined
    ? null
    : `${strange} is in none of the domains that mail may go to: name ${domainOf(strange)} under mail.domains in slipway.yaml, or another address`;
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1).toLowerCase();
}
