import { badRequest } from "../kit/google-error.ts";
import { fromWithin } from "../kit/network.ts";
import { authorize, type MintIdToken } from "../pubsub/id-token.ts";

type Token = {
  readonly serviceAccountEmail?: string;
  readonly audience?: string;
  readonly scope?: string;
};

/** Where a job sends a request: google.cloud.scheduler.v1.HttpTarget in JSON. */
export type HttpTarget = {
  readonly uri?: string;
  readonly httpMethod?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Base64. */
  readonly body?: string;
  readonly oauthToken?: Token;
  readonly oidcToken?: Token;
};

const URI_MAX = 2083;
const HEADERS_BYTES_MAX = 80 * 1024;
const WITH_BODY: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

/** What the service computes itself; a caller's own is ignored. */
const RESERVED =
  /^(?:host|content-length|user-agent|x-google-.*|x-appengine-.*|x-cloudscheduler.*)$/i;

/** Set on every request and not to be overridden. */
const USER_AGENT = "Google-Cloud-Scheduler";

/**
 * Checks an HTTP target and fills in what the service adds: the method and two headers.
 * Source: google/cloud/scheduler/v1/target.proto, HttpTarget
 * @throws GoogleError INVALID_ARGUMENT naming the field at fault.
 */
export function completeHttpTarget(target: HttpTarget): HttpTarget {
  const { httpMethod = "POST", body = "", headers = {} } = target;
  if (body !== "" && !WITH_BODY.has(httpMethod)) {
    throw badRequest("job.http_target.body", `A ${httpMethod} request cannot have a body.`);
  }
  checkToken("oauth_token", target.oauthToken);
  checkToken("oidc_token", target.oidcToken);
  const uri = checkUri(target.uri ?? "");
  return { ...target, uri, httpMethod, headers: completeHeaders(headers, body !== "") };
}

function checkToken(field: string, token: Token | undefined): void {
  if (token !== undefined && token.serviceAccountEmail?.includes("@") !== true) {
    throw badRequest(
      `job.http_target.${field}.service_account_email`,
      "A token needs the email address of a service account.",
    );
  }
}

function checkUri(text: string): string {
  const field = "job.http_target.uri";
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) {
    throw badRequest(field, `The URI must begin with "http://" or "https://", not "${text}".`);
  }
  const { href } = new URL(text);
  if (href.length > URI_MAX) {
    throw badRequest(field, `The URI must have at most ${URI_MAX} characters.`);
  }
  return href;
}

function completeHeaders(
  input: Readonly<Record<string, string>>,
  hasBody: boolean,
): Readonly<Record<string, string>> {
  const field = "job.http_target.headers";
  const entries = Object.entries(input);
  const bytes = entries.reduce((sum, pair) => sum + Buffer.byteLength(pair.join("")), 0);
  if (bytes >= HEADERS_BYTES_MAX) {
    throw badRequest(field, "The total size of headers must be less than 80KB.");
  }
  if (!entries.every(isHeader)) {
    throw badRequest(field, "A header has a name or a value that HTTP does not allow.");
  }
  const own = entries.filter(([name]) => !RESERVED.test(name));
  const hasType = own.some(([name]) => name.toLowerCase() === "content-type");
  const type = hasBody && !hasType ? { "Content-Type": "application/octet-stream" } : {};
  return { ...Object.fromEntries(own), ...type, "User-Agent": USER_AGENT };
}

function isHeader([name, value]: readonly [string, string]): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name) && /^[\t -~\u0080-\u00ff]*$/.test(value);
}

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

/** What a request is about. */
type Attempt = {
  /** The job's full name. */
  readonly name: string;
  readonly scheduleTime: string | undefined;
  /** Ends the waiting for an answer. */
  readonly signal: AbortSignal;
  readonly mintIdToken: MintIdToken | undefined;
};

/**
 * Sends one request and says how it ended, as a google.rpc.Code: any answer from 200 to 299 is success,
 * that of a redirect's target counts.
 * Source: google/cloud/scheduler/v1/target.proto, HttpTarget, and
 * https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs#HttpTarget
 */
export async function sendHttp(target: HttpTarget, attempt: Attempt): Promise<number> {
  const { uri = "", httpMethod = "POST", body } = target;
  const { signal } = attempt;
  const authorization = await authorizationOf(target, attempt.mintIdToken);
  if (authorization === null) {
    return PERMISSION_DENIED;
  }
  try {
    const response = await fetch(uri, {
      method: httpMethod,
      headers: headersOf(target, attempt, authorization),
      signal,
      body: body === undefined ? null : Buffer.from(body, "base64"),
    });
    // The answer ends with its body, and the connection is only then free for the next.
    await response.arrayBuffer();
    return response.ok ? OK : (CODES[response.status] ?? UNKNOWN);
  } catch {
    // There was no whole answer: none in time, or no connection.
    return signal.aborted ? DEADLINE_EXCEEDED : UNAVAILABLE;
  }
}

type Headers = Readonly<Record<string, string>>;

/** A caller's `Authorization` gives way to the token's. */
function headersOf(
  { headers = {} }: HttpTarget,
  { name, scheduleTime }: Attempt,
  authorization: Headers,
): Headers {
  const own = Object.entries(headers).filter(
    ([header]) => !Object.hasOwn(authorization, header.toLowerCase()),
  );
  const [, project = "", , , , id = ""] = name.split("/");
  return {
    ...Object.fromEntries(own),
    "X-CloudScheduler": "true",
    "X-CloudScheduler-JobName": id,
    ...(scheduleTime === undefined ? {} : { "X-CloudScheduler-ScheduleTime": scheduleTime }),
    ...authorization,
    ...fromWithin(project),
  };
}

/**
 * The header with a target's token, null where it cannot be made. Google's APIs take an access token; here nobody checks
 * it, so it only names the account.
 */
async function authorizationOf(
  { uri = "", oidcToken, oauthToken }: HttpTarget,
  mintIdToken: MintIdToken | undefined,
): Promise<Headers | null> {
  if (oidcToken !== undefined) {
    const { serviceAccountEmail: email = "", audience = uri } = oidcToken;
    return authorize({ email, audience }, mintIdToken);
  }
  return oauthToken === undefined
    ? {}
    : { authorization: `Bearer access-token-of-${oauthToken.serviceAccountEmail ?? ""}` };
}
