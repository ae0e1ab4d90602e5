import { claim, holds, letGo, newBook } from "../domain/notices/book.ts";
import type { ChannelBook, Claim } from "../domain/notices/book.ts";
import { channelName } from "../domain/notices/channel.ts";
import { between } from "../domain/time.ts";
import { LOOKBACK_MAX, RECORDS_READ_MAX, TELLING_ROUNDS_MAX } from "./notice-limits.ts";
import type { ChannelOutcome, NoticePorts, Work } from "./notice-work.ts";
import { inTrouble, tellRecords } from "./tell-records.ts";

/**
 * Tells one channel what it was not told yet, in the order of the chain. Between what is told and what is written down
 * a crash may come: the same notice is then told again, with the same id.
 */
export async function tellChannel(ports: NoticePorts, work: Work): Promise<ChannelOutcome> {
  const claimed =
    (await claimChannel(ports, work, null)) ??
    (await claimChannel(ports, work, await firstUntold(ports, work)));
  if (claimed?.kind === "yours") {
    return tellRounds(ports, { ...work, book: claimed.book });
  }
  if (claimed?.kind === "later") {
    return inTrouble(work.plan, claimed.trouble, ports.clock.now());
  }
  return { isNews: false, isSoon: false, isAmiss: claimed?.kind === "off", told: "" };
}

type Claimed =
  | Exclude<Claim, { kind: "yours" }>
  | { readonly kind: "yours"; readonly book: ChannelBook };

/** Null for a channel that is new, as long as nobody has said after which record it begins. */
async function claimChannel(
  { telling, clock }: NoticePorts,
  { plan, service, end, holder }: Work,
  begin: number | null,
): Promise<Claimed | null> {
  const now = clock.now();
  const about = { chain: end.chain, channel: channelName(plan.channel) };
  const revision = service?.revision ?? null;
  return telling.books.change<Claimed | null>(plan.key, (stored) => {
    const book = stored ?? (begin === null ? null : newBook(plan.key, { ...about, told: begin }));
    if (book === null) {
      return { next: null, value: null };
    }
    const { next, claim: answer } = claim(book, { holder, upTo: end.sequence, now, revision });
    return { next, value: answer.kind === "yours" ? { ...answer, book: next } : answer };
  });
}

/** Where a channel begins that nobody has told anything: not with what is long over. */
async function firstUntold({ store, clock }: NoticePorts, { end }: Work): Promise<number> {
  const { chain, sequence } = end;
  const before = Math.max(0, sequence - RECORDS_READ_MAX);
  const records = await store.records(chain, before, RECORDS_READ_MAX);
  const now = clock.now();
  const first = records.find(({ time }) => between(time, now) <= LOOKBACK_MAX);
  return first === undefined ? sequence : first.sequence - 1;
}

type Held = Work & { readonly book: ChannelBook };

/** Reads on as long as there is more: what came meanwhile was left to whoever has the channel. */
async function tellRounds(ports: NoticePorts, held: Held): Promise<ChannelOutcome> {
  const { chain } = held.end;
  let { book } = held;
  const isAmiss = book.trouble !== null || book.off !== null;
  let isNews = false;
  for (let round = 1; round <= TELLING_ROUNDS_MAX; round += 1) {
    const records = await ports.store.records(chain, book.told, RECORDS_READ_MAX);
    const told = await tellRecords(ports, { ...held, book }, records);
    isNews ||= told.isNews;
    if (told.kind === "stopped") {
      return { ...told.outcome, isNews };
    }
    const left = await letGoOf(ports, held, records.at(-1)?.sequence ?? told.book.told);
    if (left === null) {
      return { isNews, isSoon: false, isAmiss, told: `${book.channel}: told` };
    }
    book = left;
  }
  return {
    isNews,
    isSoon: true,
    isAmiss,
    told: `${book.channel}: more than one delivery can tell`,
  };
}

/** Null once the channel was let go of, or is somebody else's; else the book, with more to tell. */
async function letGoOf(
  { telling }: NoticePorts,
  { plan, holder }: Held,
  told: number,
): Promise<ChannelBook | null> {
  return telling.books.change<ChannelBook | null>(plan.key, (stored) => {
    if (stored === null || !holds(stored, holder)) {
      return { next: stored, value: null };
    }
    const { next, isOver } = letGo(stored, told);
    return { next, value: isOver ? null : next };
  });
}
