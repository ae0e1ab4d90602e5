import type { Endpoint } from "../ports.ts";
import { SERVED } from "./served.ts";

type Ports = Readonly<Record<Endpoint, number>>;

/** Where a request to the one address goes: to an endpoint, with the path that it knows; or nowhere, and why. */
export type Destination =
  | { readonly kind: "endpoint"; readonly endpoint: Endpoint; readonly path: string }
  | { readonly kind: "nowhere"; readonly message: string };

/** The prefix of what is known not to be here, so that its name is told. */
const ABSENT = "absent";

/** A request of HTTP/1.1, as far as it says where it is to go. */
export type Asked = {
  /** In lower case, without the port. */
  readonly host: string;
  /** Null where none is named. */
  readonly port: number | null;
  /** Without the query. */
  readonly path: string;
  /** With its question mark, or empty. */
  readonly query: string;
};

/** Services that many APIs have, so that their name does not tell which one is meant. */
const SHARED_SERVICE = /^google\.(?:longrunning|iam\.v1|cloud\.location)\./;

/** gcloud writes the region before the host of some APIs, and before whatever was given in its place. */
const REGION = /^[a-z]+-[a-z]+\d+-/;
const GOOGLE = /^(?<api>[a-z]+)\.googleapis\.com$/;
const REGISTRY = /^(?:[a-z0-9-]+-docker\.pkg\.dev|(?:[a-z]+\.)?gcr\.io)$/;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Whether somebody may ask here under this name (a `Host` header) though it is none of this machine's own. */
export const OTHER_HOSTS =
  /^(?:[a-z0-9.-]+\.googleapis\.com|[a-z0-9-]+-docker\.pkg\.dev|(?:[a-z]+\.)?gcr\.io|[a-z]+-[a-z]+\d+-(?:localhost|127(?:\.\d{1,3}){3}))(?::\d{1,5})?$/i;

const HTTP_URL = /^http:\/\/(?<authority>[^/?#]+)(?<rest>\/.*)?$/i;
const AUTHORITY = /^(\[[0-9a-f:]+\]|[^:@]+)(?::(\d{1,5}))?$/i;

/**
 * Reads the target of a request: a path, or the whole URL as a proxy gets it. Null when it is neither.
 * `URL` will not do: it takes `us-central1-127.0.0.1`, which gcloud makes, for a broken address.
 */
export function readTarget(target: string, hostHeader: string): Asked | null {
  const whole = HTTP_URL.exec(target)?.groups;
  const local = whole === undefined ? target : (whole["rest"] ?? "/");
  const place = readAuthority(whole?.["authority"] ?? hostHeader);
  if (place === null || !local.startsWith("/")) {
    return null;
  }
  const path = local.replace(/\?.*$/, "");
  return { ...place, path, query: local.slice(path.length) };
}

function readAuthority(text: string): Pick<Asked, "host" | "port"> | null {
  const [, host, port] = AUTHORITY.exec(text) ?? [];
  return host === undefined
    ? null
    : { host: host.toLowerCase(), port: port === undefined ? null : Number(port) };
}

/**
 * Where a request of HTTP/1.1 goes: by a host of Google's, or by the port of an endpoint, if this address was used as a
 * proxy; else by a path that only one API has, or by a prefix (`/cloudRun/v2/…`).
 */
export function routeRequest(asked: Asked, ports: Ports): Destination {
  const { host, port } = asked;
  const path = asked.path + asked.query;
  if (REGISTRY.test(host)) {
    return { kind: "endpoint", endpoint: "registry", path };
  }
  const plain = host.replace(REGION, "");
  const api = GOOGLE.exec(plain)?.groups?.["api"];
  const byName = SERVED.find((one) => one.api !== null && one.api === api)?.endpoint;
  const byPort = LOOPBACK.test(plain) ? endpointOn(port, ports) : undefined;
  const endpoint = byName ?? byPort;
  if (endpoint !== undefined) {
    return { kind: "endpoint", endpoint, path };
  }
  return LOOPBACK.test(plain)
    ? routePath(asked)
    : { kind: "nowhere", message: `the local cloud has no ${host}` };
}

/** The host of an API in a region, where gcloud asked for one: the API learns the region from it. */
export function regionalHost({ host }: Asked, endpoint: Endpoint): string | null {
  const [region] = REGION.exec(host) ?? [];
  const api = SERVED.find((one) => one.endpoint === endpoint)?.api ?? null;
  return region === undefined || api === null ? null : `${region}${api}.googleapis.com`;
}

/** Where a gRPC call goes, by its path (`/google.pubsub.v1.Publisher/Publish`). */
export function routeCall(path: string): Destination {
  const service = path.slice(1);
  const endpoint = SERVED.find(({ grpc }) => grpc !== null && service.startsWith(grpc))?.endpoint;
  if (endpoint !== undefined) {
    return { kind: "endpoint", endpoint, path };
  }
  const message = SHARED_SERVICE.test(service)
    ? `several APIs have ${path}: call it at the address of the API that you mean, as .slipway/local.json names it`
    : `the local cloud has no ${path}`;
  return { kind: "nowhere", message };
}

function routePath({ path, query }: Asked): Destination {
  const only = SERVED.find(({ paths }) => paths?.test(path) === true)?.endpoint;
  if (only !== undefined) {
    return { kind: "endpoint", endpoint: only, path: path + query };
  }
  const [, first = ""] = path.split("/");
  const named = SERVED.find(({ endpoint }) => endpoint === first)?.endpoint;
  if (named !== undefined) {
    const rest = path.slice(first.length + 1);
    return { kind: "endpoint", endpoint: named, path: `${rest === "" ? "/" : rest}${query}` };
  }
  if (first === ABSENT) {
    return { kind: "nowhere", message: `the local cloud has no ${path.split("/")[2] ?? ""}` };
  }
  const names = SERVED.map(({ endpoint }) => endpoint).join(", ");
  const message = `which API is ${path} of? Put its name before it, as in /cloudRun${path}: ${names}`;
  return { kind: "nowhere", message };
}

function endpointOn(port: number | null, ports: Ports): Endpoint | undefined {
  return SERVED.find(({ endpoint }) => ports[endpoint] === port)?.endpoint;
}
