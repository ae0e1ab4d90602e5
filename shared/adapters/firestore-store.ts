import type { Store } from "../ports/store.ts";
import { openFirestore } from "./firestore-client.ts";
import type { FirestoreOptions } from "./firestore-client.ts";
import { firestoreCommit } from "./firestore-commit.ts";
import { firestoreDecisions } from "./firestore-decisions.ts";
import { firestoreHistories } from "./firestore-histories.ts";
import { firestoreServices } from "./firestore-services.ts";
import { firestoreSums } from "./firestore-sums.ts";
import { firestoreTransactions } from "./firestore-transactions.ts";

/**
 * The store on Firestore. One query goes over all services' promotions: it needs an index of the
 * collection group `promotions` on `id`. `body` needs no index anywhere.
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
  };
}
