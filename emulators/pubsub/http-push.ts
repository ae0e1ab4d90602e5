import { addressedTo, fromWithin } from "../kit/network.ts";
import type { PushConfigJson } from "./subscription-settings.ts";

/** Makes an ID token for a service account and an audience. */
export type MintIdToken = (email: string, audience: string) => Promise<string>;

/** How endpoints are reached. */
export type Pushing = {
  readonly mintIdToken?: MintIdToken | undefined;
  /** Where an endpoint is here, by its address in the world; null when it is nowhere. By default it is where it says. */
  readonly reach?: ((endpoint: string) => string | null) | undefined;
};

/** What is pushed, where to, and for whom. */
type Push = {
  readonly pushConfig: PushConfigJson;
  /** Its full name. */
  readonly subscription: string;
  readonly body: string;
  /** Ends the waiting for an answer. */
  readonly signal: AbortSignal;
};

const USER_AGENT = "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)";

/**
 * Pushes, and gives the status of the answer. Null when there was none: an endpoint that is nowhere, a token that nobody
 * can make, no connection, cut, or too late. All of that means the same to a sender: try again.
 */
export async function sendPush(
  { mintIdToken, reach = (endpoint) => endpoint }: Pushing,
  { pushConfig, subscription, body, signal }: Push,
): Promise<number | null> {
  const { pushEndpoint: url = "", oidcToken } = pushConfig;
  const at = url === "" ? null : reach(url);
  const authorization = await authorize(oidcToken, { url, mintIdToken });
  if (at === null || authorization === null) {
    return null;
  }
  const headers = {
    "content-type": "application/json",
    "user-agent": USER_AGENT,
    ...authorization,
    ...fromWithin(subscription.split("/")[1] ?? ""),
    ...(at === url ? {} : addressedTo(url)),
  };
  try {
    const init = { method: "POST", redirect: "manual", headers, body, signal } as const;
    const response = await fetch(at, init);
    // The answer ends with its body, and the connection is only then free for the next.
    await response.arrayBuffer();
    return response.status;
  } catch {
    return null;
  }
}

/** The header with the token that is asked for; null when nobody can make it. */
async function authorize(
  oidcToken: PushConfigJson["oidcToken"],
  { url, mintIdToken }: { readonly url: string } & Pick<Pushing, "mintIdToken">,
): Promise<Readonly<Record<string, string>> | null> {
  const { serviceAccountEmail: email, audience = url } = oidcToken ?? {};
  if (email === undefined) {
    return {};
  }
  try {
    const token = await mintIdToken?.(email, audience);
    return token === undefined ? null : { authorization: `Bearer ${token}` };
  } catch {
    return null;
  }
}
