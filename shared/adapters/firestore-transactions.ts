import type { DocumentReference, Transaction as Running } from "@google-cloud/firestore";

import { assert } from "../domain/assert.ts";
import { EMPTY_CHAIN } from "../domain/audit-record.ts";
import { NEW_CONTROL } from "../domain/control.ts";
import type { ReleaseId, ServiceId } from "../domain/ids.ts";
import { notHeld, withNamed } from "../domain/named.ts";
import type {
  Asked,
  ControlAggregate,
  ListedService,
  Meeting,
  ServiceAggregate,
  Store,
  Transaction,
} from "../ports/store.ts";
import { ControlAggregateValue } from "../wire/state/aggregate.ts";
import {
  CONTROL,
  isDocumentId,
  SERVICES,
  toControlDocument,
  toServiceDocument,
} from "./documents.ts";
import type { StoredFields } from "./documents.ts";
import { bodyOf, TRANSACTION_LIMITS } from "./firestore-client.ts";
import type { OpenFirestore } from "./firestore-client.ts";
import { readNamed } from "./firestore-named.ts";
import { setHistory } from "./history-writes.ts";
import { callOutside } from "./outside-call.ts";
import { meetingQueries } from "./service-queries.ts";
import { globalHoldsOf, listService, readService } from "./service-snapshot.ts";

/** How often Firestore's client runs a transaction that met another one; it waits longer each time. */
const TRANSACTION_ATTEMPTS_MAX = 12;

/** The control aggregate of an installation in which nothing has happened. */
export const FIRST_CONTROL: ControlAggregate = {
  state: NEW_CONTROL,
  chain: { head: EMPTY_CHAIN, published: 0 },
  lease: null,
};

/**
 * Reads a service's and the control document at once, then the releases that were named. Writes what was asked for in the same commit.
 */
export function firestoreTransactions(
  open: OpenFirestore,
): Pick<Store, "transact" | "transactAmong" | "transactControl"> {
  return {
    transact: async (service, named, decide) =>
      transactService(open, service, { named, meeting: null, decide }),
    transactAmong: async (service, { named, meeting }, decide) =>
      transactService(open, service, { named, meeting, decide }),
    transactControl: async (decide) =>
      transaction(open, CONTROL, {
        load: async (running, reference) =>
          bodyOf(ControlAggregateValue, await running.get(reference)) ?? FIRST_CONTROL,
        decide,
        toDocument: toControlDocument,
      }),
  };
}

type Deciding<Value> = {
  readonly named: Asked["named"];
  readonly meeting: Meeting | null;
  readonly decide: (
    aggregate: ServiceAggregate | null,
    others: readonly ListedService[],
  ) => Transaction<ServiceAggregate, Value>;
};

async function transactService<Value>(
  open: OpenFirestore,
  service: ServiceId,
  { named, meeting, decide }: Deciding<Value>,
): Promise<Value> {
  if (!isDocumentId(service)) {
    const { write, value } = decide(null, []);
    assert(write === null, `a service that is kept has an id that can be kept, not ${service}`);
    return value;
  }
  return transaction(open, `${SERVICES}/${service}`, {
    load: async (running, reference) => {
      const control = reference.firestore.doc(CONTROL);
      const [loaded, others] = await Promise.all([
        loadService(running, reference, control),
        meeting === null ? [] : loadMeeting(running, reference, meeting),
      ]);
      const aggregate =
        loaded === null ? null : await addNamed(running, reference, { loaded, named });
      return { aggregate, others };
    },
    decide: ({ aggregate, others }) => decide(aggregate, others),
    toDocument: toServiceDocument,
  });
}

type Steps<Loaded, Aggregate, Value> = {
  readonly load: (running: Running, reference: DocumentReference) => Promise<Loaded>;
  readonly decide: (loaded: Loaded) => Transaction<Aggregate, Value>;
  readonly toDocument: (aggregate: Aggregate) => StoredFields;
};

/** What goes wrong in the decision itself is a bug of ours, and not Firestore's answer: it is thrown as it is. */
async function transaction<Loaded, Aggregate, Value>(
  open: OpenFirestore,
  path: string,
  steps: Steps<Loaded, Aggregate, Value>,
): Promise<Value> {
  const bugs: unknown[] = [];
  async function run(running: Running, reference: DocumentReference): Promise<Value> {
    const loaded = await steps.load(running, reference);
    try {
      const { write, value } = steps.decide(loaded);
      if (write !== null) {
        running.set(reference, steps.toDocument(write.aggregate));
        setHistory((other, fields) => running.set(other, fields), reference, write.history);
      }
      return value;
    } catch (error) {
      bugs.push(error);
      throw error;
    }
  }
  async function attempt(): Promise<Value> {
    const { firestore } = await open();
    return firestore.runTransaction(async (running) => run(running, firestore.doc(path)), {
      maxAttempts: TRANSACTION_ATTEMPTS_MAX,
    });
  }
  try {
    return await callOutside(path, attempt, TRANSACTION_LIMITS);
  } catch (error) {
    throw bugs.length > 0 ? bugs[0] : error;
  }
}

/** Who else is there. What the queries find is part of the transaction, and so is what they do not find. */
async function loadMeeting(
  running: Running,
  { parent: services, id }: DocumentReference,
  meeting: Meeting,
): Promise<readonly ListedService[]> {
  const queries = meetingQueries(services, meeting);
  const found = await Promise.all(queries.map(async (query) => running.get(query)));
  const stored = new Map(found.flatMap(({ docs }) => docs).map((one) => [one.id, one]));
  stored.delete(id);
  return [...stored.values()].map((one) => listService(one, null));
}

async function loadService(
  running: Running,
  service: DocumentReference,
  control: DocumentReference,
): Promise<ServiceAggregate | null> {
  const [stored, shared] = await running.getAll(service, control);
  assert(stored !== undefined && shared !== undefined, "each document asked for is answered");
  return readService(stored, globalHoldsOf(shared));
}

type Naming = {
  readonly loaded: ServiceAggregate;
  readonly named: (aggregate: ServiceAggregate) => readonly ReleaseId[];
};

/** The aggregate with the releases of its history that are named, and what is known of their images. */
async function addNamed(
  running: Running,
  service: DocumentReference,
  { loaded, named }: Naming,
): Promise<ServiceAggregate> {
  const ids = notHeld(loaded.state, named(loaded));
  const found = await readNamed(async (...all) => running.getAll(...all), service, ids);
  return { ...loaded, state: withNamed(loaded.state, found) };
}
