import { createHash } from "node:crypto";
import { BOOKS_MAX } from "../ports/notices.ts";
import type { NoticeBooks } from "../ports/notices.ts";
import { SCHEMA_VERSION } from "../wire/state-document.ts";
import { ChannelBookValue } from "../wire/state/notices.ts";
import { NOTICES } from "./documents.ts";
import { bodyOf, openFirestore, readOutside, TRANSACTION_LIMITS } from "./firestore-client.ts";
import type { FirestoreOptions } from "./firestore-client.ts";
import { callOutside } from "./outside-call.ts";

/** How often Firestore's client runs a transaction that met another one. */
const TRANSACTION_ATTEMPTS_MAX = 12;

/**
 * Books on Firestore, a document each. A channel's key may be longer than a document's id, and have what no id may
 * have, so its hash is the id.
 */
export function firestoreNotices(options: FirestoreOptions): NoticeBooks {
  const open = openFirestore(options);
  return {
    change: async (key, change) => {
      const path = `${NOTICES}/${createHash("sha256").update(key).digest("hex")}`;
      return callOutside(
        path,
        async () => {
          const { firestore } = await open();
          return firestore.runTransaction(
            async (running) => {
              const reference = firestore.doc(path);
              const before = bodyOf(ChannelBookValue, await running.get(reference));
              const { next, value } = change(before);
              if (next !== null && next !== before) {
                const { chain } = next;
                running.set(reference, { schemaVersion: SCHEMA_VERSION, chain, body: next });
              }
              return value;
            },
            { maxAttempts: TRANSACTION_ATTEMPTS_MAX },
          );
        },
        TRANSACTION_LIMITS,
      );
    },
    ofChain: async (chain) =>
      readOutside(NOTICES, async () => {
        const { firestore } = await open();
        const found = await firestore
          .collection(NOTICES)
          .where("chain", "==", chain)
          .limit(BOOKS_MAX)
          .get();
        return found.docs
          .flatMap((stored) => bodyOf(ChannelBookValue, stored) ?? [])
          .toSorted((one, other) => (one.key < other.key ? -1 : 1));
      }),
  };
}
