import { startFirestore } from "../../emulators/firestore/server.ts";
import { firestoreStore } from "../../shared/adapters/firestore-store.ts";
import { storeContract, storeRaces } from "../support/contracts/store-contract.ts";
import type { OpenStore } from "../support/contracts/store-contract.ts";
import { memoryCalls } from "../support/memory-calls.ts";
import { memoryStore, newStoreWorld } from "../support/memory-store.ts";

for (const check of [storeContract, storeRaces]) {
  check("in memory", openMemory);
  check("on Firestore", openFirestore);
}

async function openMemory(): Promise<OpenStore> {
  const world = newStoreWorld();
  return {
    store: memoryStore(world, memoryCalls()),
    reset: () => {
      for (const kept of [world.services, world.releases, world.promotions, world.timeline]) {
        kept.clear();
      }
      world.records.clear();
      world.sums.clear();
      world.control = newStoreWorld().control;
    },
    close: async () => {},
  };
}

async function openFirestore(): Promise<OpenStore> {
  const server = await startFirestore();
  const store = firestoreStore({
    project: "slipway",
    endpoint: server.grpcAddress,
    database: null,
  });
  return { store, reset: server.reset, close: server.close };
}
