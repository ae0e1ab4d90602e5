import { startFirestore } from "../../emulators/firestore/server.ts";

/** A Firestore in a process of its own: it tells where it listens, and ends with the channel. */
const server = await startFirestore();
process.send?.(server.grpcAddress);
process.once("disconnect", () => process.exit(0));
