import { after, days, duration } from "../domain/time.ts";
import type { ChatRequests, ChatRequestState } from "../ports/chat-requests.ts";
import type { Clock } from "../ports/clock.ts";
import { SCHEMA_VERSION } from "../wire/state-document.ts";
import { TakenRequestValue } from "../wire/state/chat-request.ts";
import type { TakenRequest } from "../wire/state/chat-request.ts";
import { CHAT } from "./documents.ts";
import type { StoredFields } from "./documents.ts";
import { bodyOf, TRANSACTION_LIMITS } from "./firestore-client.ts";
import type { OpenFirestore } from "./firestore-client.ts";
import { callOutside } from "./outside-call.ts";

/** How long it is kept that a request was taken up; Slack sends none again after minutes. */
const CHAT_REQUESTS_KEPT = days(1);

/** After how long somebody who took a request up is not at it any more: the function's own time is over by then. */
const CHAT_LEFT_AFTER = duration(180_000);

/**
 * Requests from chat, each a document under its key. Firestore itself deletes it some time after `expireAt`, by the
 * policy on that field; nothing counts on it.
 */
export function firestoreChatRequests(open: OpenFirestore, clock: Clock): ChatRequests {
  function toDocument(isDone: boolean): StoredFields {
    const at = clock.now();
    const body: TakenRequest = { at, isDone };
    return {
      schemaVersion: SCHEMA_VERSION,
      expireAt: new Date(after(at, CHAT_REQUESTS_KEPT)),
      body,
    };
  }
  function stateOf(before: TakenRequest | null): ChatRequestState {
    if (before === null) {
      return "new";
    }
    if (before.isDone) {
      return "done";
    }
    return clock.now() < after(before.at, CHAT_LEFT_AFTER) ? "under-way" : "left";
  }
  return {
    take: async (key) =>
      callOutside(
        `${CHAT}/${key}`,
        async () => {
          const { firestore } = await open();
          const document = firestore.collection(CHAT).doc(key);
          return firestore.runTransaction(async (transaction) => {
            const state = stateOf(bodyOf(TakenRequestValue, await transaction.get(document)));
            if (state === "new" || state === "left") {
              transaction.set(document, toDocument(false));
            }
            return state;
          });
        },
        TRANSACTION_LIMITS,
      ),
    finish: async (key) => {
      await callOutside(
        `${CHAT}/${key}`,
        async () => {
          const { firestore } = await open();
          await firestore.collection(CHAT).doc(key).set(toDocument(true));
        },
        TRANSACTION_LIMITS,
      );
    },
  };
}
