import type { ChannelBook } from "../domain/notices/book.ts";
import type { Card } from "../domain/notices/card.ts";
import type { Channel, InstallationNotices } from "../domain/notices/channel.ts";
import type { Notice } from "../domain/notices/notice.ts";
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
  /** The page where one sees more; null where the pages' address is not known. */
  readonly page: string | null;
  /** The first message of the conversation, as the channel named it; null where it begins with this notice. */
  readonly thread: string | null;
  /** Whether a later notice of the same conversation follows at once: then how it stands now is told with that. */
  readonly isFollowed: boolean;
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
  | { readonly kind: "refused"; readonly reason: string };

/** Those who bring notices to channels. */
export type Messenger = {
  /**
   * Brings a notice to a channel. Where the channel takes a key, the same notice arrives once however often it is
   * brought; elsewhere it may arrive again, with the same id.
   * @throws TransientError or PermanentError: it may have arrived or not.
   */
  readonly tell: (channel: Channel, message: NoticeMessage) => Promise<Answer>;
};

/** What is outside for whoever tells people. */
export type Telling = {
  readonly books: NoticeBooks;
  readonly messenger: Messenger;
  readonly installation: InstallationNotices;
  /** The address of the pages, such as `https://slipway.example.com`; null where it is not known. */
  readonly pages: string | null;
};
