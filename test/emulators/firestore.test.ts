import { describe } from "vitest";
import { startFirestore } from "../../emulators/firestore/server.ts";
import { manualClock } from "../../emulators/kit/clock.ts";
import { firestoreContract } from "./firestore-contract.ts";

describe("our Firestore emulator", () => {
  firestoreContract(async () => startFirestore({ clock: manualClock() }));
});
