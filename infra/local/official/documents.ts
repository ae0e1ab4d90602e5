import { Agent, createServer } from "node:http";
import { onlyLoopback } from "../../../emulators/kit/loopback.ts";
import type { FirestoreServer } from "../../../emulators/firestore/server.ts";
import { openDoor } from "../address/door.ts";
import { forwardRequest } from "../address/web-requests.ts";
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
  { command, own }: { readonly command: string; readonly own: FirestoreServer },
): Promise<FirestoreServer> {
  const googles = await startGoogles(command, "firestore");
  const agent = new Agent({ keepAlive: true });
  const web = createServer(
    onlyLoopback((request, response) => {
      const path = request.url ?? "/";
      const to = DOCUMENTS.test(path) ? googles.port : own.port;
      forwardRequest(
        { request, response, agent },
        { port: to, path, host: request.headers.host ?? "" },
      );
    }),
  );
  const door = await openDoor(port, {
    web,
    wayOf: (path) => ({ kind: "port", port: path.startsWith(DATA) ? googles.port : own.port }),
  });
  return {
    ...own,
    url: `http://127.0.0.1:${port}`,
    grpcAddress: `127.0.0.1:${port}`,
    port,
    close: async () => {
      agent.destroy();
      await door.close();
      await Promise.all([own.close(), googles.close()]);
    },
  };
}
