import { createServer as createHttp2Server } from "node:http2";
import type { Server } from "node:http";
import { listen } from "../../../emulators/kit/listen.ts";
import { forwardCalls } from "./calls.ts";
import type { Way } from "./calls.ts";

/** A port under which several servers answer as one. */
export type Door = { readonly close: () => Promise<void> };

/**
 * Opens a port of the loopback interface: gRPC calls go where their paths lead, requests of HTTP/1.1 to a server.
 * @throws Error when the port is taken
 */
export async function openDoor(
  port: number,
  { wayOf, web }: { readonly wayOf: (path: string) => Way; readonly web: Server },
): Promise<Door> {
  const calls = forwardCalls(wayOf);
  const grpc = createHttp2Server();
  grpc.on("stream", calls.onStream);
  grpc.on("sessionError", () => undefined);
  const listener = await listen(port, {
    onHttp1: (socket) => void web.emit("connection", socket),
    onHttp2: (socket) => void grpc.emit("connection", socket),
  });
  return {
    close: async () => {
      calls.close();
      web.close();
      grpc.close();
      await listener.close();
    },
  };
}
