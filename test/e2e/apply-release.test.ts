import { RevisionsClient, ServicesClient } from "@google-cloud/run";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { applySpec } from "../../infra/plan/apply-spec.ts";
import { renderRelease } from "../../infra/render/render-release.ts";
import { packArchive } from "../../infra/render/archive.ts";
import { endpointOptions } from "../../shared/adapters/grpc-endpoint.ts";
import { putObject } from "../support/put-object.ts";
import { aCandidate } from "../support/builders.ts";
import { edit, usable } from "../unit/spec-support.ts";
import { actionsOf, containing, deploy, openApply, recorded, sample } from "./apply-setting.ts";
import type { ApplySetting } from "./apply-setting.ts";

const TESTBED = sample("msp-testbed");

let setting: ApplySetting;
beforeEach(async () => {
  setting = await openApply();
});
afterEach(async () => {
  await setting.close();
});

function adopt(text: string): ReturnType<typeof applySpec> {
  return applySpec({ ...setting.installation, pipelineProject: "last-stage" }, text);
}

async function running(project: string, service: string): Promise<unknown> {
  const options = await endpointOptions(setting.cloudRun.grpcAddress);
  const services = new ServicesClient(options);
  const revisions = new RevisionsClient(options);
  const name = `projects/${project}/locations/us-central1/services/${service}`;
  const [found] = await services.getService({ name });
  const [revision] = await revisions.getRevision({ name: found.latestReadyRevision ?? "" });
  await Promise.all([services.close(), revisions.close()]);
  return { service: found, revision };
}

describe("a release of what was applied", () => {
  test("renders, and is deployed as the specification says", async () => {
    await setting.apply(TESTBED);
    const rollout = await deploy(setting, recorded(setting, "msp-testbed"), "prod");
    expect(rollout).toMatchObject({ state: "SUCCEEDED" });
    const { digest } = aCandidate(1);
    expect(await running("msp-testbed-prod-41c7", "msp-testbed-prod-us-central1")).toMatchObject({
      service: {
        ingress: "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
        invokerIamDisabled: true,
        labels: { "slipway-environment": "prod", "slipway-service": "msp-testbed" },
      },
      revision: {
        scaling: { minInstanceCount: 1, maxInstanceCount: 5 },
        containers: [
          {
            image: `us-central1-docker.pkg.dev/slipway-local/apps/msp-example@${digest}`,
            resources: { limits: { cpu: "1", memory: "1Gi" } },
            env: [
              { name: "ENVIRONMENT_ID", value: "prod" },
              { name: "GOOGLE_CLOUD_PROJECT", value: "msp-testbed-prod-41c7" },
              { name: "LOG_LEVEL", value: "info" },
              { name: "MSP", value: "true" },
              { name: "PGUSER", value: "msp-testbed-sa@msp-testbed-prod-41c7.iam" },
              { name: "SSL_CERT_DIR", value: "/etc/ssl/certs" },
              {
                name: "SIGNING_KEY",
                valueSource: { secretKeyRef: { secret: "SIGNING_KEY", version: "latest" } },
              },
            ],
            livenessProbe: { httpGet: { path: "/-/healthz" }, periodSeconds: 30 },
          },
        ],
      },
    });
  });

  test("renders for every kind of secret, probe and port", async () => {
    const text = edit(TESTBED, [
      "    secretEnv:\n      SIGNING_KEY: SIGNING_KEY\n",
      `    secretEnv: {KEY: projects/shared/secrets/key}
    secretVolumes:
      certificate: {mountPath: /etc/tls/certificate.pem, secret: projects/shared/secrets/tls}
`,
    ]);
    const service = edit(text, ["  id: msp-testbed\n", "  id: msp-testbed\n  protocol: h2c\n"]);
    await setting.apply(service);
    const rollout = await deploy(setting, recorded(setting, "msp-testbed"), "prod");
    expect(rollout).toMatchObject({ state: "SUCCEEDED" });
    expect(await running("msp-testbed-prod-41c7", "msp-testbed-prod-us-central1")).toMatchObject({
      revision: {
        containers: [
          {
            ports: [{ name: "h2c" }],
            volumeMounts: [{ name: "certificate", mountPath: "/etc/tls" }],
          },
        ],
        volumes: [
          {
            name: "certificate",
            secret: {
              secret: "projects/shared/secrets/tls",
              items: [{ path: "certificate.pem", version: "latest" }],
            },
          },
        ],
      },
    });
  });
});

describe("a pipeline of the Managed Services Platform", () => {
  const PARENT = "projects/msp-testbed-prod-41c7/locations/us-central1";
  const SKAFFOLD = `apiVersion: skaffold/v4beta7
kind: Config
customActions:
  - name: cloud-run-image-deploy-render
    containers: [{name: render, image: sdk}]
  - name: cloud-run-image-deploy
    containers: [{name: deploy, image: sdk}]
`;

  async function makePlatformPipeline(): Promise<void> {
    const { client } = setting;
    await client.createCustomTargetType({
      parent: PARENT,
      customTargetTypeId: "cloud-run-service",
      customTargetType: {
        customActions: {
          renderAction: "cloud-run-image-deploy-render",
          deployAction: "cloud-run-image-deploy",
        },
      },
    });
    for (const [id, project] of [
      ["dev", "msp-testbed-dev-8d3f"],
      ["prod", "msp-testbed-prod-41c7"],
    ]) {
      await client.createTarget({
        parent: PARENT,
        targetId: `${id}-us-central1`,
        target: {
          customTarget: { customTargetType: `${PARENT}/customTargetTypes/cloud-run-service` },
          deployParameters: {
            "customTarget/serviceID": "msp-testbed",
            "customTarget/image": "us-central1-docker.pkg.dev/slipway-local/apps/msp-example",
            "customTarget/projectID": project ?? "",
          },
        },
      });
    }
    const stages = [{ targetId: "dev-us-central1" }, { targetId: "prod-us-central1" }];
    await client.createDeliveryPipeline({
      parent: PARENT,
      deliveryPipelineId: "msp-testbed-us-central1-rollout",
      deliveryPipeline: { serialPipeline: { stages }, labels: { msp: "true" } },
    });
    await putObject(setting.storage, {
      project: "msp-testbed-prod-41c7",
      bucket: "msp-testbed-prod-41c7-cloudrun-skaffold",
      name: "source.tar.gz",
      bytes: await packArchive([{ path: "skaffold.yaml", text: SKAFFOLD }]),
    });
  }

  test("is adopted: only marks are added, and releases are made of its own archive", async () => {
    await makePlatformPipeline();
    const outcome = await adopt(TESTBED);
    expect(actionsOf(outcome)).toEqual([
      "unchanged source archive source.tar.gz",
      "unchanged target dev-us-central1",
      "unchanged target prod-us-central1",
      "update delivery pipeline msp-testbed-us-central1-rollout",
      "create service msp-testbed",
    ]);
    const name = `${PARENT}/deliveryPipelines/msp-testbed-us-central1-rollout`;
    const [pipeline] = await setting.client.getDeliveryPipeline({ name });
    expect(pipeline.labels).toMatchObject({ msp: "true", "slipway-service": "msp-testbed" });
    expect(pipeline.serialPipeline?.stages?.map(({ profiles }) => profiles)).toEqual([[], []]);
    expect(await adopt(TESTBED)).toMatchObject({ isChanged: false });
    const service = recorded(setting, "msp-testbed");
    expect(await deploy(setting, service, "dev")).toMatchObject({ state: "SUCCEEDED" });
    expect(await running("msp-testbed-dev-8d3f", "msp-testbed-dev-us-central1")).toMatchObject({
      revision: {
        containers: [{ image: containing(`@${aCandidate(1).digest}`) }],
      },
    });
  });

  test("leaves everything but the image to Terraform: other variables make no release, and stay", async () => {
    await makePlatformPipeline();
    const first = await adopt(TESTBED);
    const { revision } = recorded(setting, "msp-testbed");
    expect(first).toMatchObject({ leftToTerraform: containingAll("instances", "env") });
    await adopt(edit(TESTBED, ["      LOG_LEVEL: debug\n", "      LOG_LEVEL: trace\n"]));
    expect(recorded(setting, "msp-testbed").revision).toBe(revision);

    const services = new ServicesClient(await endpointOptions(setting.cloudRun.grpcAddress));
    const env = [{ name: "REDIS_ENDPOINT", value: "10.0.0.3:6379" }];
    await services.createService({
      parent: "projects/msp-testbed-dev-8d3f/locations/us-central1",
      serviceId: "msp-testbed-dev-us-central1",
      service: { template: { containers: [{ image: "us-docker.pkg.dev/a/b/c:1", env }] } },
    });
    await services.close();
    await setting.clock.advance(60_000);
    await deploy(setting, recorded(setting, "msp-testbed"), "dev");
    expect(await running("msp-testbed-dev-8d3f", "msp-testbed-dev-us-central1")).toMatchObject({
      revision: { containers: [{ image: containing(`@${aCandidate(1).digest}`), env }] },
    });
  });

  test("whose parameters are another service's is told of", async () => {
    await makePlatformPipeline();
    const outcome = await adopt(edit(TESTBED, ["apps/msp-example", "apps/another"]));
    const notes = outcome.kind === "applied" ? outcome.steps.at(1)?.notes : [];
    expect(notes?.join()).toContain("customTarget/image should be");
  });

  test("cannot be adopted without its archive", async () => {
    await makePlatformPipeline();
    setting.storage.reset();
    await expect(adopt(TESTBED)).rejects.toMatchObject({ status: "NOT_FOUND" });
    expect(setting.memory.world.store.services.size).toBe(0);
  });

  test("that is not there yet is made with targets of Cloud Run, under the platform's names", async () => {
    const outcome = await adopt(TESTBED);
    expect(actionsOf(outcome).slice(2, 5)).toEqual([
      "create target dev-us-central1",
      "create target prod-us-central1",
      "create delivery pipeline msp-testbed-us-central1-rollout",
    ]);
    const service = recorded(setting, "msp-testbed");
    expect(service.environments[0]?.pipeline.project).toBe("msp-testbed-prod-41c7");
    expect(await deploy(setting, service, "dev")).toMatchObject({ state: "SUCCEEDED" });
  });
});

function containingAll(...parts: readonly string[]): unknown {
  return expect.arrayContaining([...parts]);
}

test("one revision is one archive, whoever makes it and wherever its pipeline is", async () => {
  await setting.apply(TESTBED);
  const service = recorded(setting, "msp-testbed");
  const stored = Buffer.from(setting.storage.read(service.sourceUri) ?? []);
  await adopt(TESTBED);
  const adopted = recorded(setting, "msp-testbed");
  expect(adopted.revision).toBe(service.revision);
  const again = await packArchive(renderRelease(usable(TESTBED), adopted));
  expect(stored.equals(again)).toBe(true);
});
