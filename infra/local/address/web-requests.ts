import { Agent, request as ask } from "node:http";
import type {
  IncomingHttpHeaders,
  IncomingMessage,
  RequestListener,
  ServerResponse,
} from "node:http";
import { statusFor } from "../../../emulators/kit/patience.ts";
import type { Endpoint } from "../ports.ts";
import { readTarget, regionalHost, routeRequest } from "./route.ts";
import type { Asked } from "./route.ts";

type Ports = Readonly<Record<Endpoint, number>>;

/** Where the local cloud itself is asked for something. */
const OWN = "/emulator/v1/";

/**
 * Hands requests of HTTP/1.1 on to the endpoints that they are for, and their answers back, byte for byte. `control`
 * takes what is for the local cloud itself.
 */
export function forwardRequests(
  ports: Ports,
  control: RequestListener,
): {
  readonly onRequest: RequestListener;
  readonly close: () => void;
} {
  const agent = new Agent({ keepAlive: true });
  return {
    onRequest: (request, response) => {
      const asked = readTarget(request.url ?? "/", request.headers.host ?? "localhost");
      const destination = asked === null ? null : routeRequest(asked, ports);
      if (asked === null || destination === null) {
        const message = "the URL cannot be read";
        refuse(response, { code: 400, status: "INVALID_ARGUMENT", message });
      } else if (asked.path === "/" && asked.port === ports.address) {
        response.writeHead(302, { location: `http://127.0.0.1:${ports.web}/` }).end();
      } else if (isOwn(asked, ports)) {
        control(request, response);
      } else if (destination.kind === "nowhere") {
        const code = statusFor(501, request.headers["user-agent"]);
        refuse(response, { code, status: "UNIMPLEMENTED", message: destination.message });
      } else {
        const { endpoint, path } = destination;
        const port = ports[endpoint];
        const host = hostFor(asked, endpoint, port);
        forwardRequest({ request, response, agent }, { port, path, host });
      }
    },
    close: () => {
      agent.destroy();
    },
  };
}

function isOwn({ path, port }: Asked, ports: Ports): boolean {
  return path.startsWith(OWN) && port === ports.address;
}

/** A request that is answered by somebody else. */
export type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly agent: Agent;
};

/** Who answers it: a port of this machine, by a path and under a name that it knows. */
export type Target = { readonly port: number; readonly path: string; readonly host: string };

/** Hands a request on and the answer back, byte for byte; 503 where nobody answers. */
export function forwardRequest({ request, response, agent }: Exchange, target: Target): void {
  const { port, path, host } = target;
  const { method } = request;
  const headers = withoutHops(request.headers);
  const onward = ask({
    agent,
    port,
    path,
    host: "127.0.0.1",
    ...(method !== undefined && { method }),
    headers: { ...headers, host },
  });
  onward.on("response", (answer) => {
    response.writeHead(answer.statusCode ?? 502, withoutHops(answer.headers));
    answer.pipe(response);
    answer.on("error", () => response.destroy());
  });
  onward.on("error", (error) => {
    if (response.headersSent) {
      response.destroy();
    } else {
      const message = `nothing answers on 127.0.0.1:${port}: ${error.message}`;
      refuse(response, { code: 503, status: "UNAVAILABLE", message });
    }
  });
  response.on("close", () => onward.destroy());
  request.pipe(onward);
}

/** Emulators answer under names of this machine; the registry learns a location from its own. */
function hostFor(asked: Asked, endpoint: Endpoint, to: number): string {
  const { host, port } = asked;
  const regional = regionalHost(asked, endpoint);
  if (regional !== null) {
    return regional;
  }
  const isKept = /\.(?:pkg\.dev|io)$/.test(host) || /^(?:localhost|127[\d.]+|\[::1\])$/.test(host);
  return isKept ? `${host}${port === null ? "" : `:${port}`}` : `127.0.0.1:${to}`;
}

/** Headers that are about one connection alone. Source: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
function withoutHops(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = (headers.connection ?? "").toLowerCase().split(/\s*,\s*/);
  const dropped = new Set([
    "connection",
    "keep-alive",
    "proxy-connection",
    "upgrade",
    "te",
    ...named,
  ]);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)));
}

function refuse(
  response: ServerResponse,
  {
    code,
    status,
    message,
  }: { readonly code: number; readonly status: string; readonly message: string },
): void {
  response.writeHead(code, { "content-type": "application/json", connection: "close" });
  response.end(JSON.stringify({ error: { code, message, status, details: [] } }));
}
