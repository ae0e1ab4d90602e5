import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Access } from "../kit/access.ts";
import { type Clock, realClock } from "../kit/clock.ts";
import { onlyLoopback } from "../kit/loopback.ts";
import { type Admit, admission } from "./admission.ts";
import { type Capacity, capacityOf } from "./capacity.ts";
import { type TokenIssuer, tokenReader } from "./credentials.ts";
import type { EdgeService, Serving } from "./edge-service.ts";
import { handedOn } from "./handed-on.ts";
import { handOver, REQUEST_BYTES_MAX } from "./hop.ts";
import { type Page, rateExceeded, tooLarge } from "./page.ts";

/** How the front runs. */
export type EdgeOptions = {
  readonly issuer: TokenIssuer;
  /** Who may invoke what; everybody everything when left out. */
  readonly access?: Access | undefined;
  /** The clock by which tokens are good. */
  readonly clock?: Clock | undefined;
  /** The clock by which requests take their time; the same when left out. */
  readonly machineClock?: Clock | undefined;
};

/** A service that gets an address of its own. */
export type Door = {
  readonly service: EdgeService;
  readonly serving?: Serving;
  /** Where its callers reach it; 0, the default, takes any free port. */
  readonly port?: number;
  /** Where its instances listen. */
  readonly instancePort: number;
};

/** A service's address, while it is open. */
export type OpenDoor = {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly close: () => Promise<void>;
};

/** The front, while it runs. */
export type RunningEdge = {
  /** The decision alone, for those that answer by themselves. */
  readonly admit: Admit;
  /** Opens an address for a service. @throws Error when the port is taken. */
  readonly open: (door: Door) => Promise<OpenDoor>;
  /** Closes every address. */
  readonly close: () => Promise<void>;
};

/** Cloud Run's defaults. Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services */
const DEFAULTS = { timeoutMs: 300_000, concurrency: 80, instancesMax: 100 };

const EVERYTHING: Access = { allows: () => true };

/** Starts an emulator of the front of Cloud Run's functions and services. It has no address but those that are opened. */
export function startEdge(options: EdgeOptions): RunningEdge {
  const { issuer, access = EVERYTHING, clock = realClock(), machineClock = clock } = options;
  const admit = admission(access, tokenReader(issuer, clock));
  // Each request has a connection of its own: one that is kept may be ended by the instance just when it is used again,
  // and then nobody knows whether the request came.
  const agent = new Agent();
  const doors = new Set<OpenDoor>();
  return {
    admit,
    open: async (door) => {
      const opened = await open(door, { admit, agent, clock: machineClock });
      doors.add(opened);
      return opened;
    },
    close: async () => {
      await Promise.all([...doors].map((door) => door.close()));
      agent.destroy();
    },
  };
}

type Parts = { readonly admit: Admit; readonly agent: Agent; readonly clock: Clock };

async function open(door: Door, parts: Parts): Promise<OpenDoor> {
  const serving = { ...DEFAULTS, ...door.serving };
  const capacity = capacityOf(serving.concurrency * serving.instancesMax, parts.clock);
  const frame = { ...parts, door, capacity, timeoutMs: serving.timeoutMs };
  const server = createServer(
    onlyLoopback((request, response) => {
      void pass(frame, request, response);
    }),
  );
  // A request may take as long as the service lets it.
  server.requestTimeout = 0;
  server.listen(door.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = address === null || typeof address === "string" ? 0 : address.port;
  return {
    url: `http://127.0.0.1:${port}`,
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

type Frame = Parts & {
  readonly door: Door;
  readonly capacity: Capacity;
  readonly timeoutMs: number;
};

async function pass(
  frame: Frame,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // A client may go at any moment; that is no fault of the front.
  request.on("error", () => {});
  const page = await answerOf(frame, request, response);
  if (page !== null) {
    show(response, page);
  }
}

/** The page that the front answers with, null when the instance has answered. */
async function answerOf(
  { admit, agent, clock, door, capacity, timeoutMs }: Frame,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Page | null> {
  const [path = "/"] = (request.url ?? "/").split("?");
  const admitted = await admit(door.service, { path, headers: request.headers });
  if (admitted.kind === "refused") {
    return admitted.page;
  }
  if (Number(request.headers["content-length"] ?? "0") > REQUEST_BYTES_MAX) {
    return tooLarge();
  }
  const leave = await capacity.enter();
  if (leave === null) {
    return rateExceeded();
  }
  const headers = handedOn(request, admitted.credentials);
  const port = door.instancePort;
  try {
    return await handOver({ request, response, headers, port, agent, clock, timeoutMs });
  } finally {
    leave();
  }
}

function show(response: ServerResponse, { status, headers, body }: Page): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  response.writeHead(status, { ...headers, server: "Google Frontend" });
  response.end(body);
}
