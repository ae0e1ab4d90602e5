import { once } from "node:events";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { Page } from "./page.ts";

/** An address on this machine, while it is open. */
export type OpenAddress = {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly close: () => Promise<void>;
};

/** Answers requests at a port; 0 takes any that is free. @throws Error when the port is taken. */
export async function openAddress(port: number, listener: RequestListener): Promise<OpenAddress> {
  const server = createServer(listener);
  // A request may take as long as the service lets it.
  server.requestTimeout = 0;
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const own = address === null || typeof address === "string" ? 0 : address.port;
  return {
    url: `http://127.0.0.1:${own}`,
    close: async () => {
      if (server.listening) {
        const closed = once(server, "close");
        server.close();
        server.closeAllConnections();
        await closed;
      }
    },
  };
}

/** Answers in place of a service; where its answer has begun already, it is broken off. */
export function show(response: ServerResponse, { status, headers, body }: Page): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  response.writeHead(status, { ...headers, server: "Google Frontend" }).end(body);
}
