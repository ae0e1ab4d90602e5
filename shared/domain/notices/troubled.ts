import { fact } from "../audit-record.ts";
import type { Fact } from "../audit-record.ts";
import { shorten } from "../text.ts";
import { timeText } from "../time.ts";
import type { Instant } from "../time.ts";
import { isGivenUp } from "./book.ts";
import type { ChannelBook } from "./book.ts";

/** A channel that has taken nothing for a day, or wants nothing any more. */
export type TroubledChannel = {
  readonly channel: string;
  readonly since: Instant;
  /** What it said last, and what mends it. */
  readonly reason: string;
};

/** The channels in trouble now, and what is recorded of them. */
export type ComparedChannels = {
  readonly next: readonly TroubledChannel[];
  readonly facts: readonly Fact[];
};

/** How many channels in trouble are shown of one service. */
export const TROUBLED_MAX = 20;

/** How much of a channel's name, and of what it said, is kept. */
const CHANNEL_LENGTH_MAX = 200;
const REASON_LENGTH_MAX = 300;

/** The channel of a book, if it is in trouble that somebody should hear of elsewhere; else null. */
export function troubledOf(book: ChannelBook, now: Instant): TroubledChannel | null {
  const { off, trouble } = book;
  const amiss = off ?? (isGivenUp(book, now) ? trouble : null);
  return amiss === null
    ? null
    : {
        channel: shorten(book.channel, CHANNEL_LENGTH_MAX),
        since: amiss.since,
        reason: shorten(amiss.reason, REASON_LENGTH_MAX),
      };
}

/**
 * What is recorded when these channels are in trouble now. A channel is told of once, with what it said then; the list
 * stays the same one while nothing is new.
 */
export function compareTroubled(
  before: readonly TroubledChannel[],
  found: readonly TroubledChannel[],
): ComparedChannels {
  const now = found.slice(0, TROUBLED_MAX);
  const failed = now.filter((one) => !isAmong(before, one));
  const well = before.filter((one) => !isAmong(now, one));
  if (failed.length === 0 && well.length === 0) {
    return { next: before, facts: [] };
  }
  const kept = before.filter((one) => isAmong(now, one));
  const facts = [
    ...failed.map(({ channel, since, reason }) =>
      fact("channel.failed", "slipway", { reason, details: { channel, since: timeText(since) } }),
    ),
    ...well.map(({ channel }) => fact("channel.recovered", "slipway", { details: { channel } })),
  ];
  return { next: [...kept, ...failed], facts };
}

function isAmong(channels: readonly TroubledChannel[], { channel }: TroubledChannel): boolean {
  return channels.some((other) => other.channel === channel);
}
