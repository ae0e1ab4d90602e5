import { keepMaps, watchMap } from "../kit/kept-maps.ts";
import type { Persistence, Row, Table } from "../kit/persistence.ts";
import { laneKey } from "./backlog.ts";
import { addEntry, type Entry } from "./lanes.ts";
import {
  emptySubscription,
  putSubscription,
  type PubsubState,
  type Subscription,
} from "./state.ts";
import type { SubscriptionJson } from "./subscription-settings.ts";

type KeptSubscription = { readonly config: SubscriptionJson };
type KeptEntry = Pick<Entry, "message" | "failures"> & { readonly dueMs: number };

const BACKLOG = "backlog";

/**
 * Fills an empty state with what was kept, and keeps what changes in it from then on. Leases are left out: after a
 * restart nobody holds anything, and what was being delivered is delivered again, at once.
 * @throws StoreError when what was kept cannot be read.
 */
export function keepState(
  persistence: Persistence | undefined,
  name: string,
  state: PubsubState,
): void {
  const { topics, counts, subscriptions } = state;
  keepMaps(persistence, name, { topics, counts });
  const table = persistence?.table(`${name}-subscriptions`, () => rowsOf(state));
  if (table === undefined) {
    return;
  }
  restore(state, table);
  if (persistence?.isKept !== true) {
    return;
  }
  for (const subscription of subscriptions.values()) {
    keepMessages(state, subscription, table);
  }
  watchMap(subscriptions, {
    set: (key, subscription) => {
      const { config, lanes } = subscription;
      if (subscriptions.get(key)?.lanes !== lanes) {
        table.delete([key]);
        keepMessages(state, subscription, table);
      }
      table.set([key], { config } satisfies KeptSubscription);
    },
    delete: (key) => table.delete([key]),
  });
}

function* rowsOf({ subscriptions }: PubsubState): Iterable<Row> {
  for (const [name, { config, lanes }] of subscriptions) {
    yield { path: [name], value: { config } satisfies KeptSubscription };
    for (const [id, entry] of lanes.entries) {
      yield { path: [name, BACKLOG, id], value: toKept(entry) };
    }
  }
}

function toKept({ message, failures, lane }: Entry): KeptEntry {
  return { message, failures, dueMs: lane.dueMs ?? 0 };
}

/** A subscription is new with its messages, and has the same ones as long as it is there. */
function keepMessages({ subscriptions }: PubsubState, kept: Subscription, table: Table): void {
  const { config, lanes } = kept;
  const { name } = config;
  // Whoever had its messages may still give them back when it is gone, or another one is there in its name.
  const isThere = (): boolean => subscriptions.get(name)?.lanes === lanes;
  watchMap(lanes.entries, {
    set: (id, entry) => {
      if (isThere()) {
        table.set([name, BACKLOG, id], toKept(entry));
      }
    },
    delete: (id) => {
      if (isThere()) {
        table.delete([name, BACKLOG, id]);
      }
    },
  });
}

function restore(state: PubsubState, table: Table): void {
  for (const { path, value } of table.rows()) {
    const [name = "", kind] = path;
    const known = state.subscriptions.get(name);
    if (known === undefined) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is kept of a subscription comes first
      const subscription = emptySubscription((value as KeptSubscription).config);
      // Whatever is too old is looked for at once.
      subscription.lanes.oldestMs = 0;
      putSubscription(state, subscription);
    } else if (kind === BACKLOG) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only `keepMessages` writes it
      const { message, failures, dueMs } = value as KeptEntry;
      addEntry(known.lanes, message, { key: laneKey(known.config, message), failures, dueMs });
    }
  }
}
