import { toTimestamp } from "../kit/clock.ts";
import type { Attempt, Carrier } from "./carrier.ts";
import { addressedTo, fromWithin } from "../kit/network.ts";
import { toProject } from "./names.ts";
import { post } from "./http-post.ts";
import { authorize, type MintIdToken } from "./id-token.ts";
import type { PubsubState } from "./state.ts";
import { pushEndpoint, type PushConfigJson } from "./subscription-settings.ts";

type PushRequest = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
};

/**
 * The answers that acknowledge a push.
 * Source: https://cloud.google.com/pubsub/docs/push#receive_push
 */
const ACKNOWLEDGING = new Set([102, 200, 201, 202, 204]);

/** The service has up to 3,000 a region; what answers here is one machine. */
const CONCURRENCY_MAX = 100;

const USER_AGENT = "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)";

/** How endpoints are reached. */
export type Pushing = {
  readonly mintIdToken?: MintIdToken | undefined;
  /** Where an endpoint is here, by its address in the world; null when it is nowhere. By default it is where it says. */
  readonly reach?: ((endpoint: string) => string | null) | undefined;
};

/** Delivers to a subscription's push endpoint, as it is configured at the moment of each delivery. */
export function pushCarrier(
  state: PubsubState,
  { mintIdToken, reach = asItSays }: Pushing,
): Carrier {
  return {
    concurrencyMax: CONCURRENCY_MAX,
    deliver: async (attempt) => {
      const config = state.subscriptions.get(attempt.subscription)?.config;
      const url = (config && pushEndpoint(config)) ?? "";
      const at = reach(url);
      if (config?.pushConfig === undefined || at === null) {
        return { kind: "failed" };
      }
      const { name, pushConfig } = config;
      const target = { url, at, config: pushConfig, mintIdToken, project: toProject(name) };
      const status = await push(target, attempt);
      return { kind: status !== null && ACKNOWLEDGING.has(status) ? "acknowledged" : "failed" };
    },
  };
}

function asItSays(endpoint: string): string | null {
  return endpoint === "" ? null : endpoint;
}

type Target = {
  /** Its address in the world. */
  readonly url: string;
  /** Where it is here. */
  readonly at: string;
  readonly config: PushConfigJson;
  readonly mintIdToken: MintIdToken | undefined;
  /** The project that pushes. */
  readonly project: string;
};

/** The status of the answer, or null when nothing could be sent or nothing came back. */
async function push(target: Target, attempt: Attempt): Promise<number | null> {
  const { url, at, config, mintIdToken, project } = target;
  const { headers, body } = toPushRequest(config, attempt);
  const email = config.oidcToken?.serviceAccountEmail;
  const audience = config.oidcToken?.audience ?? url;
  const authorization =
    email === undefined ? {} : await authorize({ email, audience }, mintIdToken);
  if (authorization === null) {
    return null;
  }
  const { signal } = attempt;
  const within = { ...fromWithin(project), ...(at === url ? {} : addressedTo(url)) };
  return post({ url: at, headers: { ...headers, ...authorization, ...within }, body, signal });
}

/**
 * The body of a wrapped push. `data` and `attributes` are left out when there are none.
 * Source: https://cloud.google.com/pubsub/docs/push#receive_push
 */
export function toPushBody({ subscription, message, deliveryAttempt }: Attempt): string {
  const publishTime = toTimestamp(message.publishedMs);
  return JSON.stringify({
    message: {
      ...(message.data === "" ? {} : { data: message.data }),
      ...(Object.keys(message.attributes).length === 0 ? {} : { attributes: message.attributes }),
      messageId: message.messageId,
      message_id: message.messageId,
      publishTime,
      publish_time: publishTime,
      orderingKey: message.orderingKey,
    },
    subscription,
    ...(deliveryAttempt === undefined ? {} : { deliveryAttempt }),
  });
}

function toPushRequest({ noWrapper }: PushConfigJson, attempt: Attempt): PushRequest {
  if (noWrapper === undefined) {
    const headers = { "content-type": "application/json", "user-agent": USER_AGENT };
    return { headers, body: toPushBody(attempt) };
  }
  return {
    headers: {
      "user-agent": USER_AGENT,
      ...(noWrapper.writeMetadata === true ? toMetadata(attempt) : {}),
    },
    body: Buffer.from(attempt.message.data, "base64"),
  };
}

/** Source: https://cloud.google.com/pubsub/docs/payload-unwrapping */
function toMetadata({
  subscription,
  message,
  deliveryAttempt,
}: Attempt): Readonly<Record<string, string>> {
  const metadata = {
    ...message.attributes,
    "x-goog-pubsub-subscription-name": subscription,
    "x-goog-pubsub-message-id": message.messageId,
    "x-goog-pubsub-publish-time": toTimestamp(message.publishedMs),
    ...(message.orderingKey === "" ? {} : { "x-goog-pubsub-ordering-key": message.orderingKey }),
    ...(deliveryAttempt === undefined
      ? {}
      : { "x-goog-pubsub-delivery-attempt": String(deliveryAttempt) }),
  };
  return Object.fromEntries(Object.entries(metadata).filter(isHeader));
}

/** An attribute may hold what no header may; such a one is left out. */
function isHeader([name, value]: readonly [string, string]): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/u.test(name) && /^[\t\u0020-\u007e]*$/u.test(value);
}
