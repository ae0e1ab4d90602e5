import { toTimestamp } from "../kit/clock.ts";
import { fromWithin } from "../kit/network.ts";
import { toProject } from "../pubsub/names.ts";
import { authorize, type MintIdToken } from "../pubsub/id-token.ts";
import { idOf } from "./names.ts";
import type { HttpTarget } from "./state.ts";

/** One request to be sent. */
export type HttpAttempt = {
  readonly job: string;
  readonly target: HttpTarget;
  readonly scheduledMs: number | null;
  /** Ends the waiting for an answer. */
  readonly signal: AbortSignal;
};

/** google.rpc.Code of success. */
export const OK = 0;
const UNKNOWN = 2;
const DEADLINE_EXCEEDED = 4;
const PERMISSION_DENIED = 7;
const UNAVAILABLE = 14;

/** The google.rpc.Code of an HTTP status. Source: https://cloud.google.com/apis/design/errors */
const CODES: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  409: 10,
  429: 8,
  499: 1,
  500: 13,
  501: 12,
  503: 14,
  504: 4,
};

/**
 * Sends one request and says how it ended, as a google.rpc.Code: any answer from 200 to 299 is success,
 * that of a redirect's target counts.
 * Source: google/cloud/scheduler/v1/target.proto, HttpTarget, and
 * https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs#HttpTarget
 */
export async function sendHttp(
  attempt: HttpAttempt,
  mintIdToken: MintIdToken | undefined,
): Promise<number> {
  const { target, signal } = attempt;
  const { oidcToken, oauthToken, uri, httpMethod, body } = target;
  const authorization =
    oidcToken === undefined
      ? accessOf(oauthToken)
      : await authorize(
          { email: oidcToken.serviceAccountEmail, audience: oidcToken.audience ?? uri },
          mintIdToken,
        );
  if (authorization === null) {
    return PERMISSION_DENIED;
  }
  try {
    const response = await fetch(uri, {
      method: httpMethod,
      headers: {
        ...toHeaders(attempt, Object.keys(authorization)),
        ...authorization,
        ...fromWithin(toProject(attempt.job)),
      },
      signal,
      ...(body === undefined ? {} : { body: Buffer.from(body, "base64") }),
    });
    // The answer ends with its body, and the connection is only then free for the next.
    await response.arrayBuffer();
    return response.ok ? OK : (CODES[response.status] ?? UNKNOWN);
  } catch {
    // There was no whole answer: none in time, or no connection.
    return signal.aborted ? DEADLINE_EXCEEDED : UNAVAILABLE;
  }
}

/** Google's APIs take an access token; here nobody checks it, so it only names the account. */
function accessOf(token: HttpTarget["oauthToken"]): Readonly<Record<string, string>> {
  return token === undefined
    ? {}
    : { authorization: `Bearer access-token-of-${token.serviceAccountEmail}` };
}

/** A caller's `Authorization` gives way to the token's. */
function toHeaders(
  { job, target, scheduledMs }: HttpAttempt,
  replaced: readonly string[],
): Readonly<Record<string, string>> {
  const own = Object.entries(target.headers).filter(
    ([name]) => !replaced.includes(name.toLowerCase()),
  );
  return {
    ...Object.fromEntries(own),
    "X-CloudScheduler": "true",
    "X-CloudScheduler-JobName": idOf(job),
    ...(scheduledMs === null ? {} : { "X-CloudScheduler-ScheduleTime": toTimestamp(scheduledMs) }),
  };
}
