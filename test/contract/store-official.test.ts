import { readSettings } from "../../infra/cli/settings.ts";
import { describe } from "vitest";
import { firestoreStore } from "../../shared/adapters/firestore-store.ts";
import { storeContract } from "../support/contracts/store-contract.ts";
import type { OpenStore } from "../support/contracts/store-contract.ts";
import { findGcloud, startGoogles } from "../../infra/local/official/googles-emulator.ts";
import { mustSkip } from "../support/needs.ts";

const PROJECT = "slipway";

const gcloud = findGcloud("firestore", readSettings().path);

describe.skipIf(gcloud === null && mustSkip("Google's Firestore emulator"))(
  "on Google's emulator (skipped where gcloud lacks it, or there is no Java)",
  () => {
    // Not under races: its transactions wait for seconds when they meet.
    storeContract("on Google's Firestore", () => open(gcloud ?? ""));
  },
);

async function open(command: string): Promise<OpenStore> {
  const { grpcAddress, close } = await startGoogles(command, "firestore");
  const documents = `http://${grpcAddress}/emulator/v1/projects/${PROJECT}/databases/(default)/documents`;
  return {
    store: firestoreStore({ project: PROJECT, endpoint: grpcAddress, database: null }),
    reset: async () => {
      await fetch(documents, { method: "DELETE" });
    },
    close,
  };
}
