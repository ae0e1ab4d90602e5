import type { ChannelCredentials } from "@grpc/grpc-js";
import type { AuthClient } from "google-auth-library";
import type { CallOptions } from "google-gax";

import { PROMPT_LIMITS } from "./outside-call.ts";

/** Where a gRPC API is: `HOST:PORT` without TLS and credentials, or null for Google's own. */
export type GrpcEndpoint = string | null;

/** What a generated Google client is told about its endpoint. */
export type EndpointOptions = {
  readonly apiEndpoint?: string;
  readonly port?: number;
  readonly sslCreds?: ChannelCredentials;
  readonly authClient?: AuthClient;
};

/** Options for every single call: our own deadline, and no retries but ours, which `callOutside` makes. */
export const ONE_CALL: CallOptions = { timeout: PROMPT_LIMITS.timeoutMs, retry: null };

/**
 * The options of a generated Google client for an endpoint. Where no credentials are wanted, none are
 * looked for: the search would go to the metadata server of a cloud that is not there.
 */
export async function endpointOptions(endpoint: GrpcEndpoint): Promise<EndpointOptions> {
  if (endpoint === null) {
    return {};
  }
  const { credentials } = await import("@grpc/grpc-js");
  const { PassThroughClient } = await import("google-auth-library");
  const { hostname, port } = new URL(`http://${endpoint}`);
  return {
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
