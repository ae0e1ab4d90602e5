import type { AddressInfo } from "node:net";
import type { Server } from "node:http";
import { http } from "@google-cloud/functions-framework";
import type { HttpFunction } from "@google-cloud/functions-framework";
import { getTestServer } from "@google-cloud/functions-framework/testing";
import { passDoor } from "../../functions/door.ts";
import { leaveOutDomains } from "../../infra/local/without-domains.ts";

// Once there was a domain, all that this process does to its end would be followed: every file of tests after this one.
leaveOutDomains();

/** A function that is served as Cloud Run serves it. */
export type FunctionServer = { readonly url: string; readonly close: () => Promise<void> };

/** Serves a function with the functions framework on a free port. The name must be new to the process. */
export async function serveFunction(name: string, handler: HttpFunction): Promise<FunctionServer> {
  http(name, handler);
  const server: Server = getTestServer(name);
  server.prependListener("request", passDoor);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    close: async () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function portOf(address: AddressInfo | string | null): number {
  return address === null || typeof address === "string" ? 0 : address.port;
}
