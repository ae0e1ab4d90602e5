import type { AuditRecord } from "../domain/audit-record.ts";
import {
  giveUp,
  holds,
  isGivenUp,
  noteTold,
  noteTrouble,
  threadOf,
  turnOff,
} from "../domain/notices/book.ts";
import type { ChannelBook, Trouble } from "../domain/notices/book.ts";
import { channelName, isWanted } from "../domain/notices/channel.ts";
import type { ChannelPlan } from "../domain/notices/channel.ts";
import { noticeOf } from "../domain/notices/notice.ts";
import type { Notice } from "../domain/notices/notice.ts";
import { serviceId } from "../domain/ids.ts";
import { between } from "../domain/time.ts";
import type { Instant } from "../domain/time.ts";
import { PermanentError, TransientError } from "../ports/errors.ts";
import type { Answer } from "../ports/notices.ts";
import type { SeenService } from "../ports/store.ts";
import { SOON_MAX, TELL_MAX } from "./notice-limits.ts";
import { messengerOf } from "./messenger-of.ts";
import { messageOf } from "./notice-message.ts";
import type { ChannelOutcome, NoticePorts, Work } from "./notice-work.ts";

type Held = Work & { readonly book: ChannelBook };

/** What became of some records: all were told, or it went no further. */
export type Told = { readonly isNews: boolean } & (
  | { readonly kind: "all"; readonly book: ChannelBook }
  | { readonly kind: "stopped"; readonly outcome: ChannelOutcome }
);

/** Tells a channel those of the records that it wants, one after the other. */
export async function tellRecords(
  ports: NoticePorts,
  held: Held,
  records: readonly AuditRecord[],
): Promise<Told> {
  const { service, plan } = held;
  const notices = records.flatMap((record) => {
    const notice = noticeOf(record);
    return notice !== null && !isOfItself(record, plan) && isWanted(notice, service, plan.rules)
      ? [{ notice, sequence: record.sequence }]
      : [];
  });
  // Read after the records, so that what they tell of is in it.
  const seen = service === null || notices.length === 0 ? null : await ports.store.read(service.id);
  const { can } = messengerOf(ports.telling.messengers, plan.channel);
  let { book } = held;
  let isNews = false;
  for (const [index, { notice, sequence }] of notices.entries()) {
    if (ports.deadline.isPast()) {
      return {
        kind: "stopped",
        isNews,
        outcome: { ...NOTHING, isSoon: true, told: "out of time" },
      };
    }
    const isFollowed =
      can.keepsCurrent &&
      notices.slice(index + 1).some((later) => later.notice.subject === notice.subject);
    const { namesCommits } = can;
    const asked = { notice, seen, isFollowed, namesCommits };
    const answer = await tellOne(ports, { ...held, book }, asked);
    const noted = await note(ports, held, { answer, notice, sequence });
    if (noted.kind === "stopped") {
      return { ...noted, isNews };
    }
    ({ book } = noted);
    isNews = true;
  }
  return { kind: "all", isNews, book };
}

/** A channel that takes nothing is told of elsewhere. */
function isOfItself({ details }: AuditRecord, { channel }: ChannelPlan): boolean {
  return details["channel"] === channelName(channel);
}

/** The outcome of a channel in trouble: its message comes again while the trouble is young. */
export function inTrouble(
  { channel }: ChannelPlan,
  { since, reason }: Trouble,
  now: Instant,
): ChannelOutcome {
  const isSoon = between(since, now) < SOON_MAX;
  return { isNews: false, isSoon, isAmiss: true, told: `${channelName(channel)}: ${reason}` };
}

const NOTHING: ChannelOutcome = { isNews: false, isSoon: false, isAmiss: false, told: "" };

type Asked = {
  readonly notice: Notice;
  readonly seen: SeenService | null;
  readonly isFollowed: boolean;
  readonly namesCommits: boolean;
};

/** What is thrown on the way to the channel is the channel's trouble, and nobody else's. */
async function tellOne(ports: NoticePorts, { plan, book }: Held, asked: Asked): Promise<Answer> {
  const thread = threadOf(book, asked.notice.subject)?.message ?? null;
  const message = await messageOf(ports, { ...asked, thread });
  if (message === null) {
    return { kind: "told", thread };
  }
  try {
    return await traced(ports, { plan, notice: asked.notice }, async () =>
      ports.patience.within(TELL_MAX, async () =>
        messengerOf(ports.telling.messengers, plan.channel).tell(message),
      ),
    );
  } catch (error) {
    if (error instanceof TransientError || error instanceof PermanentError) {
      return { kind: "later", reason: error.message, wait: null, thread };
    }
    throw error;
  }
}

/** What is told of a promotion is in the promotion's trace. */
async function traced(
  { telemetry }: NoticePorts,
  { plan, notice }: { readonly plan: ChannelPlan; readonly notice: Notice },
  tell: () => Promise<Answer>,
): Promise<Answer> {
  const { kind, promotion, chain } = notice;
  const about = { service: serviceId(chain), kind, channel: plan.channel.kind };
  return promotion === null ? tell() : telemetry.notice({ ...about, promotion }, tell);
}

type Noting = { readonly answer: Answer; readonly notice: Notice; readonly sequence: number };

type Noted =
  | { readonly kind: "all"; readonly book: ChannelBook }
  | { readonly kind: "stopped"; readonly outcome: ChannelOutcome };

/** Writes down what came of it, unless the channel is somebody else's by now. */
async function note(ports: NoticePorts, held: Held, noting: Noting): Promise<Noted> {
  const { answer, notice } = noting;
  const now = ports.clock.now();
  if (answer.kind === "refused") {
    const { id } = notice;
    ports.log.warn("notice refused", {
      notice: id,
      channel: held.book.channel,
      cause: answer.reason,
    });
  }
  return ports.telling.books.change<Noted>(held.plan.key, (stored) => {
    if (stored === null || !holds(stored, held.holder)) {
      return { next: stored, value: { kind: "stopped", outcome: NOTHING } };
    }
    const next = after(stored, noting, { held, now });
    return { next, value: whatBecameOf(next, held, now) };
  });
}

function whatBecameOf(next: ChannelBook, { plan }: Held, now: Instant): Noted {
  const { trouble, off } = next;
  if (off !== null) {
    return { kind: "stopped", outcome: { ...NOTHING, isAmiss: true } };
  }
  return trouble === null
    ? { kind: "all", book: next }
    : { kind: "stopped", outcome: inTrouble(plan, trouble, now) };
}

function after(
  book: ChannelBook,
  { answer, notice, sequence }: Noting,
  { held, now }: { readonly held: Held; readonly now: Instant },
): ChannelBook {
  const end = held.end.sequence;
  if (answer.kind === "gone") {
    const { reason } = answer;
    const revision = held.service?.revision ?? null;
    return turnOff(book, { since: now, reason, revision }, end);
  }
  const named = answer.kind === "refused" ? null : answer.thread;
  const thread = named === null ? null : { subject: notice.subject, message: named };
  if (answer.kind !== "later") {
    return noteTold(book, sequence, thread);
  }
  const kept = { ...noteTold(book, book.told, thread), trouble: book.trouble };
  const troubled = noteTrouble(kept, { ...answer, now });
  return isGivenUp(troubled, now) ? giveUp(troubled, end) : troubled;
}
