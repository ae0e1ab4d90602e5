import type { ChannelBook } from "../../shared/domain/notices/book.ts";
import { channelName, PLATFORM_CHANNEL } from "../../shared/domain/notices/channel.ts";
import type { Channel } from "../../shared/domain/notices/channel.ts";
import type { Answer, NoticeBooks, NoticeMessage, Telling } from "../../shared/ports/notices.ts";
import type { MemoryCalls } from "./memory-calls.ts";

/** What arrived in a channel: each notice as often as it came. */
export type Arrived = NoticeMessage & { readonly channel: string };

/** Channels in memory, and what is written down of them. */
export type MemoryTelling = {
  readonly telling: Telling;
  readonly books: Map<string, ChannelBook>;
  readonly arrived: Arrived[];
  /** How channels answer that take nothing, by their names; what never answers hangs. */
  readonly answers: Map<string, () => Answer | Promise<Answer>>;
};

/** Books and channels in memory. Every channel takes everything unless `answers` says otherwise. */
export function memoryTelling(
  calls: MemoryCalls,
  parts: Partial<Telling> = {},
  kept: { readonly books: Map<string, ChannelBook>; readonly arrived: Arrived[] } = {
    books: new Map(),
    arrived: [],
  },
): MemoryTelling {
  const { books, arrived } = kept;
  const answers = new Map<string, () => Answer | Promise<Answer>>();
  const tell = async (channel: Channel, message: NoticeMessage): Promise<Answer> =>
    calls.make("messenger.tell", async () => {
      const name = channelName(channel);
      const answer = await answers.get(name)?.();
      if (answer !== undefined && answer.kind !== "told") {
        return answer;
      }
      arrived.push({ ...message, channel: name });
      return { kind: "told", thread: message.thread ?? `message ${arrived.length}` };
    });
  const telling: Telling = {
    books: memoryBooks(books, calls),
    messengers: {
      slack: { can: { keepsCurrent: true, knowsRepeats: false, namesCommits: false }, tell },
      github: { can: { keepsCurrent: true, knowsRepeats: true, namesCommits: true }, tell },
      webhook: { can: { keepsCurrent: false, knowsRepeats: true, namesCommits: false }, tell },
      mail: { can: { keepsCurrent: false, knowsRepeats: true, namesCommits: false }, tell },
    },
    installation: { byDefault: [PLATFORM_CHANNEL], everywhere: [] },
    pages: null,
    ...parts,
  };
  return { telling, books, arrived, answers };
}

/** Books in memory. */
export function memoryBooks(books: Map<string, ChannelBook>, calls: MemoryCalls): NoticeBooks {
  return {
    change: async (key, change) =>
      calls.make("books.change", () => {
        const { next, value } = change(books.get(key) ?? null);
        if (next !== null) {
          books.set(key, next);
        }
        return value;
      }),
    ofChain: async (chain) =>
      calls.make("books.ofChain", () =>
        [...books.values()]
          .filter((book) => book.chain === chain)
          .toSorted((one, other) => (one.key < other.key ? -1 : 1)),
      ),
  };
}
