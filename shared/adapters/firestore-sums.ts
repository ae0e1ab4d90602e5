import type { DocumentReference, DocumentSnapshot, Transaction } from "@google-cloud/firestore";

import { assert } from "../domain/assert.ts";
import { takeInto } from "../domain/numbers/sum.ts";
import type { Sum } from "../domain/numbers/sum.ts";
import { toOwnerKey } from "../domain/owner-key.ts";
import { UnreadableError } from "../ports/errors.ts";
import { TAKEN_AT_ONCE_MAX } from "../ports/store.ts";
import type { ServiceAggregate, Sums } from "../ports/store.ts";
import { SumValue } from "../wire/state/numbers.ts";
import { SERVICES, sumPath, toServiceDocument, toSumDocument } from "./documents.ts";
import { bodyOf, readOutside, TRANSACTION_LIMITS } from "./firestore-client.ts";
import type { OpenFirestore } from "./firestore-client.ts";
import { callOutside } from "./outside-call.ts";
import { readService } from "./service-snapshot.ts";

/** What is counted of several services: a document an owner, and one of all. */
export function firestoreSums(open: OpenFirestore): Sums {
  return {
    takeDue: async (services) => {
      assert(
        services.length <= TAKEN_AT_ONCE_MAX,
        "what is due is taken in by few services at once",
      );
      await callOutside(
        "sums",
        async () => {
          const { firestore } = await open();
          const references = services.map((service) => firestore.doc(`${SERVICES}/${service}`));
          await firestore.runTransaction(async (running) => take(running, references));
        },
        TRANSACTION_LIMITS,
      );
    },
    sum: async (owner) => {
      const path = sumPath(owner === null ? null : toOwnerKey(owner));
      return readOutside(path, async () => {
        const { firestore } = await open();
        return bodyOf(SumValue, await firestore.doc(path).get()) ?? [];
      });
    },
  };
}

/** What is due leaves each service in the commit that adds it to the sums. So it is in them once, whatever is repeated. */
async function take(running: Transaction, services: readonly DocumentReference[]): Promise<void> {
  const stored = services.length === 0 ? [] : await running.getAll(...services);
  const found = stored.flatMap(readDue);
  const due = found.flatMap(({ aggregate }) => aggregate.due);
  const owners: readonly (string | null)[] = [null, ...new Set(due.flatMap((part) => part.owners))];
  const [first] = services;
  if (due.length === 0 || first === undefined) {
    return;
  }
  const places = owners.map((owner) => first.firestore.doc(sumPath(owner)));
  const before = await running.getAll(...places);
  owners.forEach((owner, index) => {
    const [place, known] = [places[index], before[index]];
    assert(place !== undefined && known !== undefined, "each document asked for is answered");
    const sum: Sum = bodyOf(SumValue, known) ?? [];
    running.set(place, toSumDocument(owner, takeInto(sum, owner, due)));
  });
  for (const { reference, aggregate } of found) {
    running.set(reference, toServiceDocument({ ...aggregate, due: [] }));
  }
}

type Found = { readonly reference: DocumentReference; readonly aggregate: ServiceAggregate };

/** A service of which something is due. One that cannot be read keeps no other from being taken in. */
function readDue(stored: DocumentSnapshot): readonly Found[] {
  try {
    const aggregate = readService(stored, []);
    return aggregate === null || aggregate.due.length === 0
      ? []
      : [{ reference: stored.ref, aggregate }];
  } catch (error) {
    if (error instanceof UnreadableError) {
      return [];
    }
    throw error;
  }
}
