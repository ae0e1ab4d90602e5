import { keepMaps, watchMap } from "../kit/kept-maps.ts";
import type { Persistence, Row, Table } from "../kit/persistence.ts";
import { laneKey } from "./backlog.ts";
import { addEntry, type Entry } from "./lanes.ts";
import type { Message } from "./message.ts";
import { emptySubscription, type PubsubState, type Subscription } from "./state.ts";
import type { SubscriptionJson } from "./subscription-settings.ts";

type KeptSubscription = { readonly config: SubscriptionJson };
type KeptEntry = Pick<Entry, "message" | "failures"> & { readonly dueMs: number };

const BACKLOG = "backlog";
const ACKNOWLEDGED = "acknowledged";

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
  if (persistence === undefined || table === undefined) {
    return;
  }
  restore(state, table);
  if (!persistence.isKept) {
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
  for (const [name, { config, lanes, acknowledged }] of subscriptions) {
    yield { path: [name], value: { config } satisfies KeptSubscription };
    for (const [id, entry] of lanes.entries) {
      yield { path: [name, BACKLOG, id], value: toKept(entry) };
    }
    for (const [id, message] of acknowledged) {
      yield { path: [name, ACKNOWLEDGED, id], value: message };
    }
  }
}

function toKept({ message, failures, lane }: Entry): KeptEntry {
  return { message, failures, dueMs: lane.dueMs ?? 0 };
}

/** A subscription is new with its messages, and has the same ones as long as it is there. */
function keepMessages(state: PubsubState, subscription: Subscription, table: Table): void {
  const { config, lanes, acknowledged } = subscription;
  const { name } = config;
  // Whoever had its messages may still give them back when it is gone, or another one is there in its name.
  const isThere = (): boolean => state.subscriptions.get(name)?.lanes === lanes;
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
  watchMap(acknowledged, {
    set: (id, message) => {
      if (isThere()) {
        table.set([name, ACKNOWLEDGED, id], message);
      }
    },
    delete: (id) => {
      if (isThere()) {
        table.delete([name, ACKNOWLEDGED, id]);
      }
    },
  });
}

function restore({ subscriptions, touched }: PubsubState, table: Table): void {
  for (const { path, value } of table.rows()) {
    const [name = "", kind, id = ""] = path;
    const known = subscriptions.get(name);
    if (known === undefined) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is kept of a subscription comes first
      const { config } = value as KeptSubscription;
      const subscription = emptySubscription(config);
      // Whatever is too old is looked for at once.
      subscription.lanes.oldestMs = 0;
      subscriptions.set(name, subscription);
      touched.add(name);
    } else if (kind === BACKLOG) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only `keepMessages` writes it
      const { message, failures, dueMs } = value as KeptEntry;
      const key = laneKey(known.config, message);
      addEntry(known.lanes, message, { key, failures, dueMs });
    } else {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only `keepMessages` writes it
      known.acknowledged.set(id, value as Message);
    }
  }
}
