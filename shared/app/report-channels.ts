import type { ChannelPlan } from "../domain/notices/channel.ts";
import { troubledOf } from "../domain/notices/troubled.ts";
import type { TroubledChannel } from "../domain/notices/troubled.ts";
import type { SeenService } from "../ports/store.ts";
import { tellControl } from "./handle-control.ts";
import type { ChannelOutcome, NoticePorts } from "./notice-work.ts";
import { storeEvents } from "./store-events.ts";

/** Whose channels they are: a service's, or, where it is null, the installation's. */
type Told = {
  readonly chain: string;
  readonly seen: SeenService | null;
  readonly plans: readonly ChannelPlan[];
  readonly outcomes: readonly ChannelOutcome[];
};

/**
 * Says on the record which channels take nothing, once, and which do again. Nobody is woken for that: the tick publishes
 * the record within a minute, and then the other channels are told.
 */
export async function reportChannels(
  ports: NoticePorts,
  { chain, seen, plans, outcomes }: Told,
): Promise<void> {
  const wasAmiss = seen !== null && seen.state.troubled.length > 0;
  if (!wasAmiss && !outcomes.some(({ isAmiss }) => isAmiss)) {
    return;
  }
  const troubled = await troubledIn(ports, chain, plans);
  const event = { kind: "channels-observed", troubled } as const;
  if (seen === null) {
    await tellControl(ports, event);
    return;
  }
  const service = seen.state.service.id;
  await storeEvents(ports, { service, seen }, { events: [event], worker: null, guard: null });
}

async function troubledIn(
  { telling, clock }: NoticePorts,
  chain: string,
  plans: readonly ChannelPlan[],
): Promise<readonly TroubledChannel[]> {
  const keys = new Set(plans.map(({ key }) => key));
  const now = clock.now();
  const books = await telling.books.ofChain(chain);
  return books.flatMap((book) => {
    const troubled = keys.has(book.key) ? troubledOf(book, now) : null;
    return troubled === null ? [] : [troubled];
  });
}
