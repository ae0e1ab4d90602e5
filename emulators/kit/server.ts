import { getRequestListener } from "@hono/node-server";
import { Hono, type MiddlewareHandler } from "hono";
import { createServer, type Server } from "node:http";
import type { CloudAccess } from "./access/cloud-access.ts";
import type { Guard } from "./access/guard.ts";
import type { Rules } from "./access/rules.ts";
import type { Api, Message } from "./call.ts";
import { type Clock, realClock } from "./clock.ts";
import { faultPlan, type FaultPlan } from "./faults.ts";
import { createGrpcServer } from "./grpc.ts";
import { clearRecords, type RecordMaps } from "./kept-maps.ts";
import { listen } from "./listen.ts";
import { LOCATIONS, locationRules } from "./locations.ts";
import { onlyLoopback } from "./loopback.ts";
import { apiMethods, type Method, served } from "./method.ts";
import { type Operations, operationsApi } from "./operation.ts";
import type { Pace } from "./pace.ts";
import type { Persistence } from "./persistence.ts";
import { addRestRoutes, toFetch } from "./rest.ts";
import { addRestTable, type RestMethod } from "./rest-table.ts";

export type { Api, Call, Message, Unary } from "./call.ts";
export { operation } from "./call.ts";

/** How any emulator runs; everything may be left out. */
export type EmulatorOptions = {
  readonly clock?: Clock | undefined;
  readonly faults?: FaultPlan | undefined;
  /** 0, the default, takes any free one. */
  readonly port?: number | undefined;
  /**
   * Where its state is kept across restarts; without it it is gone with the process. Nothing is answered before what the
   * answer tells of is on disk.
   */
  readonly persistence?: Persistence | undefined;
  /** Who may call; without it everybody may call everything. */
  readonly access?: CloudAccess | undefined;
};

/** What one port serves, with the options that the emulator was given. */
export type ServeOptions = EmulatorOptions & {
  readonly apis?: readonly Api[];
  /** What is forgotten at a reset. */
  readonly state?: RecordMaps;
  /** What brings the state up to now: before and after each call, at the start, and at a reset. */
  readonly pace?: Pace;
  /** Served as google.longrunning.Operations and under the API's own paths. */
  readonly operations?: Operations;
  /** Whether the API has google.cloud.location.Locations. */
  readonly hasLocations?: true;
  /** Names, beside those of this machine and of `guard.service`, under which callers may ask. */
  readonly hosts?: RegExp;
  /** Methods that no descriptor has, over REST alone; they come before the API's own. */
  readonly rest?: readonly RestMethod[];
  /** What the name under which a caller asks says to these, as fields of the request. */
  readonly fromHost?: (host: string) => Message;
  /** Adds routes that are no methods; they come before all others. */
  readonly http?: (app: Hono) => void;
  /**
   * The API's own name, such as `run.googleapis.com`, and what it takes to call where callers are checked. Routes that no
   * descriptor has check their callers themselves.
   */
  readonly guard?: { readonly service: string; readonly rules?: Rules } | undefined;
};

/** A server that runs. */
export type RunningServer = {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** `127.0.0.1:PORT` */
  readonly grpcAddress: string;
  readonly port: number;
  readonly clock: Clock;
  readonly faults: FaultPlan;
  /** What answers both gRPC and REST. */
  readonly methods: readonly Method[];
  /** Forgets all of the state. */
  readonly reset: () => void;
  /** Cuts every connection and frees the port; nothing is due any more. */
  readonly close: () => Promise<void>;
};

/**
 * An idle connection is the caller's to end. A server that ends it meets, on a busy machine, a caller who is just about
 * to use it again, and whose request is lost then.
 * Source: https://nodejs.org/api/http.html#serverkeepalivetimeout
 */
const NO_TIMEOUT = 0;

/**
 * Serves APIs on one port of the loopback interface, as gRPC (HTTP/2 without TLS) and as REST over
 * HTTP/1.1; which one is meant shows in a connection's first bytes.
 * @throws Error when the port is taken.
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const place = { clock: options.clock ?? realClock(), faults: options.faults ?? faultPlan() };
  const app = new Hono();
  const { pace } = options;
  const saved = options.persistence?.saved ?? (() => null);
  const context = { ...place, saved, pace, guard: guardOf(options) };
  const methods = toMethods(options);
  place.faults.declare(served(methods).map(({ fullName }) => fullName));
  if (pace !== undefined) {
    app.use("*", around(pace));
  }
  options.http?.(app);
  const { rest = [], fromHost } = options;
  addRestTable(app, rest, { ...context, fromHost });
  addRestRoutes(app, methods, context);
  const httpServer = createHttpServer(toFetch(app, saved), ownHosts(options));
  const grpcServer = createGrpcServer(methods, context);
  const listener = await listen(options.port ?? 0, {
    onHttp1: (socket) => void httpServer.emit("connection", socket),
    onHttp2: grpcServer.take,
  });
  const { port } = listener;
  pace?.advance();
  return {
    url: `http://127.0.0.1:${port}`,
    grpcAddress: `127.0.0.1:${port}`,
    port,
    ...place,
    methods,
    reset: () => {
      clearRecords(options.state ?? {});
      options.operations?.reset();
      pace?.advance();
    },
    close: async () => {
      pace?.stop();
      grpcServer.close();
      httpServer.close();
      await listener.close();
      await saved();
    },
  };
}

function createHttpServer(fetch: ReturnType<typeof toFetch>, hosts: RegExp | null): Server {
  const answer = getRequestListener(fetch, { overrideGlobalObjects: false });
  const server = createServer(
    onlyLoopback((request, response) => void answer(request, response), hosts),
  );
  server.keepAliveTimeout = NO_TIMEOUT;
  return server;
}

/** The names of the service, also with a region: clients of a regional API name the region so. */
function ownHosts({ hosts, guard }: ServeOptions): RegExp | null {
  const service = guard?.service.replaceAll(".", String.raw`\.`);
  return (
    hosts ?? (service === undefined ? null : new RegExp(`^(?:[a-z0-9-]+-)?${service}(?::\\d+)?$`))
  );
}

/** For routes that are no methods. */
function around({ settle, advance }: Pace): MiddlewareHandler {
  return async (_, next) => {
    settle();
    await next();
    advance();
  };
}

function guardOf({ guard, access }: ServeOptions): Guard | undefined {
  return guard && access && { access, service: guard.service };
}

function toMethods({
  apis = [],
  operations,
  hasLocations,
  guard,
}: ServeOptions): readonly Method[] {
  const rules = { ...locationRules(guard?.service ?? ""), ...guard?.rules };
  const protos = apis[0]?.protos;
  const all = [
    ...apis,
    ...(hasLocations === true ? [LOCATIONS] : []),
    ...(operations === undefined || protos === undefined
      ? []
      : [operationsApi(operations, protos)]),
  ];
  return all.flatMap((api) => apiMethods(api, rules));
}
