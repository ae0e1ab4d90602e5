import type { FirestoreServer } from "../../../emulators/firestore/server.ts";
import { openDoorBeforeTwo } from "./door-before-two.ts";
import { startGoogles } from "./googles-emulator.ts";

const DATA = "/google.firestore.v1.Firestore/";

/** `…/databases/D/documents`, and what is below it or done with it. */
const DOCUMENTS = /^\/v1\/projects\/[^/]+\/databases\/[^/]+\/documents(?:[/:?]|$)/;

/**
 * Has Google's emulator answer for documents, and ours for what Google's does not have: databases, indexes and their
 * policies. Who calls is not checked, for Google's emulator checks nobody.
 */
export async function officialDocuments(
  port: number,
  {
    command,
    behind,
    own,
  }: { readonly command: string; readonly behind: number; readonly own: FirestoreServer },
): Promise<FirestoreServer> {
  const googles = await startGoogles(command, "firestore", behind);
  const door = await openDoorBeforeTwo(port, {
    grpc: (path) => (path.startsWith(DATA) ? googles.port : own.port),
    web: (path) => (DOCUMENTS.test(path) ? googles.port : own.port),
  });
  return {
    ...own,
    url: `http://127.0.0.1:${port}`,
    grpcAddress: `127.0.0.1:${port}`,
    port,
    close: async () => {
      await door.close();
      await Promise.all([own.close(), googles.close()]);
    },
  };
}
