import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";

import { CloudDeployClient, type protos } from "@google-cloud/deploy";
import * as grpc from "@grpc/grpc-js";
import { pack } from "tar-stream";

import { type CloudDeployOptions, startCloudDeploy } from "../../emulators/cloud-deploy/server.ts";
import { type ManualClock, manualClock } from "../support/manual-clock.ts";
import { googleError } from "../../emulators/kit/google-error.ts";
import { isRecord } from "../../emulators/kit/json.ts";
import type { RunningServer } from "../../emulators/kit/server.ts";
import type { DeployRequest, ImageChange, Runtime } from "../../emulators/kit/runtime.ts";

/** The project of these tests. */
export const PROJECT = { id: "acme", number: "123456789012" };
/** Names as requests have them, with the project's id. */
export const PARENT = "projects/acme/locations/us-central1";
/** The pipeline of these tests. */
export const PIPELINE = `${PARENT}/deliveryPipelines/api`;
/** Names as the service returns them, with the project's number. */
export const NUMBERED = "projects/123456789012/locations/us-central1";

/** Where the archive of `FILES` is. */
export const ARCHIVE = "gs://acme-source/source.tar.gz";
/** An image that the runtime of these tests refuses. */
export const BROKEN = "repo/broken:1";
/** What a release puts in for the image `api`. */
export const IMAGE = `us-central1-docker.pkg.dev/acme/apps/api@sha256:${"6e".repeat(32)}`;
/** How long a render takes, in milliseconds. */
export const RENDER_MS = 100;
/** How long a job takes, in milliseconds. */
export const JOB_MS = 100;

/** The client's own types, under short names. */
export type Stage = protos.google.cloud.deploy.v1.IStage;
export type Target = protos.google.cloud.deploy.v1.ITarget;
export type Rollout = protos.google.cloud.deploy.v1.IRollout;
export type Phase = protos.google.cloud.deploy.v1.IPhase;
export type Release = protos.google.cloud.deploy.v1.IRelease;

/** A Cloud Run service. */
export const SERVICE_YAML = `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: api
spec:
  template:
    spec:
      containers:
        - image: api
`;

/** A configuration with a custom action and a profile. */
export const SKAFFOLD_YAML = `apiVersion: skaffold/v4beta7
kind: Config
manifests:
  rawYaml: [service.yaml]
customActions:
  - name: announce
    containers: [{name: announce, image: announce}]
profiles:
  - name: prod
    manifests:
      rawYaml: [prod/*.yaml]
`;

/** The files of the archive. */
export const FILES: Readonly<Record<string, string>> = {
  "skaffold.yaml": SKAFFOLD_YAML,
  "service.yaml": SERVICE_YAML,
  "prod/service.yaml": SERVICE_YAML.replace("template:", "template:\n    # production"),
};

/** A published notification: its topic's last part and its attributes. */
export type Notification = { readonly topic: string } & Readonly<Record<string, string>>;

/** What a test works with. */
export type Setting = {
  readonly server: RunningServer;
  readonly clock: ManualClock;
  readonly client: CloudDeployClient;
  /** What was published so far, oldest first. */
  readonly notifications: Notification[];
  /** What the runtime was asked to deploy. */
  readonly deploys: DeployRequest[];
  /** The images that it was asked to change, and where all traffic was sent to the newest revision. */
  readonly changes: (ImageChange | string)[];
  /** Archives by URI; one may be put there at any time. */
  readonly objects: Map<string, Uint8Array>;
  readonly close: () => Promise<void>;
};

/** A gzipped tar of these files; one without text is left out. */
export async function archiveOf(
  files: Readonly<Record<string, string | undefined>>,
): Promise<Uint8Array> {
  const tar = pack();
  for (const [name, text] of Object.entries(files)) {
    if (text !== undefined) {
      tar.entry({ name }, text);
    }
  }
  tar.finalize();
  return gzipSync(await buffer(tar));
}

function nameOf(manifest: unknown): string {
  const metadata = isRecord(manifest) ? manifest["metadata"] : undefined;
  return isRecord(metadata) ? String(metadata["name"]) : "";
}

/** A runtime that makes revisions in memory and refuses images whose name has `broken` in it. */
function memoryRuntime(deploys: DeployRequest[], changes: (ImageChange | string)[]): Runtime {
  const services = new Set<string>();
  return {
    isThere: (name) => services.has(name),
    changeImage: (change) => {
      changes.push(change);
      return { service: change.name, revision: "changed", serviceUrls: [] };
    },
    sendToLatest: (name) => {
      changes.push(name);
    },
    deploy: (request) => {
      if (JSON.stringify(request.manifest).includes("broken")) {
        throw googleError(
          "FAILED_PRECONDITION",
          "Revision is not ready: the container failed to start",
        );
      }
      deploys.push(request);
      const name = nameOf(request.manifest);
      const service = `projects/${request.project}/locations/${request.location}/services/${name}`;
      services.add(service);
      return {
        service,
        revision: `${name}-${String(deploys.length).padStart(5, "0")}`,
        serviceUrls: [`https://${name}.run.example`],
      };
    },
  };
}

/** Starts the emulator with an archive of `FILES`, and a client over gRPC. */
export async function openCloudDeploy(options: CloudDeployOptions = {}): Promise<Setting> {
  const clock = manualClock();
  const notifications: Notification[] = [];
  const deploys: DeployRequest[] = [];
  const changes: (ImageChange | string)[] = [];
  const objects = new Map([[ARCHIVE, await archiveOf(FILES)]]);
  const server = await startCloudDeploy({
    clock,
    projects: [PROJECT],
    renderMs: RENDER_MS,
    jobMs: JOB_MS,
    objects: { read: (uri) => objects.get(uri) ?? null },
    runtime: memoryRuntime(deploys, changes),
    publisher: {
      publish: (topic, message) => {
        notifications.push({ topic: topic.split("/topics/")[1] ?? topic, ...message.attributes });
      },
    },
    ...options,
  });
  const client = clientOf(server);
  return {
    server,
    clock,
    client,
    notifications,
    deploys,
    changes,
    objects,
    close: async () => {
      await client.close();
      await server.close();
    },
  };
}

/** The real client, pointed at the emulator over gRPC. */
export function clientOf(server: RunningServer): CloudDeployClient {
  return new CloudDeployClient({
    apiEndpoint: "127.0.0.1",
    port: server.port,
    projectId: PROJECT.id,
    sslCreds: grpc.credentials.createInsecure(),
  });
}

/** A Cloud Run target. */
export function runTarget(more: Target = {}): Target {
  return { run: { location: "projects/acme-prod/locations/us-central1" }, ...more };
}

/** Creates targets, one per stage unless given, and the pipeline `api` over these stages. */
export async function createPipeline(
  { client }: Setting,
  stages: readonly Stage[],
  targets: Readonly<Record<string, Target>> = {},
): Promise<void> {
  for (const { targetId } of stages) {
    const id = targetId ?? "";
    await client.createTarget({ parent: PARENT, targetId: id, target: targets[id] ?? runTarget() });
  }
  await client.createDeliveryPipeline({
    parent: PARENT,
    deliveryPipelineId: "api",
    deliveryPipeline: { serialPipeline: { stages: [...stages] } },
  });
}

/** Creates a release of the archive; it is rendered when the clock has moved by `RENDER_MS`. */
export async function createRelease(
  { client }: Setting,
  releaseId: string,
  more: Release = {},
): Promise<void> {
  const release = {
    skaffoldConfigUri: ARCHIVE,
    buildArtifacts: [{ image: "api", tag: IMAGE }],
    ...more,
  };
  await client.createRelease({ parent: PIPELINE, releaseId, release });
}

/** Creates and renders a release. */
export async function renderedRelease(
  setting: Setting,
  releaseId: string,
  more: Release = {},
): Promise<void> {
  await createRelease(setting, releaseId, more);
  await setting.clock.advance(RENDER_MS);
}

/** Creates the rollout `<release>-to-<target>` and returns its name. */
export async function createRollout(
  { client }: Setting,
  { release, target }: { readonly release: string; readonly target: string },
  startingPhaseId = "",
): Promise<string> {
  const parent = `${PIPELINE}/releases/${release}`;
  const rolloutId = `${release}-to-${target}`;
  await client.createRollout({ parent, rolloutId, rollout: { targetId: target }, startingPhaseId });
  return `${parent}/rollouts/${rolloutId}`;
}

/** The rollout at present. */
export async function read({ client }: Setting, name: string): Promise<Rollout> {
  const [rollout] = await client.getRollout({ name });
  return rollout;
}

/** The state of a rollout. */
export async function stateOf(setting: Setting, name: string): Promise<string> {
  return String((await read(setting, name)).state);
}

/** `phase: STATE (deploy STATE)` for every phase of a rollout. */
export async function phasesOf(setting: Setting, name: string): Promise<readonly string[]> {
  const { phases } = await read(setting, name);
  return (phases ?? []).map(describePhase);
}

function describePhase({ id, state, deploymentJobs }: Phase): string {
  const job = deploymentJobs?.deployJob;
  return `${String(id)}: ${String(state)} (${String(job?.id)} ${String(job?.state)})`;
}

/** The status name that a call is refused with, or `OK`. */
export async function statusOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "OK";
  } catch (error) {
    const code = error instanceof Error && "code" in error ? Number(error.code) : -1;
    return grpc.status[code] ?? String(error);
  }
}
