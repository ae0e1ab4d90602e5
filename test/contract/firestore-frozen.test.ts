import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startFirestore } from "../../emulators/firestore/server.ts";
import type { FirestoreServer } from "../../emulators/firestore/server.ts";
import { firestoreStore } from "../../shared/adapters/firestore-store.ts";
import { serviceId } from "../../shared/domain/ids.ts";

/** Short, so that the test is quick; what it shows does not depend on it. */
const PING_AFTER_MS = 200;

let server: FirestoreServer;
let proxy: Server;
const connections: Socket[] = [];

beforeAll(async () => {
  server = await startFirestore({});
  proxy = createServer((client) => {
    const upstream = connect(server.port, "127.0.0.1");
    connections.push(client, upstream);
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) {
      socket.on("error", () => socket.destroy());
    }
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
});

afterAll(async () => {
  for (const socket of connections) {
    socket.destroy();
  }
  proxy.close();
  await server.close();
});

/** Lets every connection that there is die without a word: nothing that is sent arrives, and nothing says so. */
function freeze(): number {
  for (const socket of connections) {
    socket.unpipe();
    socket.removeAllListeners("end");
  }
  return connections.length;
}

test("a read on a connection that died unseen is answered on another one", async () => {
  const address = proxy.address();
  const port = address === null || typeof address === "string" ? 0 : address.port;
  const store = firestoreStore({
    project: "acme",
    endpoint: `127.0.0.1:${port}`,
    database: null,
    pingAfterMs: PING_AFTER_MS,
  });
  expect(await store.read(serviceId("web"))).toBe(null);
  const frozen = freeze();
  expect(await store.read(serviceId("web"))).toBe(null);
  expect(connections.length).toBeGreaterThan(frozen);
});
