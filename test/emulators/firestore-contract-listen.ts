import type { DocumentData, QuerySnapshot } from "@google-cloud/firestore";
import { expect } from "vitest";
import type { Checks } from "./firestore-bench.ts";

const ARRIVAL = { timeout: 10_000, interval: 5 };

/** Listeners as the official client runs them. */
export const listenChecks: Checks = {
  "a listener on a document sees it come, change and go": async ({ collection }) => {
    const seen: (DocumentData | undefined)[] = [];
    const stop = collection.doc("a").onSnapshot((snapshot) => seen.push(snapshot.data()));
    try {
      await expect.poll(() => seen, ARRIVAL).toEqual([undefined]);
      await collection.doc("a").set({ n: 1 });
      await expect.poll(() => seen.at(-1), ARRIVAL).toEqual({ n: 1 });
      await collection.doc("b").set({ n: 1 });
      await collection.doc("a").update({ n: 2 });
      await expect.poll(() => seen.at(-1), ARRIVAL).toEqual({ n: 2 });
      await collection.doc("a").delete();
      await expect.poll(() => seen.length, ARRIVAL).toBe(4);
      expect(seen.at(-1)).toBeUndefined();
    } finally {
      stop();
    }
  },
  "a listener on a query sees documents enter, change and leave the results": async ({
    collection,
  }) => {
    await collection.doc("a").set({ n: 1 });
    await collection.doc("low").set({ n: -1 });
    const seen: string[] = [];
    const stop = collection
      .where("n", ">", 0)
      .orderBy("n")
      .onSnapshot((snapshot) => seen.push(describeChanges(snapshot)));
    try {
      await expect.poll(() => seen, ARRIVAL).toEqual(["a | added a"]);
      await collection.doc("b").set({ n: 2 });
      await expect.poll(() => seen.at(-1), ARRIVAL).toBe("a b | added b");
      await collection.doc("a").set({ n: 3 });
      await expect.poll(() => seen.at(-1), ARRIVAL).toBe("b a | modified a");
      await collection.doc("b").set({ n: 0 });
      await expect.poll(() => seen.at(-1), ARRIVAL).toBe("a | removed b");
      await collection.doc("a").delete();
      await expect.poll(() => seen.at(-1), ARRIVAL).toBe(" | removed a");
    } finally {
      stop();
    }
  },
  "a listener on a limited query sees the next document move up": async ({ collection }) => {
    await collection.doc("a").set({ n: 1 });
    await collection.doc("b").set({ n: 2 });
    await collection.doc("c").set({ n: 3 });
    const seen: string[] = [];
    const stop = collection
      .orderBy("n")
      .limit(2)
      .onSnapshot((snapshot) => seen.push(snapshot.docs.map(({ id }) => id).join(" ")));
    try {
      await expect.poll(() => seen, ARRIVAL).toEqual(["a b"]);
      await collection.doc("a").delete();
      await expect.poll(() => seen.at(-1), ARRIVAL).toBe("b c");
    } finally {
      stop();
    }
  },
  "a commit of several documents is seen as one": async ({ db, collection }) => {
    const sizes: number[] = [];
    const stop = collection.onSnapshot(({ size }) => sizes.push(size));
    try {
      await expect.poll(() => sizes, ARRIVAL).toEqual([0]);
      await db.batch().set(collection.doc("a"), {}).set(collection.doc("b"), {}).commit();
      await expect.poll(() => sizes, ARRIVAL).toEqual([0, 2]);
    } finally {
      stop();
    }
  },
};

function describeChanges(snapshot: QuerySnapshot): string {
  const changes = snapshot.docChanges().map(({ type, doc }) => `${type} ${doc.id}`);
  return `${snapshot.docs.map(({ id }) => id).join(" ")} | ${changes.join(", ")}`;
}
