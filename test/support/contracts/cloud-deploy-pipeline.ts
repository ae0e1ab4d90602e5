import { CloudDeployClient } from "@google-cloud/deploy";
import type { protos } from "@google-cloud/deploy";

import { startCloudDeploy } from "../../../emulators/cloud-deploy/server.ts";
import type { CloudDeployOptions } from "../../../emulators/cloud-deploy/server.ts";
import { googleError } from "../../../emulators/kit/google-error.ts";
import type { RunningServer } from "../../../emulators/kit/server.ts";
import { endpointOptions } from "../../../shared/adapters/grpc-endpoint.ts";
import type { PipelineRef } from "../../../shared/domain/service.ts";
import { archiveOf } from "../../emulators/cloud-deploy-setting.ts";
import { aService } from "../builders.ts";

/** How long the emulator renders a release. */
export const RENDER_MS = 100;
/** How long it runs a job. */
export const JOB_MS = 200;

/** The pipeline that `openPipeline` makes. */
export const PIPELINE: PipelineRef = {
  project: "slipway",
  location: "us-central1",
  id: "web-rollout",
};

const PARENT = `projects/${PIPELINE.project}/locations/${PIPELINE.location}`;

const SKAFFOLD = `apiVersion: skaffold/v4beta7
kind: Config
manifests:
  rawYaml: [service.yaml]
`;

const MANIFEST = `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: web
spec:
  template:
    spec:
      containers:
        - image: ${aService().image}
`;

type Stage = protos.google.cloud.deploy.v1.IStage;

const STAGES: readonly Stage[] = [
  { targetId: "plain" },
  {
    targetId: "canary",
    strategy: {
      canary: {
        runtimeConfig: { cloudRun: { automaticTrafficControl: true } },
        canaryDeployment: { percentages: [10] },
      },
    },
  },
  { targetId: "guarded" },
];

/** A running Cloud Deploy, in which a deploy can be made to fail. */
type Opened = RunningServer & {
  /** The next deploy fails, as on a runtime that refuses it. */
  readonly failNext: (message: string) => void;
};

/** Starts a Cloud Deploy with a pipeline of the targets `plain`, `canary` and `guarded`, and the archive of a service. */
export async function openPipeline(options: CloudDeployOptions): Promise<Opened> {
  const archive = await archiveOf({ "skaffold.yaml": SKAFFOLD, "service.yaml": MANIFEST });
  const services = new Set<string>();
  const failures: string[] = [];
  const server = await startCloudDeploy({
    renderMs: RENDER_MS,
    jobMs: JOB_MS,
    objects: { read: () => archive },
    runtime: {
      isThere: (name) => services.has(name),
      changeImage: () => ({}),
      sendToLatest: () => undefined,
      deploy: ({ project, location }) => {
        const failure = failures.shift();
        if (failure !== undefined) {
          throw googleError("FAILED_PRECONDITION", failure);
        }
        const service = `projects/${project}/locations/${location}/services/web`;
        services.add(service);
        return { service, revision: "web-00001", serviceUrls: [] };
      },
    },
    ...options,
  });
  const client = new CloudDeployClient(await endpointOptions(server.grpcAddress));
  for (const { targetId } of STAGES) {
    const id = targetId ?? "";
    const run = { location: `projects/web-${id}/locations/us-central1` };
    const target = { run, requireApproval: id === "guarded" };
    await client.createTarget({ parent: PARENT, targetId: id, target });
  }
  await client.createDeliveryPipeline({
    parent: PARENT,
    deliveryPipelineId: PIPELINE.id,
    deliveryPipeline: { serialPipeline: { stages: [...STAGES] } },
  });
  await client.close();
  return { ...server, failNext: (message) => failures.push(message) };
}
