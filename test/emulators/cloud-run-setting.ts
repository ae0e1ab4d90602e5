import { ExecutionsClient, JobsClient, type protos } from "@google-cloud/run";
import { RevisionsClient, ServicesClient } from "@google-cloud/run";
import * as grpc from "@grpc/grpc-js";
import { expect } from "vitest";

import {
  type CloudRunOptions,
  type RunningCloudRun,
  startCloudRun,
} from "../../emulators/cloud-run/server.ts";
import { type ManualClock, manualClock } from "../support/manual-clock.ts";
import type { CatalogImage, ImageCatalog } from "../../emulators/kit/image-catalog.ts";

process.env["METADATA_SERVER_DETECTION"] = "none";

export const PARENT = "projects/acme-prod/locations/us-central1";
export const API = `${PARENT}/services/api`;
export const REPOSITORY = "us-central1-docker.pkg.dev/acme-prod/apps/api";
export const READY_MS = 500;
export const TASK_MS = 1000;

export type IService = protos.google.cloud.run.v2.IService;
export type IRevision = protos.google.cloud.run.v2.IRevision;
export type IExecution = protos.google.cloud.run.v2.IExecution;
export type ICondition = protos.google.cloud.run.v2.ICondition;
export type ITemplate = protos.google.cloud.run.v2.IRevisionTemplate;

/** A registry in memory: tags can move, as those of a real one. */
export type Registry = ImageCatalog & {
  /** Gives an image a tag; the digest is made of one letter, so that it is easy to tell. */
  readonly push: (
    tag: string,
    letter: string,
    config?: Partial<CatalogImage["config"]> & Pick<CatalogImage, "runsOn">,
  ) => string;
};

/** The digest made of one letter. */
export function digestOf(letter: string): string {
  return `sha256:${letter.repeat(64)}`;
}

/** An empty registry of the one repository `REPOSITORY`. */
export function createRegistry(): Registry {
  const images = new Map<string, Pick<CatalogImage, "config" | "runsOn">>();
  const tags = new Map<string, string>();
  return {
    push: (tag, letter, { runsOn, ...config } = {}) => {
      images.set(digestOf(letter), { config: { env: [], labels: {}, ...config }, runsOn });
      tags.set(tag, digestOf(letter));
      return `${REPOSITORY}:${tag}`;
    },
    find: (reference) => {
      const rest = reference.slice(REPOSITORY.length);
      const digest = rest.startsWith("@") ? rest.slice(1) : (tags.get(rest.slice(1)) ?? "");
      const image = images.get(digest);
      const own = [...tags].flatMap(([tag, tagged]) => (tagged === digest ? [tag] : []));
      return image === undefined ? null : { digest, tags: own, ...image };
    },
  };
}

/** An emulator with a registry, a manual clock, and the real clients over gRPC. */
export type Setting = {
  readonly clock: ManualClock;
  readonly registry: Registry;
  readonly server: RunningCloudRun;
  readonly services: ServicesClient;
  readonly revisions: RevisionsClient;
  readonly jobs: JobsClient;
  readonly executions: ExecutionsClient;
  readonly close: () => Promise<void>;
};

/** How a test starts it; null for no registry at all. */
export type OpenOptions = Pick<CloudRunOptions, "persistence" | "jobMs"> & {
  readonly clock?: ManualClock;
  readonly registry?: Registry | null;
};

/** Starts it all. */
export async function openCloudRun(options: OpenOptions = {}): Promise<Setting> {
  const { clock = manualClock(), persistence, jobMs } = options;
  const registry = options.registry ?? createRegistry();
  const server = await startCloudRun({
    clock,
    persistence,
    images: options.registry === null ? undefined : registry,
    readyMs: READY_MS,
    jobMs,
    taskMs: TASK_MS,
  });
  const address = {
    apiEndpoint: "127.0.0.1",
    port: server.port,
    projectId: "acme-prod",
    sslCreds: grpc.credentials.createInsecure(),
  };
  const clients = {
    services: new ServicesClient(address),
    revisions: new RevisionsClient(address),
    jobs: new JobsClient(address),
    executions: new ExecutionsClient(address),
  };
  return {
    clock,
    registry,
    server,
    ...clients,
    close: async () => {
      await Promise.all(Object.values(clients).map((client) => client.close()));
      await server.close();
    },
  };
}

/** A template with one container. */
export function template(image: string, more: ITemplate = {}): ITemplate {
  return { containers: [{ image }], ...more };
}

/** Creates the service `api` and waits until it is settled. */
export async function createApi(setting: Setting, service: IService): Promise<IService> {
  await setting.services.createService({ parent: PARENT, serviceId: "api", service });
  await setting.clock.advance(READY_MS);
  return readApi(setting);
}

/** Updates the service `api` and waits until it is settled. */
export async function updateApi(
  setting: Setting,
  service: IService,
  ...paths: readonly string[]
): Promise<IService> {
  const updateMask = paths.length > 0 ? { paths: [...paths] } : null;
  await setting.services.updateService({ service: { name: API, ...service }, updateMask });
  await setting.clock.advance(READY_MS);
  return readApi(setting);
}

/** The service `api` as it is. */
export async function readApi(setting: Setting): Promise<IService> {
  const [service] = await setting.services.getService({ name: API });
  return service;
}

/** The revisions of the service `api`, newest first. */
export async function readRevisions(setting: Setting): Promise<readonly IRevision[]> {
  const [revisions] = await setting.revisions.listRevisions({ parent: API });
  return revisions;
}

/** One condition of a resource. */
export function condition(
  conditions: readonly ICondition[] | null | undefined,
  type: string,
): ICondition | undefined {
  return (conditions ?? []).find((one) => one.type === type);
}

/** Matches any text that has a part; typed, as `expect.stringContaining` is not. */
export function textWith(part: string): unknown {
  return expect.stringContaining(part);
}

/** What is answered under a path of the service `api`. */
export async function request(
  setting: Setting,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ readonly status: number; readonly text: string; readonly headers: Headers }> {
  const url = `${setting.server.url}/acme-prod/us-central1/api${path}`;
  const response = await fetch(url, { headers });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

/** How often each version answers, in so many requests. */
export async function countVersions(
  setting: Setting,
  requests: number,
): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (let sent = 0; sent < requests; sent += 1) {
    const { text } = await request(setting, "/-/version");
    counts[text] = (counts[text] ?? 0) + 1;
  }
  return counts;
}
