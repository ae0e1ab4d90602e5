import type { IncomingMessage, ServerResponse } from "node:http";
import { isRecord } from "../kit/json.ts";
import { type Clock, realClock } from "../kit/clock.ts";
import { onlyLoopback } from "../kit/loopback.ts";
import { fromLoadBalancer } from "../kit/network.ts";
import { type OpenAddress, openAddress, show } from "./address.ts";
import { headersOf } from "./handed-on.ts";
import { handOver } from "./hop.ts";
import { notFound, unavailable } from "./page.ts";

/** Where a load balancer listens, and where the services are that it hands requests on to. */
export type LoadBalancerOptions = {
  readonly port?: number | undefined;
  /** `http://127.0.0.1:PORT` of the Cloud Run emulator, which has each service below `/<project>/<location>/<service>`. */
  readonly backend: string;
  readonly clock?: Clock | undefined;
};

/** A load balancer that runs. */
export type RunningLoadBalancer = OpenAddress;

/** A name as DNS has it. */
const DOMAIN = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/;
const SERVICE = /^projects\/([a-z0-9-]+)\/locations\/([a-z0-9-]+)\/services\/([a-z0-9-]+)$/;

/** How a service's domain is told: what Terraform makes of a network endpoint group and a URL map. */
const DOMAINS = "/emulator/v1/domains/";
/** The loopback's own names lead to every service by its path. */
const OWN_NAME = /^(?:localhost|127\.0\.0\.1)(?::\d+)?$/;

const TIMEOUT_MS = 300_000;
const BODY_BYTES_MAX = 10_000;

/**
 * Starts a load balancer, as stands before services whose ingress lets only such in: it leads a domain to its service.
 * Source: https://cloud.google.com/load-balancing/docs/https/setup-global-ext-https-serverless
 */
export async function startLoadBalancer(
  options: LoadBalancerOptions,
): Promise<RunningLoadBalancer> {
  const { backend, clock = realClock() } = options;
  const services = new Map<string, string>();
  const port = Number(new URL(backend).port);
  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = pathOf(services, request.headers.host ?? "", request.url ?? "/");
    if (path === null) {
      show(response, notFound());
      return;
    }
    const own: Readonly<Record<string, string>> = {
      ...fromLoadBalancer(),
      host: `127.0.0.1:${port}`,
    };
    const headers = [...headersOf(request, (key) => !(key in own)), ...Object.entries(own).flat()];
    const hop = { request, response, headers, port, path, clock };
    const page = await handOver({ ...hop, timeoutMs: TIMEOUT_MS });
    if (page !== null) {
      show(response, page);
    }
  }
  // Any name may lead here, as with DNS; one that nobody told of leads nowhere.
  const listener = onlyLoopback((request, response) => {
    const isTold = request.method === "PUT" && (request.url ?? "").startsWith(DOMAINS);
    void (isTold ? tell(services, request, response) : pass(request, response)).catch(() => {
      show(response, unavailable());
    });
  }, /./);
  return openAddress(options.port ?? 0, listener);
}

function pathOf(services: ReadonlyMap<string, string>, host: string, path: string): string | null {
  if (OWN_NAME.test(host)) {
    return path;
  }
  const service = services.get(host.toLowerCase());
  return service === undefined ? null : `${service}${path}`;
}

/** `PUT /emulator/v1/domains/{domain}` `{service}` */
async function tell(
  services: Map<string, string>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const domain = (request.url ?? "").slice(DOMAINS.length).toLowerCase();
  const body = await readJson(request);
  const service = isRecord(body) ? body["service"] : undefined;
  const [, project, location, id] = SERVICE.exec(typeof service === "string" ? service : "") ?? [];
  if (!DOMAIN.test(domain) || id === undefined) {
    const message = "tell a domain and {service: projects/P/locations/L/services/S}";
    const error = { code: 400, message, status: "INVALID_ARGUMENT" };
    response.writeHead(400, { "content-type": "application/json" }).end(JSON.stringify({ error }));
    return;
  }
  services.set(domain, `/${project ?? ""}/${location ?? ""}/${id}`);
  response.writeHead(200, { "content-type": "application/json" }).end("{}");
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = "";
  request.setEncoding("utf8");
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > BODY_BYTES_MAX) {
      return null;
    }
  }
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
