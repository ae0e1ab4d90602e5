import type { ChannelCredentials, credentials as Credentials } from "@grpc/grpc-js";
import type { AuthClient } from "google-auth-library";
import type { CallOptions } from "google-gax";

import { localIdentity } from "./local-identity.ts";
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
 * looked for: the search would go to the metadata server of a cloud that is not there. A local cloud that checks its
 * callers names a metadata server of its own.
 */
export async function endpointOptions(endpoint: GrpcEndpoint): Promise<EndpointOptions> {
  if (endpoint === null) {
    return aliveness(PING_AFTER_MS);
  }
  const { credentials } = await import("@grpc/grpc-js");
  const { PassThroughClient } = await import("google-auth-library");
  const { hostname, port } = new URL(`http://${endpoint}`);
  const place = { ...aliveness(PING_AFTER_MS), apiEndpoint: hostname, port: Number(port) };
  const identity = await localIdentity();
  return identity === null
    ? { ...place, sslCreds: credentials.createInsecure(), authClient: new PassThroughClient() }
    : { ...place, sslCreds: plainWithToken(credentials, identity), authClient: identity };
}

/**
 * A channel without TLS whose calls carry a token. The library refuses to make one of the two, and rightly so: this
 * one is for a stand-in on the same machine.
 */
function plainWithToken(credentials: typeof Credentials, identity: AuthClient): ChannelCredentials {
  const token = credentials.createFromGoogleCredential({
    getRequestHeaders: async (url) => Object.fromEntries(await identity.getRequestHeaders(url)),
  });
  const plain = credentials.createInsecure();
  // oxlint-disable-next-line no-underscore-dangle -- the one place where the library asks for a call's token
  const connect = plain._createSecureConnector.bind(plain);
  return Object.assign(plain, {
    _createSecureConnector: ((target, options) =>
      connect(target, options, token)) satisfies ChannelCredentials["_createSecureConnector"],
    // A connection carries its caller's token, so no other caller may share it.
    _equals: ((other) => other === plain) satisfies ChannelCredentials["_equals"],
  });
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
