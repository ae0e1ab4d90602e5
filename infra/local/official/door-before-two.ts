import { Agent, createServer } from "node:http";
import { onlyLoopback } from "../../../emulators/kit/loopback.ts";
import { openDoor } from "../address/door.ts";
import type { Door } from "../address/door.ts";
import { forwardRequest } from "../address/web-requests.ts";

/** Which port answers what is asked at a path: of gRPC, and of HTTP. */
export type Ways = {
  readonly grpc: (path: string) => number;
  readonly web: (path: string) => number;
};

/** Opens one port before Google's emulator and ours. */
export async function openDoorBeforeTwo(port: number, ways: Ways): Promise<Door> {
  const agent = new Agent({ keepAlive: true });
  const web = createServer(
    onlyLoopback((request, response) => {
      const path = request.url ?? "/";
      const target = { port: ways.web(path), path, host: request.headers.host ?? "" };
      forwardRequest({ request, response, agent }, target);
    }),
  );
  const door = await openDoor(port, {
    web,
    wayOf: (path) => ({ kind: "port", port: ways.grpc(path) }),
  });
  return {
    close: async () => {
      agent.destroy();
      await door.close();
    },
  };
}
