import type { protos } from "@google-cloud/run";

import type { Environment } from "../domain/service.ts";
import type { Runtime } from "../ports/runtime.ts";
import { statusOf } from "./google-errors.ts";
import { endpointOptions, lazily, ONE_CALL } from "./grpc-endpoint.ts";
import type { GrpcEndpoint } from "./grpc-endpoint.ts";
import { callOutside } from "./outside-call.ts";

type RunService = protos.google.cloud.run.v2.IService;
type Revision = protos.google.cloud.run.v2.IRevision;

/**
 * Cloud Run through its own client.
 * Source: https://cloud.google.com/run/docs/reference/rpc/google.cloud.run.v2
 */
export function cloudRun(options: { readonly endpoint: GrpcEndpoint }): Runtime {
  const clients = lazily(async () => {
    const { RevisionsClient, ServicesClient } = await import("@google-cloud/run");
    const settings = await endpointOptions(options.endpoint);
    return { services: new ServicesClient(settings), revisions: new RevisionsClient(settings) };
  });
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

/** The image of the container that takes requests: the one with a port, or else the first. */
function imageOf(revision: Revision): string | null {
  const containers = revision.containers ?? [];
  const serving = containers.find(({ ports }) => (ports ?? []).length > 0) ?? containers[0];
  const image = serving?.image ?? "";
  return image === "" ? null : image;
}

function serviceName({ project, region, runService }: Environment): string {
  return `projects/${project}/locations/${region}/services/${runService}`;
}
