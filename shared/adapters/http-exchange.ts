import { Agent as PlainAgent, request as callHttp } from "node:http";
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { Agent as SecureAgent, request as callHttps } from "node:https";

import { readBounded } from "./bounded-body.ts";

/** What is sent. */
export type Sent = {
  readonly method: string;
  readonly headers: Headers;
  /** Undefined for none. */
  readonly body: string | undefined;
  readonly timeoutMs: number;
};

/** What came back, with its body as text. */
export type Received = {
  readonly status: number;
  readonly statusText: string;
  readonly text: string;
};

/** Whoever is asked may end a connection that rests for long, at the moment of the next request: so it is ended before. */
const RESTS_MS_MAX = 4000;

const KEPT = { keepAlive: true, timeout: RESTS_MS_MAX } as const;
const plainAgent = new PlainAgent(KEPT);
const secureAgent = new SecureAgent(KEPT);

/**
 * Makes an HTTP request over a connection that is kept, and reads the answer up to `bytesMax` bytes. Node's `fetch` takes four
 * times the processor time for a small one, and an installation makes hundreds.
 * @throws what the network throws, also after `timeoutMs`; PermanentError RESOURCE_EXHAUSTED for a longer answer.
 */
export async function exchange(url: URL, sent: Sent, bytesMax: number): Promise<Received> {
  const response = await answered(open(url, sent), sent.body);
  return {
    status: response.statusCode ?? 0,
    statusText: response.statusMessage ?? "",
    text: await readBounded({ url: url.href, body: response }, bytesMax),
  };
}

function open(url: URL, { method, headers, timeoutMs }: Sent): ClientRequest {
  const signal = AbortSignal.timeout(timeoutMs);
  const options: RequestOptions = { method, headers: Object.fromEntries(headers), signal };
  return url.protocol === "https:"
    ? callHttps(url, { ...options, agent: secureAgent })
    : callHttp(url, { ...options, agent: plainAgent });
}

async function answered(
  request: ClientRequest,
  body: string | undefined,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request.once("response", resolve);
  // It stays: a request that is cut off while its answer is read tells of it here as well.
  request.on("error", reject);
  request.end(body);
  return promise;
}
