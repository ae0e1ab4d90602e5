import type { protos, RevisionsClient, ServicesClient } from "@google-cloud/run";

import type { Environment } from "../domain/service.ts";
import type { Runtime } from "../ports/runtime.ts";
import { statusOf } from "./google-errors.ts";
import { endpointOptions, lazily, ONE_CALL } from "./grpc-endpoint.ts";
import type { GrpcEndpoint } from "./grpc-endpoint.ts";
import { callOutside } from "./outside-call.ts";

type RunService = protos.google.cloud.run.v2.IService;
type IContainer = protos.google.cloud.run.v2.IContainer;
type Revision = protos.google.cloud.run.v2.IRevision;

/** The clients of Cloud Run's services, made when they are first needed. */
export type CloudRunClients = () => Promise<{
  readonly services: ServicesClient;
  readonly revisions: RevisionsClient;
}>;

/** Opens Cloud Run's services. */
export function openCloudRun(endpoint: GrpcEndpoint): CloudRunClients {
  return lazily(async () => {
    const library = await import("@google-cloud/run");
    const settings = await endpointOptions(endpoint);
    return {
      services: new library.ServicesClient(settings),
      revisions: new library.RevisionsClient(settings),
    };
  });
}

/**
 * Cloud Run through its own client.
 * Source: https://cloud.google.com/run/docs/reference/rpc/google.cloud.run.v2
 */
export function cloudRun(options: { readonly endpoint: GrpcEndpoint }): Runtime {
  const clients = openCloudRun(options.endpoint);
  async function read(name: string): Promise<string | null> {
    const [service] = await callOutside(name, async () =>
      (await clients()).services.getService({ name }, ONE_CALL),
    );
    const serving = servingRevision(name, service);
    if (serving === null) {
      return null;
    }
    const [revision] = await callOutside(serving, async () =>
      (await clients()).revisions.getRevision({ name: serving }, ONE_CALL),
    );
    return imageOf(revision);
  }
  return {
    runningImage: async (environment) => {
      try {
        return await read(serviceName(environment));
      } catch (error) {
        if (statusOf(error) === "NOT_FOUND") {
          return null;
        }
        throw error;
      }
    },
  };
}

/** The full name of the revision that gets most of the traffic, or null. */
function servingRevision(name: string, service: RunService): string | null {
  const statuses = (service.trafficStatuses ?? []).filter(({ percent }) => (percent ?? 0) > 0);
  const [most] = statuses.toSorted((one, other) => (other.percent ?? 0) - (one.percent ?? 0));
  if (most === undefined) {
    return null;
  }
  const revision = most.revision ?? "";
  const isLatest = most.type === "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST" || revision === "";
  const serving = isLatest ? (service.latestReadyRevision ?? "") : `${name}/revisions/${revision}`;
  return serving === "" ? null : serving;
}

/** The container that takes requests: the one with a port, or else the first. */
export function servingContainer(containers: readonly IContainer[]): IContainer {
  return containers.find(({ ports }) => (ports ?? []).length > 0) ?? containers[0] ?? {};
}

function imageOf(revision: Revision): string | null {
  const image = servingContainer(revision.containers ?? []).image ?? "";
  return image === "" ? null : image;
}

/** The full name of the service that runs in an environment. */
export function serviceName({ project, region, runService }: Environment): string {
  return `projects/${project}/locations/${region}/services/${runService}`;
}
