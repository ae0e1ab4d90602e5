import type { ReleaseId, ServiceId } from "../domain/ids.ts";
import { notHeld, withNamed as addNamed } from "../domain/named.ts";
import { stepOf } from "../domain/promotion.ts";
import type { EnvironmentState, ServiceState } from "../domain/state.ts";
import type { DecidingPorts } from "../ports/ports.ts";
import type {
  ListedService,
  Meeting,
  PendingEffect,
  SeenService,
  ServiceAggregate,
  Transaction,
} from "../ports/store.ts";
import { readGlobalHolds } from "./global-holds.ts";
import { looksDue } from "./pending.ts";
import type { Attempt } from "./perform.ts";
import { entryOf } from "../domain/entry-of.ts";

/** Which service a decision is about, as it was last seen; null: it has to be read. */
export type About = { readonly service: ServiceId; readonly seen: SeenService | null };

/** Looks at what has to be looked at, and tells what came of each look. */
export type LookAround = (wanted: readonly PendingEffect[]) => Promise<readonly Attempt[]>;

/** How to decide. May be run more than once: with what looks have shown since, and on what is stored by then. */
export type Deciding<Value> = {
  /** Null: nothing is looked at, and looks that the decision asks for stay to be done. */
  readonly look: LookAround | null;
  /** The releases that the decision needs, which may have left the state. */
  readonly named: (aggregate: ServiceAggregate) => readonly ReleaseId[];
  readonly decide: (
    aggregate: ServiceAggregate | null,
    looks: readonly Attempt[],
    others: readonly ListedService[],
  ) => Transaction<ServiceAggregate, Value>;
  /** Where others must be looked for in the moment of the decision; null where they do not matter. */
  readonly meeting: Meeting | null;
};

/** What was decided, and the service after it, if that is known without reading it. */
export type StoredDecision<Value> = { readonly value: Value; readonly seen: SeenService | null };

/**
 * Decides on a service as it was seen, and stores the decision if nobody has stored anything since. Otherwise
 * it decides anew on what is there, in a transaction. So it does at once where others matter, too. A decision that
 * changes nothing is not stored: whoever looks again sees newer things.
 */
export async function storeDecision<Value>(
  ports: DecidingPorts,
  { service, seen }: About,
  deciding: Deciding<Value>,
): Promise<StoredDecision<Value>> {
  const { named, decide, meeting } = deciding;
  if (seen !== null && meeting === null) {
    const aggregate = await withNamed(ports, seen, named);
    const known = {
      aggregate,
      looks: [],
      rounds: 0,
      areHoldsFresh: false,
      areHoldsRead: seen.areHoldsRead,
    };
    const { write, value } = await decideOn(ports, known, deciding);
    if (write === null) {
      return { value, seen };
    }
    const stored = await ports.store.commit(seen, write);
    if (stored !== null) {
      return { value, seen: stored };
    }
  }
  const value =
    meeting === null
      ? await ports.store.transact(service, named, (stored) => decide(stored, [], []))
      : await ports.store.transactAmong(service, { named, meeting }, (stored, others) =>
          decide(stored, [], others),
        );
  return { value, seen: null };
}

/** How often a decision may ask for another look before it is stored, and the look left to whoever works it off. */
const LOOKS_MAX = 4;

/** What is known when a decision is made. */
type Known = {
  readonly aggregate: ServiceAggregate;
  /** What was looked at since, in so many rounds. */
  readonly looks: readonly Attempt[];
  readonly rounds: number;
  readonly areHoldsFresh: boolean;
  /** Whether any holds on everything are known, fresh or not. */
  readonly areHoldsRead: boolean;
};

/**
 * What is only to be looked at is looked at before the decision is stored, and decided on with it. And a hold on
 * everything is kept apart, so a service that has not changed may be held by now: before anything begins that a
 * hold would stop, those holds are read again; and before anything is stored, if they were not read at all.
 */
async function decideOn<Value>(
  ports: DecidingPorts,
  known: Known,
  deciding: Pick<Deciding<Value>, "decide" | "look">,
): Promise<Transaction<ServiceAggregate, Value>> {
  const { aggregate, looks, rounds } = known;
  const { look } = deciding;
  const decided = deciding.decide(aggregate, looks, []);
  if (decided.write === null) {
    return decided;
  }
  const { state, outbox } = decided.write.aggregate;
  const wanted = rounds < LOOKS_MAX ? looksDue(outbox, ports.clock.now()) : [];
  if (look !== null && wanted.length > 0) {
    const shown = await look(wanted);
    const more = { ...known, looks: [...looks, ...shown], rounds: rounds + 1 };
    return decideOn(ports, more, deciding);
  }
  const needsHolds = !known.areHoldsRead || beginsSomething(aggregate.state, state);
  if (!known.areHoldsFresh && needsHolds) {
    const globalHolds = await readGlobalHolds(ports);
    const held = { ...aggregate, state: { ...aggregate.state, globalHolds } };
    return decideOn(ports, { ...known, aggregate: held, areHoldsFresh: true }, deciding);
  }
  return decided;
}

/** Whether a promotion passes its gates, at the start or where they are judged once more. */
function beginsSomething(before: ServiceState, next: ServiceState): boolean {
  return Object.entries(next.environments).some(([id, environment]) => {
    const progress = progressOf(environment);
    return progress !== null && progress !== progressOf(entryOf(before.environments, id));
  });
}

function progressOf(environment: EnvironmentState | undefined): string | null {
  const active = environment?.active ?? null;
  return active === null ? null : `${active.id} ${stepOf(active, "rollout")?.state ?? ""}`;
}

/** The aggregate with the releases that are named, if they have left the state and the history has them. */
export async function withNamed(
  ports: DecidingPorts,
  seen: SeenService,
  named: Deciding<unknown>["named"],
): Promise<ServiceAggregate> {
  const { state } = seen;
  const ids = notHeld(state, named(seen));
  return ids.length === 0
    ? seen
    : { ...seen, state: addNamed(state, await ports.store.named(state.service.id, ids)) };
}
