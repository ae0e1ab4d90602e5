import { startFirestore } from "../../emulators/firestore/server.ts";
import { firestoreStore } from "../../shared/adapters/firestore-store.ts";
import { storeContract } from "../support/contracts/store-contract.ts";
import { memoryCalls } from "../support/memory-calls.ts";
import { memoryStore, newStoreWorld } from "../support/memory-store.ts";

storeContract("in memory", async () => {
  const world = newStoreWorld();
  return {
    store: memoryStore(world, memoryCalls()),
    reset: () => {
      for (const kept of [world.services, world.releases, world.promotions, world.timeline]) {
        kept.clear();
      }
      world.records.clear();
      world.control = newStoreWorld().control;
    },
    close: async () => {},
  };
});

storeContract("on Firestore", async () => {
  const server = await startFirestore();
  const store = firestoreStore({
    project: "slipway",
    endpoint: server.grpcAddress,
    database: null,
  });
  return { store, reset: server.reset, close: server.close };
});
