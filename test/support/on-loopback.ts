import { once } from "node:events";
import type { Server } from "node:http";
import { present } from "./present.ts";

/** Where a server of a test listens. */
export type OnLoopback = {
  readonly url: string;
  readonly port: number;
  /** Cuts every connection and frees the port. */
  readonly close: () => Promise<void>;
};

/** Has a server listen on a free port of the loopback interface. */
export async function onLoopback(server: Server): Promise<OnLoopback> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = present(server.address(), "its address");
  const port = typeof address === "string" ? 0 : address.port;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
