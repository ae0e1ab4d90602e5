import { startIdentity } from "../../emulators/identity/server.ts";
import { apiFunction } from "../../functions/api.ts";
import type { Wiring } from "../../functions/wiring.ts";
import { callerReader } from "../../shared/adapters/caller.ts";
import { systemClock } from "../../shared/adapters/system-clock.ts";
import { readConfig } from "../../shared/config.ts";
import { deliverWork } from "./deliver-work.ts";
import type { Ports } from "../../shared/ports/ports.ts";
import { serveFunction } from "./function-server.ts";
import { memoryPorts } from "./memory-ports.ts";
import type { MemoryPorts } from "./memory-ports.ts";

/** Who may do what in these tests. */
export const PEOPLE = {
  viewer: "vera@example.com",
  deployer: "dana@example.com",
  approver: "abby@example.com",
  oncall: "oli@example.com",
  stranger: "sam@example.org",
} as const;

/** The audience that the API accepts. */
export const AUDIENCE = "https://api.example.com";

/** An answer of the API. */
export type Answer = { readonly status: number; readonly body: unknown; readonly headers: Headers };

/** The API on ports in memory, with an issuer of tokens. */
export type ApiWorld = {
  readonly memory: MemoryPorts;
  readonly wiring: Wiring;
  readonly url: string;
  /** Makes a call as somebody; `body` is sent as JSON. */
  readonly call: (who: keyof typeof PEOPLE, line: string, body?: unknown) => Promise<Answer>;
  /** The same as whoever has an address. */
  readonly callAs: (email: string, line: string, body?: unknown) => Promise<Answer>;
  readonly mint: (request: {
    readonly email: string;
    readonly audience?: string;
    readonly lifetimeSeconds?: number;
    readonly claims?: Readonly<Record<string, unknown>>;
  }) => Promise<string>;
  readonly close: () => Promise<void>;
};

let count = 0;

/** Serves the API on a world in memory; `variables` are added to its configuration. */
export async function startApiWorld(
  variables: Readonly<Record<string, string>> = {},
): Promise<ApiWorld> {
  const identity = await startIdentity();
  const memory = memoryPorts();
  const config = readConfig({
    SLIPWAY_PROJECT: "slipway",
    SLIPWAY_VIEWERS: `user:${PEOPLE.viewer}`,
    SLIPWAY_DEPLOYERS: `user:${PEOPLE.deployer}`,
    SLIPWAY_APPROVERS: `user:${PEOPLE.approver}`,
    SLIPWAY_ONCALL: `user:${PEOPLE.oncall}`,
    SLIPWAY_ISSUERS: identity.issuer,
    SLIPWAY_JWKS_URL: `${identity.url}/certs`,
    SLIPWAY_AUDIENCES: AUDIENCE,
    SLIPWAY_PUSH_ACCOUNTS: "push@slipway.iam.gserviceaccount.com",
    ...variables,
  });
  const readCaller = callerReader({ ...config.identity, clock: systemClock() });
  // What the API decides is done a moment later, whether or not it has answered by then.
  let work = Promise.resolve();
  const wake: Ports["work"]["wake"] = async (wakeUp) => {
    await memory.ports.work.wake(wakeUp);
    work = work.then(async () => deliverWork(memory));
  };
  const wiring: Wiring = { config, ports: { ...memory.ports, work: { wake } }, readCaller };
  count += 1;
  const server = await serveFunction(
    `api-${count}`,
    apiFunction(async () => wiring),
  );
  const mint: ApiWorld["mint"] = async ({ audience = AUDIENCE, ...request }) =>
    identity.mint({ ...request, audience });
  const callAs: ApiWorld["callAs"] = async (email, line, body) => {
    const [method = "GET", path = "/"] = line.split(" ");
    const token = await mint({ email });
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    await work;
    return { status: response.status, body: answer, headers: response.headers };
  };
  return {
    memory,
    wiring,
    url: server.url,
    mint,
    callAs,
    call: async (who, line, body) => callAs(PEOPLE[who], line, body),
    close: async () => {
      await server.close();
      await identity.close();
    },
  };
}
