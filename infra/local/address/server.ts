import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { Socket } from "node:net";
import { listen } from "../../../emulators/kit/listen.ts";
import { onlyLoopback } from "../../../emulators/kit/loopback.ts";
import type { Endpoint } from "../ports.ts";
import { forwardCalls } from "./calls.ts";
import { OTHER_HOSTS } from "./route.ts";
import { forwardRequests } from "./web-requests.ts";

/** The one address of the local cloud, listening. */
export type OneAddress = { readonly close: () => Promise<void> };

/**
 * Opens the one address, which leads to every endpoint: gRPC by the name of the service, REST by a prefix, a path or
 * a host of Google's, and the registry. It is also a proxy for clients that insist on hosts of Google's, such as gcloud.
 * It leads nowhere else: what the local cloud does not have is refused by name. What is the local cloud's own goes to
 * `control`.
 * @throws Error when the port is taken.
 */
export async function openAddress(
  ports: Readonly<Record<Endpoint, number>>,
  control: RequestListener,
): Promise<OneAddress> {
  const requests = forwardRequests(ports, control);
  const calls = forwardCalls(ports);
  const web = createServer(onlyLoopback(requests.onRequest, OTHER_HOSTS));
  web.on("connect", ({ url = "" }, socket: Socket) => {
    socket.end(`HTTP/1.1 501 the local cloud has no ${url.replaceAll(/[^\w.:-]/g, "")}\r\n\r\n`);
  });
  const grpc = createHttp2Server();
  grpc.on("stream", calls.onStream);
  grpc.on("sessionError", () => undefined);
  const listener = await listen(ports.address, {
    onHttp1: (socket) => void web.emit("connection", socket),
    onHttp2: (socket) => void grpc.emit("connection", socket),
  });
  return {
    close: async () => {
      requests.close();
      calls.close();
      web.close();
      grpc.close();
      await listener.close();
    },
  };
}
