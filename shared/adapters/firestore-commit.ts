import type { SeenService, Store } from "../ports/store.ts";
import { SERVICES, toServiceDocument } from "./documents.ts";
import { TRANSACTION_LIMITS } from "./firestore-client.ts";
import type { OpenFirestore } from "./firestore-client.ts";
import { setHistory } from "./history-writes.ts";
import { callOutside, nullWhen } from "./outside-call.ts";
import { timeOfVersion, toVersion } from "./service-snapshot.ts";

/**
 * What a commit answers when the document is not the one that was seen.
 * Source: https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#precondition
 */
const STALE = ["FAILED_PRECONDITION", "NOT_FOUND", "ABORTED"];

/**
 * Stores without reading, on the condition that the document has not been updated since it was seen. Firestore's
 * client repeats a commit whose answer was lost. The repetition then meets the update of the first commit and
 * says that somebody else was first. A new decision on what is stored shows whose update it was.
 */
export function firestoreCommit(open: OpenFirestore): Pick<Store, "commit"> {
  return {
    commit: async (seen, { aggregate, history }) => {
      const path = `${SERVICES}/${seen.state.service.id}`;
      const attempt = async (): Promise<SeenService | null> => {
        const { firestore, library } = await open();
        const { seconds, nanoseconds } = timeOfVersion(seen.version);
        const lastUpdateTime = new library.Timestamp(seconds, nanoseconds);
        const reference = firestore.doc(path);
        const batch = firestore.batch();
        batch.update(reference, toServiceDocument(aggregate), { lastUpdateTime });
        setHistory((other, fields) => batch.set(other, fields), reference, history);
        const [updated] = (await nullWhen(STALE, async () => batch.commit())) ?? [];
        return updated === undefined
          ? null
          : {
              ...aggregate,
              version: toVersion(updated.writeTime),
              areHoldsRead: true,
              isFindable: true,
            };
      };
      return callOutside(path, attempt, TRANSACTION_LIMITS);
    },
  };
}
