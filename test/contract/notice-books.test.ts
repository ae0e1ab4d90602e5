import { startFirestore } from "../../emulators/firestore/server.ts";
import { firestoreNotices } from "../../shared/adapters/firestore-notices.ts";
import { noticeBooksContract } from "../support/contracts/notice-books-contract.ts";
import { memoryCalls } from "../support/memory-calls.ts";
import { memoryBooks } from "../support/memory-notices.ts";

noticeBooksContract("in memory", async () =>
  Promise.resolve({ books: memoryBooks(new Map(), memoryCalls()), close: async () => {} }),
);

noticeBooksContract("on Firestore", async () => {
  const { grpcAddress: endpoint, close } = await startFirestore();
  const books = firestoreNotices({ project: "slipway", endpoint, database: null });
  return { books, close };
});
