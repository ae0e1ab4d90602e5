import type { ChannelCredentials } from "@grpc/grpc-js";
import type { AuthClient } from "google-auth-library";
import type { CallOptions } from "google-gax";

import { PROMPT_LIMITS } from "./outside-call.ts";

/** Where a gRPC API is: `HOST:PORT` without TLS and credentials, or null for Google's own. */
export type GrpcEndpoint = string | null;

/** What a generated Google client is told about its endpoint. */
export type EndpointOptions = Aliveness & {
  readonly apiEndpoint?: string;
  readonly port?: number;
  readonly sslCreds?: ChannelCredentials;
  readonly authClient?: AuthClient;
};

/** When a connection is asked whether it lives, and how long it may take to say so. */
type Aliveness = {
  readonly "grpc.keepalive_time_ms": number;
  readonly "grpc.keepalive_timeout_ms": number;
};

/**
 * An instance without requests gets no processor, and its connections may die unseen. A call on a dead one, and
 * each further attempt on it, would wait for its whole deadline. So a connection on which an answer takes this
 * long is asked whether it lives; if it says nothing, the next attempt opens another one.
 */
export const PING_AFTER_MS = 4000;

/** The options of a client that asks so. Source: https://grpc.io/docs/guides/keepalive/ */
export function aliveness(pingAfterMs: number): Aliveness {
  return {
    "grpc.keepalive_time_ms": pingAfterMs,
    "grpc.keepalive_timeout_ms": pingAfterMs / 2,
  };
}

/** Options for every single call: our own deadline, and no retries but ours, which `callOutside` makes. */
export const ONE_CALL: CallOptions = { timeout: PROMPT_LIMITS.timeoutMs, retry: null };

/**
 * The options of a generated Google client for an endpoint. Where no credentials are wanted, none are
 * looked for: the search would go to the metadata server of a cloud that is not there.
 */
export async function endpointOptions(endpoint: GrpcEndpoint): Promise<EndpointOptions> {
  if (endpoint === null) {
    return aliveness(PING_AFTER_MS);
  }
  const { credentials } = await import("@grpc/grpc-js");
  const { PassThroughClient } = await import("google-auth-library");
  const { hostname, port } = new URL(`http://${endpoint}`);
  return {
    ...aliveness(PING_AFTER_MS),
    apiEndpoint: hostname,
    port: Number(port),
    sslCreds: credentials.createInsecure(),
    authClient: new PassThroughClient(),
  };
}

/** Makes a thing when it is first asked for, and gives the same one ever after. A failure is not kept. */
export function lazily<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | null = null;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = null;
      throw error;
    });
    return made;
  };
}
