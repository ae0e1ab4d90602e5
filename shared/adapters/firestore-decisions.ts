import { days, instant } from "../domain/time.ts";
import type { Store } from "../ports/store.ts";
import { SCHEMA_VERSION } from "../wire/state-document.ts";
import { DecisionValue } from "../wire/state/decision.ts";
import { DECISIONS } from "./documents.ts";
import { bodyOf, readOutside, TRANSACTION_LIMITS } from "./firestore-client.ts";
import type { OpenFirestore } from "./firestore-client.ts";
import { present } from "./firestore-history-page.ts";
import { queryPage } from "./firestore-page.ts";
import { callOutside } from "./outside-call.ts";

/** How long it is kept what became of an event. */
export const DECISIONS_KEPT = days(30);

/**
 * What became of events. Firestore itself deletes each some time after `expireAt`, by the policy on that field; nothing
 * counts on it.
 * Source: https://cloud.google.com/firestore/docs/ttl
 */
export function firestoreDecisions(open: OpenFirestore): Pick<Store, "noteDecision" | "decisions"> {
  return {
    noteDecision: async (decision) => {
      const path = `${DECISIONS}/${decision.id}`;
      await callOutside(
        path,
        async () => {
          const { firestore } = await open();
          await firestore.doc(path).set({
            schemaVersion: SCHEMA_VERSION,
            at: decision.at,
            expireAt: new Date(instant(decision.at + DECISIONS_KEPT)),
            body: decision,
          });
        },
        TRANSACTION_LIMITS,
      );
    },
    decisions: async (request) =>
      readOutside(DECISIONS, async () => {
        const { firestore } = await open();
        const listed = { list: DECISIONS, by: "at", request };
        const page = await queryPage(open, firestore.collection(DECISIONS), listed);
        const items = page.docs.map((stored) => present(bodyOf(DecisionValue, stored)));
        return { items, nextPageToken: page.nextPageToken };
      }),
  };
}
