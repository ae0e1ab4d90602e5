import type { IncomingMessage, ServerResponse } from "node:http";
import type { Access } from "../kit/access.ts";
import { type Clock, realClock } from "../kit/clock.ts";
import { onlyLoopback } from "../kit/loopback.ts";
import { type OpenAddress, openAddress, show } from "./address.ts";
import { type Admit, admission, type EdgeService } from "./admission.ts";
import { type Capacity, capacityOf } from "./capacity.ts";
import { type TokenIssuer, tokenReader } from "./credentials.ts";
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

/** How an instance of a service is used; the defaults are Cloud Run's. */
type Serving = {
  /** How long a request may take: 300 seconds. */
  readonly timeoutMs?: number;
  /** How many requests one instance takes at once: 80. */
  readonly concurrency?: number;
  /** How many instances there may be: 100. */
  readonly instancesMax?: number;
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

/** The front, while it runs. */
export type RunningEdge = {
  /** The decision alone, for those that answer by themselves. */
  readonly admit: Admit;
  /** Opens an address for a service. @throws Error when the port is taken. */
  readonly open: (door: Door) => Promise<OpenAddress>;
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
  const doors = new Set<OpenAddress>();
  return {
    admit,
    open: async (door) => {
      const opened = await open(door, admit, machineClock);
      doors.add(opened);
      return opened;
    },
    close: async () => {
      await Promise.all([...doors].map((door) => door.close()));
    },
  };
}

type Frame = {
  readonly admit: Admit;
  readonly clock: Clock;
  readonly door: Door;
  readonly capacity: Capacity;
  readonly timeoutMs: number;
};

async function open(door: Door, admit: Admit, clock: Clock): Promise<OpenAddress> {
  const { timeoutMs, concurrency, instancesMax } = { ...DEFAULTS, ...door.serving };
  const capacity = capacityOf(concurrency * instancesMax, clock);
  const frame = { admit, clock, door, capacity, timeoutMs };
  const listener = onlyLoopback((request, response) => {
    void pass(frame, request, response);
  });
  return openAddress(door.port ?? 0, listener);
}

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
  { admit, clock, door, capacity, timeoutMs }: Frame,
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
    return await handOver({ request, response, headers, port, clock, timeoutMs });
  } finally {
    leave();
  }
}
