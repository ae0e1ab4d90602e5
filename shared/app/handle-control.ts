import { SYSTEM_CHAIN } from "../domain/audit-record.ts";
import { decideControl } from "../domain/control.ts";
import type { ControlEvent, ControlState } from "../domain/control.ts";
import type { Refusal } from "../domain/refusal.ts";
import { UnreadableError } from "../ports/errors.ts";
import type { DecidingPorts } from "../ports/ports.ts";
import type { ControlAggregate, Transaction } from "../ports/store.ts";
import { NO_HISTORY } from "./aggregate.ts";
import { isTaken, isUnpublished, newLease } from "./pending.ts";
import { publishRecords } from "./publish.ts";
import type { Unpublished } from "./publish.ts";
import { seal } from "./seal.ts";

type Stored = {
  readonly refusal: Refusal | null;
  readonly state: ControlState;
  readonly work: Unpublished | null;
};

/**
 * Decides what an event means for the whole installation, stores that, and publishes its records.
 * @returns why it was refused, or null.
 * @throws TransientError when the store cannot be reached: nothing was decided, try again.
 */
export async function handleControl(
  ports: DecidingPorts,
  event: ControlEvent,
): Promise<Refusal | null> {
  return (await decideAndPublish(ports, event)).refusal;
}

async function decideAndPublish(ports: DecidingPorts, event: ControlEvent): Promise<Stored> {
  const holder = ports.unique.next();
  const stored = await ports.store.transactControl((aggregate) =>
    decideOn(ports, aggregate, { event, holder }),
  );
  if (stored.work !== null) {
    const published = await publishRecords(ports, SYSTEM_CHAIN, stored.work);
    await ports.store.transactControl((aggregate) => finish(holder, aggregate, published));
  }
  return stored;
}

/** What became of something that was told: the state after it, or why there is none. */
export type ToldControl =
  | { readonly kind: "told"; readonly state: ControlState }
  | { readonly kind: "unreadable"; readonly error: UnreadableError };

/**
 * The same for what is only told. A control document that cannot be read keeps nobody from what they do besides: that
 * is logged.
 */
export async function tellControl(ports: DecidingPorts, event: ControlEvent): Promise<ToldControl> {
  try {
    const { state } = await decideAndPublish(ports, event);
    return { kind: "told", state };
  } catch (error) {
    if (error instanceof UnreadableError) {
      ports.log.error("control document not readable", { cause: error.message });
      return { kind: "unreadable", error };
    }
    throw error;
  }
}

function decideOn(
  ports: DecidingPorts,
  aggregate: ControlAggregate,
  { event, holder }: { readonly event: ControlEvent; readonly holder: string },
): Transaction<ControlAggregate, Stored> {
  const now = ports.clock.now();
  const { next, facts, refusal } = decideControl(aggregate.state, event, now);
  const { chain, records } = seal(ports.hash, aggregate.chain, { name: SYSTEM_CHAIN, facts, now });
  const isOurs = !isTaken(aggregate.lease, holder, now) && isUnpublished(chain);
  if (!isOurs && next === aggregate.state) {
    return { write: null, value: { refusal, state: next, work: null } };
  }
  const lease = isOurs ? newLease(holder, now) : aggregate.lease;
  const { published, head } = chain;
  const work = isOurs ? { published, head: head.sequence, records } : null;
  return {
    write: { aggregate: { state: next, chain, lease }, history: { ...NO_HISTORY, records } },
    value: { refusal, state: next, work },
  };
}

function finish(
  holder: string,
  aggregate: ControlAggregate,
  published: number,
): Transaction<ControlAggregate, null> {
  const reached = Math.max(aggregate.chain.published, published);
  const chain = { ...aggregate.chain, published: reached };
  const lease = aggregate.lease?.holder === holder ? null : aggregate.lease;
  return { write: { aggregate: { ...aggregate, chain, lease }, history: NO_HISTORY }, value: null };
}
