import type { Front, ServingFunction } from "../../emulators/cloud-functions/functions.ts";
import type { Ingress } from "../../emulators/edge/admission.ts";
import type { OpenAddress } from "../../emulators/edge/address.ts";
import type { Door, RunningEdge } from "../../emulators/edge/server.ts";

/** What leads callers to the functions. */
export type FunctionFront = Front & {
  /** Where an address in the world is on this machine: a function's at its front; null for one that is nowhere. */
  readonly reach: (address: string) => string | null;
};

/** Ingress as Cloud Functions names it. Source: https://cloud.google.com/functions/docs/networking/network-settings */
const INGRESSES: ReadonlyMap<string, Ingress> = new Map([
  ["ALLOW_INTERNAL_ONLY", "internal"],
  ["ALLOW_INTERNAL_AND_GCLB", "internal-and-cloud-load-balancing"],
]);

const LOOPBACK = /^http:\/\/127\.0\.0\.1[:/]/;

/** A function's door, and how it serves now. */
type Opened = { serving: ServingFunction; readonly door: OpenAddress };

/**
 * Puts each function behind the front once it serves, under the port that its callers know; 0 takes a free one. A
 * new instance takes the place of the one before without a moment in which nobody answers.
 */
export function functionFront(
  edge: () => RunningEdge,
  portOf: (id: string) => number,
): FunctionFront {
  const opened = new Map<string, Opened>();
  return {
    serve: async (serving) => {
      const there = opened.get(serving.name);
      if (there !== undefined) {
        there.serving = serving;
        return;
      }
      const id = serving.name.split("/").at(-1) ?? "";
      const now = (): ServingFunction => opened.get(serving.name)?.serving ?? serving;
      const door = await edge().open(doorOf(now, portOf(id)));
      opened.set(serving.name, { serving, door });
    },
    end: async (name) => {
      const there = opened.get(name);
      opened.delete(name);
      await there?.door.close();
    },
    reach: (address) =>
      [...opened.values()].find(({ serving }) => serving.urls.includes(address))?.door.url ??
      (LOOPBACK.test(address) ? address : null),
  };
}

/** A door whose instance and ingress are those of the moment. Whom it lets in, the policies say. */
function doorOf(now: () => ServingFunction, port: number): Door {
  const { config } = now();
  return {
    get service() {
      const { name, urls, config: own } = now();
      const local = port === 0 ? [] : [`http://127.0.0.1:${port}`];
      return {
        name: name.replace("/functions/", "/services/"),
        ingress: INGRESSES.get(own.ingressSettings ?? "") ?? "all",
        // Identity-Aware Proxy checks who comes to the pages; here a page asks.
        isInvokerChecked: !name.endsWith("/functions/web"),
        audiences: [...urls, ...local],
      };
    },
    get instancePort() {
      return Number(now().address.split(":").at(-1));
    },
    serving: {
      timeoutMs: (config.timeoutSeconds ?? DEFAULTS.timeoutSeconds) * 1000,
      concurrency: config.maxInstanceRequestConcurrency ?? DEFAULTS.concurrency,
      instancesMax: config.maxInstanceCount ?? DEFAULTS.instancesMax,
    },
    port,
  };
}

/** Source: https://cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions#ServiceConfig */
const DEFAULTS = { timeoutSeconds: 60, concurrency: 1, instancesMax: 100 };
