import { after, duration, minutes } from "../time.ts";
import type { Duration, Instant } from "../time.ts";

/** A conversation that was begun in a channel. */
export type Thread = {
  /** What it is about, such as a promotion's id. */
  readonly subject: string;
  /** What the channel calls its first message. */
  readonly message: string;
};

/** Why a channel could not be told, since when, and when it is tried again. */
export type Trouble = {
  readonly since: Instant;
  readonly attempts: number;
  readonly notBefore: Instant;
  readonly reason: string;
};

/** What one channel has been told of one chain of records. */
export type ChannelBook = {
  readonly key: string;
  readonly chain: string;
  readonly channel: string;
  /** Every record up to this number was told, or is of no interest to the channel. */
  readonly told: number;
  /** How many records the channel was not told of because it was in trouble for a day. */
  readonly dropped: number;
  /** The last record that somebody found untold while another was at it: whoever is at it goes on to there. */
  readonly wanted: number;
  /** The conversations begun last, the newest at the end. */
  readonly threads: readonly Thread[];
  readonly lease: { readonly holder: string; readonly until: Instant } | null;
  /** Null while all is well. */
  readonly trouble: Trouble | null;
  /** Null unless the channel wants nothing any more. */
  readonly off: Off | null;
};

/** A channel that said that it wants nothing any more. */
export type Off = {
  readonly since: Instant;
  readonly reason: string;
  /** The revision of the specification then; null for what concerns no single service. */
  readonly revision: string | null;
};

/** How many conversations are remembered of a channel; a later notice of an older one begins it anew. */
export const THREADS_MAX = 50;

/** For how long whoever tells a channel has it alone; longer than a message is worked on. */
export const NOTICE_LEASE = minutes(5);

/** How long after the first failure notices are given up, and the channel begins anew with what comes then. */
export const TROUBLE_MAX = duration(24 * 60 * 60_000);

/** How soon a channel in trouble is tried again: first, and at the latest. */
const RETRY_FIRST = duration(10_000);
const RETRY_MAX = minutes(10);

/** The book of a channel that was never told anything; it begins after a number. */
export function newBook(
  key: string,
  about: Pick<ChannelBook, "chain" | "channel" | "told">,
): ChannelBook {
  return {
    key,
    ...about,
    dropped: 0,
    wanted: about.told,
    threads: [],
    lease: null,
    trouble: null,
    off: null,
  };
}

/** What comes of asking for a channel: it is one's own, or there is nothing to do now and why. */
export type Claim =
  | { readonly kind: "yours" }
  /** The records are told already, or whoever is at it will find them. */
  | { readonly kind: "settled" }
  /** The channel wants nothing. */
  | { readonly kind: "off" }
  /** The channel is in trouble, and it is too soon to try again. */
  | { readonly kind: "later"; readonly trouble: Trouble };

type Asking = {
  readonly holder: string;
  readonly upTo: number;
  readonly now: Instant;
  /** The revision of the specification now; null for what concerns no single service. */
  readonly revision: string | null;
};

/**
 * Asks for the channel, to tell it the records up to a number. `holder` is the message by which one was asked: when it
 * comes again, whoever had the channel because of it has failed, and the channel is still its own.
 */
export function claim(
  book: ChannelBook,
  { holder, upTo, now, revision }: Asking,
): { readonly next: ChannelBook; readonly claim: Claim } {
  const { lease, trouble } = book;
  if (isOff(book, revision, now)) {
    return { next: giveUp(book, upTo), claim: { kind: "off" } };
  }
  if (book.told >= upTo) {
    return { next: book, claim: { kind: "settled" } };
  }
  if (lease !== null && lease.holder !== holder && lease.until > now) {
    const wanted = Math.max(book.wanted, upTo);
    return { next: { ...book, wanted }, claim: { kind: "settled" } };
  }
  if (trouble !== null && trouble.notBefore > now) {
    return { next: book, claim: { kind: "later", trouble } };
  }
  const until = after(now, NOTICE_LEASE);
  return { next: { ...book, lease: { holder, until } }, claim: { kind: "yours" } };
}

/** Whether somebody still has the channel: after its time another may have taken it. */
export function holds({ lease }: ChannelBook, holder: string): boolean {
  return lease?.holder === holder;
}

/** The channel was told the records up to a number, and a conversation may have begun. */
export function noteTold(book: ChannelBook, told: number, thread: Thread | null): ChannelBook {
  const threads =
    thread === null
      ? book.threads
      : [...book.threads.filter(({ subject }) => subject !== thread.subject), thread].slice(
          -THREADS_MAX,
        );
  return { ...book, told: Math.max(book.told, told), threads, trouble: null, off: null };
}

/**
 * Whoever told the channel lets go of it, unless somebody has found more meanwhile: then they go on.
 * `told` is the number up to which there is nothing left to tell.
 */
export function letGo(
  book: ChannelBook,
  told: number,
): { readonly next: ChannelBook; readonly isOver: boolean } {
  const next = noteTold(book, told, null);
  return next.wanted > next.told
    ? { next, isOver: false }
    : { next: { ...next, lease: null }, isOver: true };
}

/** The channel could not be told: when it is tried again, and since when it is in trouble. `wait` is what it asked for. */
export function noteTrouble(
  book: ChannelBook,
  {
    reason,
    wait,
    now,
  }: { readonly reason: string; readonly wait: Duration | null; readonly now: Instant },
): ChannelBook {
  const { since, attempts } = book.trouble ?? { since: now, attempts: 0 };
  const backoff = duration(Math.min(RETRY_FIRST * 2 ** attempts, RETRY_MAX));
  const notBefore = after(now, duration(Math.max(backoff, wait ?? 0)));
  return { ...book, lease: null, trouble: { since, attempts: attempts + 1, notBefore, reason } };
}

/** For how long a channel is left alone that wants nothing; then it is asked once more. */
export const OFF_MAX = duration(7 * 24 * 60 * 60_000);

/** Whether the channel is left alone: until its specification changes, or the time is over. */
function isOff({ off }: ChannelBook, revision: string | null, now: Instant): boolean {
  return off !== null && off.revision === revision && after(off.since, OFF_MAX) > now;
}

/** The channel wants nothing any more: it is let go of, and what it was not told up to a number is given up. */
export function turnOff(book: ChannelBook, off: Off, upTo: number): ChannelBook {
  return { ...giveUp(book, upTo), lease: null, trouble: null, off };
}

/** Whether the channel has been in trouble for so long that what it was not told is given up. */
export function isGivenUp({ trouble }: ChannelBook, now: Instant): boolean {
  return trouble !== null && after(trouble.since, TROUBLE_MAX) <= now;
}

/** The channel is not told what it was not told up to a number. Its trouble stays until it takes something again. */
export function giveUp(book: ChannelBook, upTo: number): ChannelBook {
  const told = Math.max(book.told, upTo);
  return { ...book, told, dropped: book.dropped + told - book.told };
}

/** What is told of a subject in the channel: the first message of its conversation, or null. */
export function threadOf({ threads }: ChannelBook, subject: string): Thread | null {
  return threads.find((thread) => thread.subject === subject) ?? null;
}
