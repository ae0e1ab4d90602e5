import type { GoogleAuth } from "google-auth-library";

import { lazily } from "./grpc-endpoint.ts";
import { requestJson } from "./json-request.ts";
import { localIdentity } from "./local-identity.ts";
import { PROMPT_LIMITS } from "./outside-call.ts";

/** An API over REST: where it is, and what a caller must be allowed to do. */
export type RestOptions = {
  /** `http://HOST:PORT` without credentials, or null for Google's own. */
  readonly endpoint: string | null;
  /** Google's own address, such as `https://monitoring.googleapis.com`. */
  readonly service: string;
  readonly scope: string;
};

/** One request: GET without a body unless it says otherwise. */
export type RestRequest = {
  readonly method?: "GET" | "POST" | "PATCH" | "DELETE";
  /** With its version, such as `/v1/projects/p`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

/** Makes a request and gives the answer's JSON, null when it has none. */
export type RestClient = (request: RestRequest) => Promise<unknown>;

/**
 * A client for an API of Google's that has none of its own. Its calls throw HttpFailure, or what the
 * network throws: make them within `callOutside`.
 * Source: https://cloud.google.com/apis/design/errors#http_mapping
 */
export function restClient({ endpoint, service, scope }: RestOptions): RestClient {
  const auth = lazily(async (): Promise<GoogleAuth> => {
    const library = await import("google-auth-library");
    return new library.GoogleAuth({ scopes: [scope] });
  });
  const local = lazily(localIdentity);
  async function tokenFor(url: URL): Promise<Headers> {
    const caller = endpoint === null ? await auth() : await local();
    return new Headers((await caller?.getRequestHeaders(url.href)) ?? {});
  }
  return async ({ method = "GET", path, query = {}, body }) => {
    const url = new URL(`${endpoint ?? service}${path}`);
    url.search = new URLSearchParams(query).toString();
    const headers = await tokenFor(url);
    return requestJson(url, { method, headers, body, timeoutMs: PROMPT_LIMITS.timeoutMs });
  };
}
