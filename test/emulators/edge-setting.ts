import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { OpenAddress } from "../../emulators/edge/address.ts";
import type { EdgeService } from "../../emulators/edge/admission.ts";
import { type Door, type RunningEdge, startEdge } from "../../emulators/edge/server.ts";
import { startIdentity, type Identity } from "../../emulators/identity/server.ts";
import type { Access } from "../../emulators/kit/access.ts";
import { manualClock, type ManualClock } from "../support/manual-clock.ts";

export const PROJECT = "acme";
export const URL_OF_WEB = "https://web-abc.a.run.app";
export const GCLOUD = "32555940559.apps.googleusercontent.com";
export const ANN = "ann@example.com";
export const CI = `ci@${PROJECT}.iam.gserviceaccount.com`;

/** What an instance does with a request. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** The front with one service behind it, whose instance is in this process. */
export type EdgeSetting = {
  readonly clock: ManualClock;
  readonly identity: Identity;
  readonly edge: RunningEdge;
  /** Who may invoke the service; null is everybody. */
  readonly invokers: Set<string | null>;
  /** What the instance was asked, in order. */
  readonly seen: IncomingMessage[];
  readonly open: (parts?: {
    readonly service?: Partial<EdgeService>;
    readonly serving?: Door["serving"];
    readonly handler?: Handler;
  }) => Promise<OpenAddress>;
  readonly mint: (parts?: Partial<Parameters<Identity["mint"]>[0]>) => Promise<string>;
  readonly close: () => Promise<void>;
};

const WEB: EdgeService = {
  name: `projects/${PROJECT}/locations/us-central1/services/web`,
  ingress: "all",
  isInvokerChecked: true,
  audiences: [URL_OF_WEB, "https://web-123.us-central1.run.app", "web"],
};

/** Starts it with Ann and CI as those who may invoke. */
export async function openEdge(): Promise<EdgeSetting> {
  const clock = manualClock();
  const identity = await startIdentity({ clock });
  const invokers = new Set<string | null>([`user:${ANN}`, `serviceAccount:${CI}`]);
  const access: Access = {
    allows: ({ member, permission, resource }) =>
      permission === "run.routes.invoke" && resource === WEB.name && invokers.has(member),
  };
  const edge = startEdge({ issuer: identity, access, clock });
  const seen: IncomingMessage[] = [];
  const instances: (() => void)[] = [];
  return {
    clock,
    identity,
    edge,
    invokers,
    seen,
    open: async ({ service = {}, serving, handler = answerWell } = {}) => {
      const instance = createServer((request, response) => {
        seen.push(request);
        handler(request, response);
      });
      instance.listen(0, "127.0.0.1");
      await once(instance, "listening");
      instances.push(() => {
        instance.close();
        instance.closeAllConnections();
      });
      return edge.open({
        service: { ...WEB, ...service },
        instancePort: portOf(instance),
        ...(serving === undefined ? {} : { serving }),
      });
    },
    mint: async (parts = {}) => identity.mint({ email: ANN, audience: URL_OF_WEB, ...parts }),
    close: async () => {
      await edge.close();
      instances.forEach((end) => {
        end();
      });
      await identity.close();
    },
  };
}

/** The port of a server that listens. */
export function portOf(server: { readonly address: () => unknown }): number {
  const address = server.address();
  return typeof address === "object" && address !== null && "port" in address
    ? Number(address.port)
    : 0;
}

function answerWell(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  request.once("end", () => {
    response.setHeader("x-from", "instance");
    response.end("well");
  });
}
