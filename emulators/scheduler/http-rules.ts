import { badRequest } from "../kit/google-error.ts";
import type { HttpTarget } from "./state.ts";

/** google.cloud.scheduler.v1.HttpTarget as a caller sends it. */
export type HttpTargetInput = {
  readonly uri?: string;
  readonly httpMethod?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly oauthToken?: OauthTokenInput | undefined;
  readonly oidcToken?: OidcTokenInput | undefined;
};

type OauthTokenInput = {
  readonly serviceAccountEmail?: string;
  readonly scope?: string | undefined;
};

type OidcTokenInput = {
  readonly serviceAccountEmail?: string;
  readonly audience?: string | undefined;
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
export function completeHttpTarget(input: HttpTargetInput): HttpTarget {
  const { httpMethod = "POST", body = "", headers = {}, oidcToken, oauthToken } = input;
  const uri = checkUri(input.uri ?? "");
  if (body !== "" && !WITH_BODY.has(httpMethod)) {
    throw badRequest("job.http_target.body", `A ${httpMethod} request cannot have a body.`);
  }
  return {
    uri,
    httpMethod,
    headers: completeHeaders(headers, body !== ""),
    ...(body === "" ? {} : { body }),
    ...(oidcToken === undefined ? {} : { oidcToken: checkToken(oidcToken) }),
    ...(oauthToken === undefined ? {} : { oauthToken: checkAccess(oauthToken) }),
  };
}

function checkAccess({
  serviceAccountEmail = "",
  scope,
}: OauthTokenInput): HttpTarget["oauthToken"] {
  if (!serviceAccountEmail.includes("@")) {
    throw badRequest(
      "job.http_target.oauth_token.service_account_email",
      "An OAuth token needs the email address of a service account.",
    );
  }
  return { serviceAccountEmail, ...(scope === undefined ? {} : { scope }) };
}

function checkToken({
  serviceAccountEmail = "",
  audience,
}: OidcTokenInput): HttpTarget["oidcToken"] {
  if (!serviceAccountEmail.includes("@")) {
    throw badRequest(
      "job.http_target.oidc_token.service_account_email",
      "An OIDC token needs the email address of a service account.",
    );
  }
  return { serviceAccountEmail, ...(audience === undefined ? {} : { audience }) };
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
