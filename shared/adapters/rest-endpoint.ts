import type { AuthClient } from "google-auth-library";

import { localIdentity } from "./local-identity.ts";

/** What a generated Google client is told so that it speaks REST. */
export type RestEndpointOptions = {
  readonly fallback: true;
  readonly protocol?: "http";
  readonly apiEndpoint?: string;
  readonly port?: number;
  readonly authClient?: AuthClient;
};

/**
 * The options of a generated Google client for an API that is served over REST: at `http://HOST:PORT`
 * without credentials, or for null at Google's own address.
 */
export async function restEndpointOptions(endpoint: string | null): Promise<RestEndpointOptions> {
  if (endpoint === null) {
    return { fallback: true };
  }
  const { PassThroughClient } = await import("google-auth-library");
  const { hostname, port } = new URL(endpoint);
  return {
    fallback: true,
    protocol: "http",
    apiEndpoint: hostname,
    port: Number(port),
    authClient: (await localIdentity()) ?? new PassThroughClient(),
  };
}
