import { SYSTEM_CHAIN } from "../domain/audit-record.ts";
import { serviceId } from "../domain/ids.ts";
import { channelsOf, channelsOfAll } from "../domain/notices/channel.ts";
import { PermanentError, TransientError } from "../ports/errors.ts";
import type { ChainEnd, ChannelOutcome, NoticeHint, NoticePorts } from "./notice-work.ts";
import { reportChannels } from "./report-channels.ts";
import { decided, ignored } from "./outcome.ts";
import type { Outcome } from "./outcome.ts";
import { tellChannel } from "./tell-channel.ts";

/**
 * Chains have grown, and people are to be told. The records are read afresh: the chain is the queue, and each channel
 * has its own place in it. So a hint that is lost, repeated or late changes nothing in the end.
 * @throws TransientError when a channel should be tried again soon.
 */
export async function onNotices(ports: NoticePorts, hint: NoticeHint): Promise<Outcome> {
  const outcomes: ChannelOutcome[] = [];
  for (const end of hint.ends) {
    if (ports.deadline.isPast()) {
      throw new TransientError("DEADLINE_EXCEEDED", `not told in time: what follows ${end.chain}`);
    }
    outcomes.push(...(await tellChain(ports, end, hint.message)));
  }
  const soon = outcomes.filter(({ isSoon }) => isSoon);
  const [first] = soon;
  if (first !== undefined) {
    throw new TransientError("UNAVAILABLE", `${soon.length} channels not told yet: ${first.told}`);
  }
  const told = outcomes.flatMap(({ told: text, isNews }) => (isNews ? [text] : []));
  return told.length === 0 ? ignored("nobody is to be told") : decided(told.join("; "));
}

/** One chain's trouble is that chain's alone: the next is told whatever became of this one. */
async function tellChain(
  ports: NoticePorts,
  end: ChainEnd,
  holder: string,
): Promise<readonly ChannelOutcome[]> {
  return unlessInTrouble(ports, end, async () => {
    const { installation } = ports.telling;
    const seen = end.chain === SYSTEM_CHAIN ? null : await ports.store.read(serviceId(end.chain));
    const service = seen?.state.service ?? null;
    if (service === null && end.chain !== SYSTEM_CHAIN) {
      return [];
    }
    const plans =
      service === null ? channelsOfAll(end.chain, installation) : channelsOf(service, installation);
    // Every one is waited for: what goes on behind an answer would meet the message when it comes again.
    const told = await Promise.allSettled(
      plans.map(async (plan) =>
        unlessInTrouble(ports, end, async () => [
          await tellChannel(ports, { plan, service, end, holder }),
        ]),
      ),
    );
    const outcomes = told.flatMap((one) => {
      if (one.status === "rejected") {
        throw one.reason;
      }
      return one.value;
    });
    await reportChannels(ports, { chain: end.chain, seen, plans, outcomes });
    return outcomes;
  });
}

/** What cannot be read or written down now is tried again with the message. */
async function unlessInTrouble(
  ports: NoticePorts,
  { chain }: ChainEnd,
  act: () => Promise<readonly ChannelOutcome[]>,
): Promise<readonly ChannelOutcome[]> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof TransientError || error instanceof PermanentError) {
      ports.log.warn("chain not told", { chain, cause: error.message });
      const isSoon = error instanceof TransientError;
      return [{ isNews: false, isSoon, isAmiss: false, told: error.message }];
    }
    throw error;
  }
}
