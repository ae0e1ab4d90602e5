import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import type { Socket } from "node:net";
import { onlyLoopback } from "../../../emulators/kit/loopback.ts";
import type { Endpoint } from "../ports.ts";
import type { Way } from "./calls.ts";
import { openDoor } from "./door.ts";
import { OTHER_HOSTS, routeCall } from "./route.ts";
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
  const web = createServer(onlyLoopback(requests.onRequest, OTHER_HOSTS));
  web.on("connect", ({ url = "" }, socket: Socket) => {
    socket.end(`HTTP/1.1 501 the local cloud has no ${url.replaceAll(/[^\w.:-]/g, "")}\r\n\r\n`);
  });
  const wayOf = (path: string): Way => {
    const to = routeCall(path);
    return to.kind === "nowhere" ? to : { kind: "port", port: ports[to.endpoint] };
  };
  const door = await openDoor(ports.address, { wayOf, web });
  return {
    close: async () => {
      requests.close();
      await door.close();
    },
  };
}
