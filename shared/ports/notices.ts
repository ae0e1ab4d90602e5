import type { ChannelBook } from "../domain/notices/book.ts";
import type { Card } from "../domain/notices/card.ts";
import type { ChannelKind, ChannelOf, InstallationNotices } from "../domain/notices/channel.ts";
import type { Notice } from "../domain/notices/notice.ts";
import type { Promotion } from "../domain/promotion.ts";
import type { Release } from "../domain/release.ts";
import type { Service } from "../domain/service.ts";
import type { Duration } from "../domain/time.ts";

/** What was told to whom. Every call throws TransientError when the store is busy or unreachable. */
export type NoticeBooks = {
  /**
   * Changes one book in a transaction (null: there is none yet), and stores it if it is another one then. May run
   * `change` more than once.
   */
  readonly change: <Value>(
    key: string,
    change: (book: ChannelBook | null) => {
      readonly next: ChannelBook | null;
      readonly value: Value;
    },
  ) => Promise<Value>;
  /** The books of a chain, in the order of their keys, at most `BOOKS_MAX`. */
  readonly ofChain: (chain: string) => Promise<readonly ChannelBook[]>;
};

/** How many books of one chain are shown. */
export const BOOKS_MAX = 100;

/** One notice as a channel gets it. */
export type NoticeMessage = {
  readonly notice: Notice;
  /** What it is about, such as `web 1.4.2 into prod`. */
  readonly title: string;
  /** How the promotion stands now that it is about; null for a notice of no promotion. */
  readonly card: Card | null;
  readonly about: NoticeGround;
  /** The page where one sees more; null where the pages' address is not known. */
  readonly page: string | null;
  /** The first message of the conversation, as the channel named it; null where it begins with this notice. */
  readonly thread: string | null;
  /**
   * Whether a later notice of the same conversation follows at once: then how it stands now is told with that. Never
   * where a message cannot be kept up to date.
   */
  readonly isFollowed: boolean;
};

/** What a notice is about, as it stands now; null where there is none, or nobody knows it any more. */
export type NoticeGround = {
  readonly service: Service | null;
  readonly promotion: Promotion | null;
  readonly release: Release | null;
  /** Whether the promotion is the one whose release is recorded in its environment. */
  readonly isCurrent: boolean;
  /** The commits that it brought to production, the newest first; empty unless the channel names them. */
  readonly brought: readonly string[];
};

/** What came of telling. */
export type Answer =
  /** `thread`: what the channel calls the first message of the conversation now. */
  | { readonly kind: "told"; readonly thread: string | null }
  /** Not now: not before `wait` is over, where the channel said so. What was begun is kept. */
  | {
      readonly kind: "later";
      readonly reason: string;
      readonly wait: Duration | null;
      readonly thread: string | null;
    }
  /** The channel will never take this one. */
  | { readonly kind: "refused"; readonly reason: string }
  /** The channel wants to be told nothing any more. */
  | { readonly kind: "gone"; readonly reason: string };

/** What a kind of channel can do. */
export type Ability = {
  /** Whether a message can be changed later, so that the first one of a conversation says how it stands now. */
  readonly keepsCurrent: boolean;
  /** Whether its receiver finds the notice's id with each message, and so knows one that comes again. */
  readonly knowsRepeats: boolean;
  /** Whether it names the commits that a promotion brought to production. */
  readonly namesCommits: boolean;
};

/** Who brings notices to channels of one kind. */
export type Messenger<Kind extends ChannelKind> = {
  readonly can: Ability;
  /**
   * Brings a notice to a channel. It may arrive again after a crash, with the same id.
   * @throws TransientError or PermanentError: it may have arrived or not.
   */
  readonly tell: (channel: ChannelOf<Kind>, message: NoticeMessage) => Promise<Answer>;
};

/** Those who bring notices to channels, by their kinds; null where the installation has not set it up. */
export type Messengers = { readonly [Kind in ChannelKind]: Messenger<Kind> | null };

/** What is outside for whoever tells people. */
export type Telling = {
  readonly books: NoticeBooks;
  readonly messengers: Messengers;
  readonly installation: InstallationNotices;
  /** The address of the pages, such as `https://slipway.example.com`; null where it is not known. */
  readonly pages: string | null;
};
