import type { ChannelPlan } from "../domain/notices/channel.ts";
import type { Service } from "../domain/service.ts";
import type { Telling } from "../ports/notices.ts";
import type { DecidingPorts } from "../ports/ports.ts";

/** What it takes to tell people. */
export type NoticePorts = DecidingPorts & { readonly telling: Telling };

/** Up to which record a chain was seen. */
export type ChainEnd = { readonly chain: string; readonly sequence: number };

/** What a message of the feed says: where to look, and which message it was. */
export type NoticeHint = { readonly message: string; readonly ends: readonly ChainEnd[] };

/** One channel that is to be told what a chain has. */
export type Work = {
  readonly plan: ChannelPlan;
  /** Null for the chain of what concerns no single service. */
  readonly service: Service | null;
  readonly end: ChainEnd;
  /** The message by which one was asked: it has the channel while it is told. */
  readonly holder: string;
};

/** What became of one channel. */
export type ChannelOutcome = {
  /** Whether it was told something. */
  readonly isNews: boolean;
  /** Whether it should be tried again as soon as the message comes again. */
  readonly isSoon: boolean;
  /** Whether the channel is in trouble, or was until now. */
  readonly isAmiss: boolean;
  readonly told: string;
};
