import type { Firestore } from "@google-cloud/firestore";
import type { SizedDocument } from "./sized-documents.ts";

/** How many documents are written at once, and how many such writes are under way. */
const BATCH_SIZE = 400;
const BATCHES_AT_ONCE = 4;

/** Writes many documents, some hundred with each commit. */
export async function seedDocuments(
  raw: Firestore,
  documents: Iterable<SizedDocument>,
): Promise<void> {
  const running = new Set<Promise<unknown>>();
  let batch = raw.batch();
  let size = 0;
  const send = async (): Promise<void> => {
    const sent = batch.commit().finally(() => running.delete(sent));
    running.add(sent);
    batch = raw.batch();
    size = 0;
    if (running.size >= BATCHES_AT_ONCE) {
      await Promise.race(running);
    }
  };
  for (const { path, fields } of documents) {
    batch.set(raw.doc(path), fields);
    size += 1;
    if (size >= BATCH_SIZE) {
      await send();
    }
  }
  await send();
  await Promise.all(running);
}
