import {
  type ClientRequest,
  type IncomingMessage,
  request as call,
  type ServerResponse,
} from "node:http";
import { Transform } from "node:stream";
import { PENDING_MAX_MS } from "./capacity.ts";
import type { Clock } from "../kit/clock.ts";
import { headersOf } from "./handed-on.ts";
import { type Page, rateExceeded, timedOut, tooLarge, unavailable } from "./page.ts";

/**
 * The largest body of a request over HTTP/1.
 * Source: https://cloud.google.com/run/quotas#request_limits
 */
export const REQUEST_BYTES_MAX = 32 * 1024 * 1024;

/** How often an instance is looked for that does not listen yet. Instances start by the machine's own time. */
const LOOK_EVERY_MS = 20;

/** Headers of an answer that end at the front. */
const ENDING = /^(?:connection|keep-alive|transfer-encoding|server)$/;

/** A request on its way to an instance. */
export type Hop = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Another path than the request's. */
  readonly path?: string;
  /** As `rawHeaders` has them. */
  readonly headers: readonly string[];
  /** Where the instance listens. */
  readonly port: number;
  readonly clock: Clock;
  readonly timeoutMs: number;
};

/**
 * Hands a request on to an instance and its answer back, both streamed. Gives the page to answer with when the instance
 * has none, and null when it answered, or nobody waits any more. An instance that is not there yet is waited for.
 */
export async function handOver(hop: Hop): Promise<Page | null> {
  const { clock, response } = hop;
  const { promise, resolve } = Promise.withResolvers<Page | null>();
  const abort = new AbortController();
  const timer = clock.at(clock.now() + hop.timeoutMs, () => {
    resolve(timedOut());
  });
  response.once("close", () => {
    resolve(null);
  });
  attempt(hop, { signal: abort.signal, resolve, untilMs: Date.now() + PENDING_MAX_MS });
  try {
    return await promise;
  } finally {
    timer.cancel();
    hop.request.unpipe();
    abort.abort();
  }
}

type Attempt = {
  readonly signal: AbortSignal;
  readonly resolve: (page: Page | null) => void;
  readonly untilMs: number;
};

function attempt(hop: Hop, attempts: Attempt): void {
  const { request, response, headers, port } = hop;
  const { signal, resolve, untilMs } = attempts;
  const { method = "GET", url = "/" } = request;
  const path = hop.path ?? url;
  // An instance that is to end the connection may do so while the request still comes; then its answer is lost.
  const own = [...headers, "connection", "keep-alive"];
  // Each request has a connection of its own: one that is kept may be ended by the instance just when it is used again,
  // and then nobody knows whether the request came.
  const to = { host: "127.0.0.1", port, method, path, headers: own, agent: false, signal };
  const outgoing = call(to);
  const link = { isUp: false };
  outgoing.once("socket", (socket) => {
    socket.once("connect", () => {
      link.isUp = true;
      bring(request, outgoing, resolve);
    });
  });
  outgoing.once("response", (answer) => {
    giveBack(answer, response, resolve);
  });
  outgoing.once("error", () => {
    if (link.isUp || signal.aborted) {
      resolve(unavailable());
    } else if (Date.now() > untilMs) {
      resolve(rateExceeded());
    } else {
      // Nothing has been read of the request, so that it can be begun anew.
      setTimeout(() => {
        attempt(hop, attempts);
      }, LOOK_EVERY_MS);
    }
  });
}

/** Streams the request's body, as far as it is not too large. */
function bring(
  request: IncomingMessage,
  outgoing: ClientRequest,
  resolve: (page: Page | null) => void,
): void {
  let count = 0;
  const counted = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      count += chunk.byteLength;
      if (count > REQUEST_BYTES_MAX) {
        resolve(tooLarge());
        return;
      }
      done(null, chunk);
    },
  });
  // What fails here fails on the connection as well, where it is heard.
  counted.on("error", () => {});
  request.pipe(counted).pipe(outgoing);
}

function giveBack(
  answer: IncomingMessage,
  response: ServerResponse,
  resolve: (page: Page | null) => void,
): void {
  if (response.headersSent || response.destroyed) {
    answer.resume();
    return;
  }
  const headers = headersOf(answer, (key) => !ENDING.test(key));
  response.writeHead(answer.statusCode ?? 502, [...headers, "server", "Google Frontend"]);
  answer.on("error", () => response.destroy());
  answer.pipe(response);
  response.once("finish", () => {
    resolve(null);
  });
}
