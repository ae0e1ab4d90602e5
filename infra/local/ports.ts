import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** The endpoints of the local cloud that have a port of their own, in the order of their ports. */
export const ENDPOINTS = [
  "address",
  "api",
  "web",
  "cloudDeploy",
  "cloudRun",
  "firestore",
  "pubsub",
  "identity",
  "storage",
  "onImagePush",
  "onDeployNotification",
  "onTick",
  "cloudSql",
  "gkeBackup",
  "monitoring",
  "secretManager",
  "scheduler",
  "onIncident",
  "onWork",
  "loadBalancer",
  "iam",
  "resourceManager",
  "serviceUsage",
  "cloudBilling",
  "cloudFunctions",
  "slack",
  "registry",
  "chat",
  "onNotice",
  "github",
] as const;

/** An endpoint of the local cloud. */
export type Endpoint = (typeof ENDPOINTS)[number];

/**
 * Where free ports are looked for: below those that the system gives to clients of its own accord, so that
 * a port does not go to a connection between being chosen and being listened on.
 * Source: https://www.rfc-editor.org/rfc/rfc6335#section-6
 */
const FREE_PORT_MIN = 10_000;
const FREE_PORT_MAX = 32_000;
const TRIES_MAX = 1000;

/** Two processes that choose at one moment rarely look at the same ports: a chosen one is listened on only later. */
const STRIDE = 16;

/**
 * Ports above 1023 that no browser and no `fetch` connects to, whoever listens there.
 * Source: https://fetch.spec.whatwg.org/#port-blocking
 */
const BLOCKED_PORTS: ReadonlySet<number> = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669,
  6679, 6697, 10_080,
]);

/**
 * Chooses a port for every endpoint: those from `first` on, and a free one for each that is taken or
 * that browsers refuse.
 */
export async function choosePorts(
  first: number | null,
): Promise<Readonly<Record<Endpoint, number>>> {
  const chosen = new Map<Endpoint, number>();
  for (const [index, endpoint] of ENDPOINTS.entries()) {
    const wanted = first === null ? null : first + index;
    const isFree = wanted !== null && (await isUsable(wanted));
    chosen.set(endpoint, isFree ? wanted : await findPort(new Set(chosen.values())));
  }
  return byEndpoint((endpoint) => chosen.get(endpoint) ?? 0);
}

/** The port under which callers know a function; 0 for one that has none of its own. */
export function portOfFunction(ports: Readonly<Record<Endpoint, number>>, id: string): number {
  const endpoint = FUNCTION_ENDPOINTS.get(id);
  return endpoint === undefined ? 0 : ports[endpoint];
}

const FUNCTION_ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map([
  ["on-image-push", "onImagePush"],
  ["on-deploy-notification", "onDeployNotification"],
  ["on-incident", "onIncident"],
  ["on-tick", "onTick"],
  ["on-work", "onWork"],
  ["on-notice", "onNotice"],
  ["api", "api"],
  ["web", "web"],
  ["chat", "chat"],
]);

/** The functions that messages are pushed to. */
export const MESSAGE_FUNCTIONS: readonly string[] = [...FUNCTION_ENDPOINTS.keys()].filter((name) =>
  name.startsWith("on-"),
);

function byEndpoint(port: (endpoint: Endpoint) => number): Readonly<Record<Endpoint, number>> {
  return {
    address: port("address"),
    registry: port("registry"),
    api: port("api"),
    web: port("web"),
    cloudDeploy: port("cloudDeploy"),
    cloudRun: port("cloudRun"),
    firestore: port("firestore"),
    pubsub: port("pubsub"),
    identity: port("identity"),
    storage: port("storage"),
    onImagePush: port("onImagePush"),
    onDeployNotification: port("onDeployNotification"),
    onTick: port("onTick"),
    cloudSql: port("cloudSql"),
    gkeBackup: port("gkeBackup"),
    monitoring: port("monitoring"),
    secretManager: port("secretManager"),
    scheduler: port("scheduler"),
    onIncident: port("onIncident"),
    onWork: port("onWork"),
    onNotice: port("onNotice"),
    loadBalancer: port("loadBalancer"),
    iam: port("iam"),
    resourceManager: port("resourceManager"),
    serviceUsage: port("serviceUsage"),
    cloudBilling: port("cloudBilling"),
    cloudFunctions: port("cloudFunctions"),
    slack: port("slack"),
    chat: port("chat"),
    github: port("github"),
  };
}

/** Ports that nobody listens on, beside those that are taken already. */
export async function findPorts(
  count: number,
  taken: readonly number[],
): Promise<readonly number[]> {
  const found: number[] = [];
  for (let index = 0; index < count; index += 1) {
    found.push(await findPort(new Set([...taken, ...found])));
  }
  return found;
}

async function findPort(taken: ReadonlySet<number>): Promise<number> {
  for (let attempt = 1; attempt <= TRIES_MAX; attempt += 1) {
    const place = randomInt(FREE_PORT_MIN / STRIDE, FREE_PORT_MAX / STRIDE);
    const port = place * STRIDE + (process.pid % STRIDE);
    if (!taken.has(port) && (await isUsable(port))) {
      return port;
    }
  }
  throw new Error("no port of 127.0.0.1 is free");
}

async function isUsable(port: number): Promise<boolean> {
  return !BLOCKED_PORTS.has(port) && (await isFreePort(port));
}

/** Whether nobody listens on the port of the loopback address. */
async function isFreePort(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(false);
    });
    server.listen(port, "127.0.0.1", () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
