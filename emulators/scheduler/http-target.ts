import { badRequest } from "../kit/google-error.ts";
import { fromWithin } from "../kit/network.ts";

/** Where a job sends a request: google.cloud.scheduler.v1.HttpTarget in JSON, as far as it is covered. */
export type HttpTarget = {
  readonly uri?: string;
  readonly httpMethod?: string;
  readonly oauthToken?: { readonly serviceAccountEmail?: string; readonly scope?: string };
};

const URI_MAX = 2083;

/**
 * Checks an HTTP target and fills in the method.
 * Source: google/cloud/scheduler/v1/target.proto, HttpTarget
 * @throws GoogleError INVALID_ARGUMENT naming the field at fault.
 */
export function completeHttpTarget(target: HttpTarget): HttpTarget {
  const { uri = "", httpMethod = "POST", oauthToken } = target;
  const field = "job.http_target.uri";
  if (!/^https?:\/\//.test(uri) || !URL.canParse(uri)) {
    throw badRequest(field, `The URI must begin with "http://" or "https://", not "${uri}".`);
  }
  const { href } = new URL(uri);
  if (href.length > URI_MAX) {
    throw badRequest(field, `The URI must have at most ${URI_MAX} characters.`);
  }
  if (oauthToken !== undefined && oauthToken.serviceAccountEmail?.includes("@") !== true) {
    throw badRequest(
      "job.http_target.oauth_token.service_account_email",
      "A token needs the email address of a service account.",
    );
  }
  return { ...target, uri: href, httpMethod };
}

/** google.rpc.Code of success. */
export const OK = 0;
const UNKNOWN = 2;
const DEADLINE_EXCEEDED = 4;
const UNAVAILABLE = 14;

/** The google.rpc.Code of an HTTP status. Source: https://cloud.google.com/apis/design/errors */
const CODES: ReadonlyMap<number, number> = new Map([
  [400, 3],
  [401, 16],
  [403, 7],
  [404, 5],
  [409, 10],
  [429, 8],
  [499, 1],
  [500, 13],
  [501, 12],
  [503, 14],
  [504, 4],
]);

/** What a request is about. */
type Attempt = {
  /** The job's full name. */
  readonly name: string;
  readonly scheduleTime: string | undefined;
  /** Ends the waiting for an answer. */
  readonly signal: AbortSignal;
};

/**
 * Sends one request and says how it ended, as a google.rpc.Code: any answer from 200 to 299 is success, that of a
 * redirect's target counts.
 * Source: google/cloud/scheduler/v1/target.proto, HttpTarget, and
 * https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs#HttpTarget
 */
export async function sendHttp(target: HttpTarget, attempt: Attempt): Promise<number> {
  const { uri = "", httpMethod: method = "POST" } = target;
  const { signal } = attempt;
  try {
    const response = await fetch(uri, { method, headers: headersOf(target, attempt), signal });
    // The answer ends with its body, and the connection is only then free for the next.
    await response.arrayBuffer();
    return response.ok ? OK : (CODES.get(response.status) ?? UNKNOWN);
  } catch {
    // There was no whole answer: none in time, or no connection.
    return signal.aborted ? DEADLINE_EXCEEDED : UNAVAILABLE;
  }
}

/** Here nobody checks an access token, so it only names the account. */
function headersOf(
  { oauthToken }: HttpTarget,
  { name, scheduleTime }: Attempt,
): Readonly<Record<string, string>> {
  const [, project = "", , , , id = ""] = name.split("/");
  const { serviceAccountEmail: account } = oauthToken ?? {};
  return {
    "user-agent": "Google-Cloud-Scheduler",
    "x-cloudscheduler": "true",
    "x-cloudscheduler-jobname": id,
    ...(scheduleTime !== undefined && { "x-cloudscheduler-scheduletime": scheduleTime }),
    ...(account !== undefined && { authorization: `Bearer access-token-of-${account}` }),
    ...fromWithin(project),
  };
}
