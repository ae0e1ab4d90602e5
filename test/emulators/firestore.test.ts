import { describe } from "vitest";
import { startFirestore } from "../../emulators/firestore/server.ts";
import { manualClock } from "../support/manual-clock.ts";
import { firestoreContract } from "./firestore-contract.ts";

describe("our Firestore emulator", () => {
  firestoreContract(async () => startFirestore({ clock: manualClock() }));
});
