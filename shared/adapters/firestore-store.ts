import type { Store } from "../ports/store.ts";
import { openFirestore } from "./firestore-client.ts";
import type { FirestoreOptions } from "./firestore-client.ts";
import { firestoreCommit } from "./firestore-commit.ts";
import { firestoreDecisions } from "./firestore-decisions.ts";
import { firestoreEverywhere } from "./firestore-everywhere.ts";
import { firestoreHistories } from "./firestore-histories.ts";
import { firestoreServices } from "./firestore-services.ts";
import { firestoreSums } from "./firestore-sums.ts";
import { firestoreTransactions } from "./firestore-transactions.ts";

/**
 * The store on Firestore. Some queries go over all services, and need an index of the collection group: `promotions` on
 * `id`, `timeline` on `since` and `audit` on `happenedAt`, these the greatest first. `body` needs no index anywhere.
 * Source: https://cloud.google.com/firestore/docs
 */
export function firestoreStore(options: FirestoreOptions): Store {
  const open = openFirestore(options);
  return {
    ...firestoreTransactions(open),
    ...firestoreCommit(open),
    ...firestoreServices(open),
    ...firestoreHistories(open),
    ...firestoreDecisions(open),
    ...firestoreSums(open),
    ...firestoreEverywhere(open),
  };
}
