import type { Effect } from "../domain/effect.ts";
import type { PromotionId, ServiceId } from "../domain/ids.ts";
import type { ChannelKind } from "../domain/notices/channel.ts";
import type { NoticeKind } from "../domain/notices/notice.ts";
import type { Duration } from "../domain/time.ts";
import type { GateName } from "../domain/gates/verdict.ts";

/** What set off a piece of work: a message of Pub/Sub, or a request of somebody. */
export type Cause = {
  /** The function that was called. */
  readonly function: string;
  /** The message's id; null for a request. */
  readonly message: string | null;
  /** Which delivery of the message it is, from 1; null where the delivery does not say. */
  readonly attempt: number | null;
};

/** A notice on its way to one channel. */
export type NoticeOnItsWay = {
  readonly service: ServiceId;
  /** The promotion that it is about. */
  readonly promotion: PromotionId;
  readonly kind: NoticeKind;
  readonly channel: ChannelKind;
};

/** What stands in all services that have something under way. */
export type Standing = {
  /** How many promotions each gate keeps waiting; of several closed gates the first counts. */
  readonly waiting: Readonly<Partial<Record<GateName, number>>>;
  /** For how long the oldest effect has been due that is not done. */
  readonly outboxAge: Duration;
};

/**
 * Tells of Slipway's own work to whoever wants to see it: spans and numbers, beside the record and never in its place. Nothing here throws
 * of itself, and nothing that is decided waits for it.
 */
export type Telemetry = {
  /** Does a piece of work. What it calls outside, and what is decided in it, is told of as part of it. */
  readonly invocation: <Value>(cause: Cause, work: () => Promise<Value>) => Promise<Value>;
  /** Attempts an effect. What it calls outside is told of as part of the effect's promotion. */
  readonly attempt: <Value>(
    effect: { readonly service: ServiceId; readonly effect: Effect },
    work: () => Promise<Value>,
  ) => Promise<Value>;
  /** Brings a notice to a channel. What it calls outside is told of as part of the notice's promotion. */
  readonly notice: <Value>(notice: NoticeOnItsWay, work: () => Promise<Value>) => Promise<Value>;
  /** Counts a message that a function took, by what became of it. */
  readonly came: (name: string, outcome: string) => void;
  /** What stands in all services at this moment. */
  readonly stands: (standing: Standing) => void;
};
