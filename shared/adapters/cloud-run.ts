import type { JobsClient, protos, RevisionsClient, ServicesClient } from "@google-cloud/run";

import type { Environment } from "../domain/service.ts";
import type { RunningView } from "../domain/running.ts";
import type { Runtime } from "../ports/runtime.ts";
import { endpointOptions, lazily, ONE_CALL } from "./grpc-endpoint.ts";
import type { GrpcEndpoint } from "./grpc-endpoint.ts";
import { callOutside, nullWhenMissing } from "./outside-call.ts";

type RunService = protos.google.cloud.run.v2.IService;
type IContainer = protos.google.cloud.run.v2.IContainer;
type IJob = protos.google.cloud.run.v2.IJob;
type Traffic = protos.google.cloud.run.v2.ITrafficTargetStatus;

/** The clients of Cloud Run's services, made when they are first needed. */
export type CloudRunClients = () => Promise<{
  readonly services: ServicesClient;
  readonly revisions: RevisionsClient;
  readonly jobs: JobsClient;
}>;

/** Opens Cloud Run's services. */
export function openCloudRun(endpoint: GrpcEndpoint): CloudRunClients {
  return lazily(async () => {
    const library = await import("@google-cloud/run");
    const settings = await endpointOptions(endpoint);
    return {
      services: new library.ServicesClient(settings),
      revisions: new library.RevisionsClient(settings),
      jobs: new library.JobsClient(settings),
    };
  });
}

/**
 * Cloud Run through its own client.
 * Source: https://cloud.google.com/run/docs/reference/rpc/google.cloud.run.v2
 */
export function cloudRun(options: { readonly endpoint: GrpcEndpoint }): Runtime {
  const clients = openCloudRun(options.endpoint);
  async function imageIn(name: string): Promise<string> {
    const [revision] = await callOutside(name, async () =>
      (await clients()).revisions.getRevision({ name }, ONE_CALL),
    );
    return imageOf(revision.containers ?? []) ?? "an image that its revision does not name";
  }
  async function read(name: string): Promise<RunningView> {
    const [service] = await callOutside(name, async () =>
      (await clients()).services.getService({ name }, ONE_CALL),
    );
    const serving = servingRevisions(name, service);
    const shares = new Map<string, number>();
    for (const [revision, percent] of serving) {
      const image = await imageIn(revision);
      shares.set(image, (shares.get(image) ?? 0) + percent);
    }
    const images = [...shares].map(([image, percent]) => ({ image, percent }));
    return {
      images: images.toSorted((one, other) => other.percent - one.percent),
      by: whoOf(service),
    };
  }
  async function readJob(name: string): Promise<RunningView> {
    const [job] = await callOutside(name, async () =>
      (await clients()).jobs.getJob({ name }, ONE_CALL),
    );
    const image = imageOf(job.template?.template?.containers ?? []);
    return { images: image === null ? [] : [{ image, percent: 100 }], by: whoOf(job) };
  }
  return {
    running: async (environment) => {
      const name = serviceName(environment);
      const service = await nullWhenMissing(() => read(name));
      // What is no service may be a job of the same name: what it says is what its next run does.
      const jobName = name.replace("/services/", "/jobs/");
      const job = service === null ? await nullWhenMissing(() => readJob(jobName)) : null;
      return service ?? job ?? { images: [], by: null };
    },
  };
}

/** How many revisions that share the traffic are looked at. */
const REVISIONS_MAX = 10;

/** The full name of each revision that gets traffic, with its share. */
function servingRevisions(name: string, service: RunService): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  for (const target of service.trafficStatuses ?? []) {
    const full = revisionOf(name, service, target);
    const share = (shares.get(full) ?? 0) + (target.percent ?? 0);
    if (share > 0 && full !== "") {
      shares.set(full, share);
    }
  }
  const sorted = [...shares].toSorted((one, other) => other[1] - one[1]);
  return new Map(sorted.slice(0, REVISIONS_MAX));
}

function revisionOf(name: string, service: RunService, { type, revision }: Traffic): string {
  const short = revision ?? "";
  const isLatest = type === "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST" || short === "";
  return isLatest ? (service.latestReadyRevision ?? "") : `${name}/revisions/${short}`;
}

/** Who changed the service last, and with which client, as far as it says. */
function whoOf({ lastModifier, client, clientVersion }: RunService | IJob): string | null {
  const by = [client ?? "", clientVersion ?? ""].filter((text) => text !== "").join(" ");
  const told = [lastModifier ?? "", by === "" ? "" : `with ${by}`].filter((text) => text !== "");
  return told.length === 0 ? null : told.join(" ");
}

/** The container that takes requests: the one with a port, or else the first. */
export function servingContainer(containers: readonly IContainer[]): IContainer {
  return containers.find(({ ports }) => (ports ?? []).length > 0) ?? containers[0] ?? {};
}

function imageOf(containers: readonly IContainer[]): string | null {
  const image = servingContainer(containers).image ?? "";
  return image === "" ? null : image;
}

/** The full name of the service that runs in an environment. */
export function serviceName({ project, region, runService }: Environment): string {
  return `projects/${project}/locations/${region}/services/${runService}`;
}
