import { ServicesClient } from "@google-cloud/run";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { startCloudRun } from "../../emulators/cloud-run/server.ts";
import type { RunningCloudRun } from "../../emulators/cloud-run/server.ts";
import { manualClock } from "../support/manual-clock.ts";
import type { ManualClock } from "../support/manual-clock.ts";
import { cloudRun, serviceName } from "../../shared/adapters/cloud-run.ts";
import { endpointOptions } from "../../shared/adapters/grpc-endpoint.ts";
import type { Environment } from "../../shared/domain/service.ts";
import type { Runtime } from "../../shared/ports/runtime.ts";
import { aDigest, anEnvironment, aService } from "../support/builders.ts";
import { runtimeContract } from "../support/contracts/runtime-contract.ts";
import { memoryPorts } from "../support/memory-ports.ts";

const IMAGE = aService().image;
const OLD = `${IMAGE}@${aDigest(1)}`;
const NEW = `${IMAGE}@${aDigest(2)}`;
const NEWER = `${IMAGE}@${aDigest(3)}`;

runtimeContract("in memory", async () => {
  const { ports, world } = memoryPorts();
  return {
    runtime: ports.runtime,
    deploy: async ({ pipeline, target }, image) => {
      world.cloudDeploy.running.set(`${pipeline.id}/${target}`, image);
    },
    close: async () => {},
  };
});

runtimeContract("through its client", async () => {
  const clock = manualClock();
  const server = await startCloudRun({ clock });
  return {
    runtime: cloudRun({ endpoint: server.grpcAddress }),
    deploy: async (environment, image) => {
      deploy(server, environment, { image, percentage: 100 });
    },
    close: server.close,
  };
});

describe("a Cloud Run service", () => {
  const dev = anEnvironment("dev");
  let clock: ManualClock;
  let server: RunningCloudRun;
  let runtime: Runtime;
  beforeEach(async () => {
    clock = manualClock();
    server = await startCloudRun({ clock });
    runtime = cloudRun({ endpoint: server.grpcAddress });
  });
  afterEach(async () => server.close());

  test("with a canary runs both, each with its share", async () => {
    deploy(server, dev, { image: OLD, percentage: 100 });
    deploy(server, dev, { image: NEW, percentage: 10 });
    expect((await runtime.running(dev)).images).toEqual([
      { image: OLD, percent: 90 },
      { image: NEW, percent: 10 },
    ]);
    deploy(server, dev, { image: NEWER, percentage: 60 });
    expect((await runtime.running(dev)).images).toEqual([
      { image: NEWER, percent: 60 },
      { image: OLD, percent: 40 },
    ]);
  });

  test("whose traffic goes to the latest revision runs the latest that is ready, by the container with a port", async () => {
    const client = new ServicesClient(await endpointOptions(server.grpcAddress));
    const parent = `projects/${dev.project}/locations/${dev.region}`;
    const containers = [
      { name: "proxy", image: NEW },
      { name: "web", image: OLD, ports: [{ containerPort: 8080 }] },
    ];
    await client.createService({
      parent,
      serviceId: dev.runService,
      service: { template: { containers } },
    });
    await clock.advance(60_000);
    expect((await runtime.running(dev)).images).toEqual([{ image: OLD, percent: 100 }]);
    await client.close();
  });

  test("says who changed it last, and with which client, as far as that is known", async () => {
    deploy(server, dev, { image: OLD, percentage: 100 });
    const client = new ServicesClient(await endpointOptions(server.grpcAddress));
    const name = serviceName(dev);
    const [operation] = await client.updateService({
      service: { name, client: "gcloud", clientVersion: "500.0.0" },
      updateMask: { paths: ["client", "client_version"] },
    });
    await clock.advance(60_000);
    await operation.promise();
    await client.close();
    expect((await runtime.running(dev)).by).toMatch(/with gcloud 500\.0\.0$/);
    expect((await runtime.running(anEnvironment("none"))).by).toBeNull();
  });

  test("that is a job runs what its next execution does", async () => {
    const { project, region, runService } = dev;
    const manifest = {
      apiVersion: "run.googleapis.com/v1",
      kind: "Job",
      metadata: { name: runService },
      spec: { template: { spec: { template: { spec: { containers: [{ image: NEW }] } } } } },
    };
    const place = { project, location: region };
    server.runtime.deploy({ ...place, manifest, percentage: 100, labels: {} });
    expect((await runtime.running(dev)).images).toEqual([{ image: NEW, percent: 100 }]);
  });
});

function deploy(
  server: RunningCloudRun,
  { project, region, runService }: Environment,
  { image, percentage }: { readonly image: string; readonly percentage: number },
): void {
  const manifest = {
    apiVersion: "serving.knative.dev/v1",
    kind: "Service",
    metadata: { name: runService },
    spec: { template: { spec: { containers: [{ image }] } } },
  };
  server.runtime.deploy({ project, location: region, manifest, percentage, labels: {} });
}
