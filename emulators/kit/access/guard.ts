import { googleError, type GoogleError } from "../google-error.ts";
import type { CloudAccess } from "./cloud-access.ts";
import type { Need } from "./rules.ts";
import { serviceTitle } from "./service-titles.ts";

/** How a server is guarded. */
export type Guard = {
  readonly access: CloudAccess;
  /** The API's own name, such as `run.googleapis.com`. */
  readonly service: string;
};

type Headers = Readonly<Record<string, string>>;

type Checked = {
  readonly member: string;
  readonly headers: Headers;
  readonly needed: readonly Need[];
};

/** How people get a token where calls are checked. */
const HINT =
  "This cloud checks its callers: send `Authorization: Bearer TOKEN`. The emulator of identity gives tokens, POST /accessToken {email}.";

/**
 * Who calls.
 * @throws GoogleError UNAUTHENTICATED without a token, or with one that is nobody's.
 */
export function identifyCaller({ access }: Guard, headers: Headers): string {
  const token = toToken(headers["authorization"] ?? "");
  const { anonymous, identify } = access.directory();
  if (token === null) {
    return anonymous ?? unauthenticated("is missing required", "CREDENTIALS_MISSING");
  }
  const identified = identify(token);
  if ("member" in identified) {
    return identified.member;
  }
  const kind = identified.problem === "expired" ? "EXPIRED" : "TYPE_UNSUPPORTED";
  return unauthenticated("had invalid", `ACCESS_TOKEN_${kind}`);
}

/**
 * Lets a caller through who has every permission that is needed.
 * @throws GoogleError PERMISSION_DENIED that names the first that is missing, or an API that is not enabled.
 */
export function checkNeeds(guard: Guard, checked: Checked): void {
  checkEnabled(guard, checked);
  const { member, needed } = checked;
  const missing = needed.find((need) => !guard.access.allows({ member, ...need }));
  if (missing !== undefined) {
    throw permissionDenied(missing, guard.service);
  }
}

/**
 * The refusal of a caller who lacks a permission.
 * Source: https://cloud.google.com/docs/authentication/troubleshoot-adc and https://google.aip.dev/211
 */
export function permissionDenied({ permission, resource }: Need, service: string): GoogleError {
  return googleError(
    "PERMISSION_DENIED",
    `Permission '${permission}' denied on resource '//${service}/${resource}' (or it may not exist).`,
    [errorInfo("IAM_PERMISSION_DENIED", service, { permission, resource })],
  );
}

/** APIs that count in the caller's project alone. A person without one calls them through gcloud's own. */
const OF_THE_CALLER: ReadonlySet<string> = new Set([
  "cloudbilling.googleapis.com",
  "cloudresourcemanager.googleapis.com",
  "iam.googleapis.com",
  "iamcredentials.googleapis.com",
  "serviceusage.googleapis.com",
]);

/** An API counts in the project that the caller names, else in the caller's own, else in the resource's. */
function checkEnabled({ access, service }: Guard, checked: Checked): void {
  const { isEnabled, projectId } = access.directory();
  const project = projectId(consumerOf(service, checked));
  if (!/^[-_]?$/.test(project) && !isEnabled(service, project)) {
    throw apiDisabled(service, project);
  }
}

/**
 * The refusal of a call to an API that is not enabled in a project.
 * Source: https://cloud.google.com/service-usage/docs/troubleshooting and
 * https://github.com/googleapis/googleapis/blob/master/google/api/error_reason.proto
 */
function apiDisabled(service: string, project: string): GoogleError {
  const title = serviceTitle(service);
  const activationUrl = `https://console.developers.google.com/apis/api/${service}/overview?project=${project}`;
  const message = `${title} has not been used in project ${project} before or it is disabled. Enable it by visiting ${activationUrl} then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.`;
  return googleError("PERMISSION_DENIED", message, [
    errorInfo("SERVICE_DISABLED", "googleapis.com", {
      service,
      consumer: `projects/${project}`,
    }),
  ]);
}

/** The project in which a call counts; empty where there is none. */
function consumerOf(service: string, { member, headers, needed }: Checked): string {
  const own = /^serviceAccount:[^@]+@([^.]+)\.iam\.gserviceaccount\.com$/.exec(member)?.[1];
  const asked = /^projects\/([^/]+)/.exec(needed[0]?.resource ?? "")?.[1] ?? "";
  return headers["x-goog-user-project"] ?? own ?? (OF_THE_CALLER.has(service) ? "" : asked);
}

/** A bearer token, or the password with which registries' clients bring one. */
function toToken(authorization: string): string | null {
  const bearer = /^bearer +(\S+)$/i.exec(authorization)?.[1];
  const basic = /^basic +(\S+)$/i.exec(authorization)?.[1];
  if (basic === undefined) {
    // Firestore's client sends "owner" to whatever has no TLS, which is as good as nothing.
    return bearer === undefined || bearer === "owner" ? null : bearer;
  }
  const [user = "", password = ""] = Buffer.from(basic, "base64").toString("utf8").split(":", 2);
  return user === "oauth2accesstoken" ? password : null;
}

function unauthenticated(what: string, reason: string): never {
  throw googleError(
    "UNAUTHENTICATED",
    `Request ${what} authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. ${HINT}`,
    [errorInfo(reason, "googleapis.com", {})],
  );
}

function errorInfo(
  reason: string,
  domain: string,
  metadata: Readonly<Record<string, string>>,
): unknown {
  return { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain, metadata };
}
