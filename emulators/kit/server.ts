import * as grpc from "@grpc/grpc-js";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { createServer } from "node:http";
import type { Api } from "./call.ts";
import { type Clock, realClock } from "./clock.ts";
import { faultPlan, type FaultPlan } from "./faults.ts";
import { type Connections, createGrpcServer } from "./grpc.ts";
import { listen } from "./listen.ts";
import { onlyLoopback } from "./loopback.ts";
import { apiMethods, type Method } from "./method.ts";
import type { Operations } from "./operation.ts";
import { operationMethods } from "./operations-api.ts";
import type { Persistence } from "./persistence.ts";
import { addRestRoutes, toFetch } from "./rest.ts";

export type { Api, Call, Message, Unary } from "./call.ts";
export { operation } from "./call.ts";

/** Where and how a server runs; everything may be left out. */
type PlaceOptions = {
  readonly clock?: Clock | undefined;
  readonly faults?: FaultPlan | undefined;
  /** 0, the default, takes any free one. */
  readonly port?: number | undefined;
};

/** How any emulator runs; everything may be left out. */
export type EmulatorOptions = PlaceOptions & {
  /** Where its state is kept across restarts; without it it is gone with the process. */
  readonly persistence?: Persistence | undefined;
};

/** What one port serves. */
export type ServeOptions = PlaceOptions & {
  readonly apis: readonly Api[];
  /** Served as google.longrunning.Operations and under the API's own paths. */
  readonly operations?: Operations;
  /** Names, beside those of this machine, under which callers may ask: the service's own. */
  readonly hosts?: RegExp;
  /** Adds routes that no descriptor has; they come before the API's own. */
  readonly http?: (app: Hono) => void;
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
  /** Cuts every connection and frees the port. */
  readonly close: () => Promise<void>;
};

/**
 * Serves APIs on one port of the loopback interface, as gRPC (HTTP/2 without TLS) and as REST over
 * HTTP/1.1; which one is meant shows in a connection's first bytes.
 * @throws Error when the port is taken.
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const context = { clock: options.clock ?? realClock(), faults: options.faults ?? faultPlan() };
  const methods = toMethods(options);
  const app = new Hono();
  options.http?.(app);
  addRestRoutes(app, methods, context);
  const onRequest = getRequestListener(toFetch(app), { overrideGlobalObjects: false });
  const httpServer = createServer(
    onlyLoopback((request, response) => void onRequest(request, response), options.hosts ?? null),
  );
  const connections: Connections = new Map();
  const grpcServer = createGrpcServer(methods, { ...context, connections });
  const injector = grpcServer.createConnectionInjector(grpc.ServerCredentials.createInsecure());
  const listener = await listen(options.port ?? 0, {
    onHttp1: (socket) => void httpServer.emit("connection", socket),
    onHttp2: (socket) => {
      const controller = new AbortController();
      const peer = `${socket.remoteAddress ?? ""}:${socket.remotePort ?? ""}`;
      connections.set(peer, controller.signal);
      socket.once("close", () => {
        connections.delete(peer);
        controller.abort();
      });
      injector.injectConnection(socket);
    },
  });
  const { port } = listener;
  return {
    url: `http://127.0.0.1:${port}`,
    grpcAddress: `127.0.0.1:${port}`,
    port,
    ...context,
    close: async () => {
      grpcServer.forceShutdown();
      httpServer.close();
      await listener.close();
    },
  };
}

function toMethods({ apis, operations }: ServeOptions): readonly Method[] {
  const own = apis.flatMap(apiMethods);
  const protos = apis[0]?.protos;
  return operations === undefined || protos === undefined
    ? own
    : [...own, ...operationMethods(operations, protos)];
}
