import { JobsClient, ServicesClient, type protos } from "@google-cloud/run";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { endpointOptions } from "../../shared/adapters/grpc-endpoint.ts";
import { aCandidate } from "../support/builders.ts";
import { actionsOf, deploy, openApply, PARENT, recorded, sample } from "./apply-setting.ts";
import type { ApplySetting } from "./apply-setting.ts";

const IMAGE_ONLY = `${sample("msp-testbed")}\ndelivery: {manages: image}\n`;
const PLACE = "projects/msp-testbed-dev-8d3f/locations/us-central1";
const NAME = "msp-testbed-dev-us-central1";
const READY_MS = 1000;

let setting: ApplySetting;
let services: ServicesClient;
let jobs: JobsClient;
beforeEach(async () => {
  setting = await openApply();
  const options = await endpointOptions(setting.cloudRun.grpcAddress);
  services = new ServicesClient(options);
  jobs = new JobsClient(options);
});
afterEach(async () => {
  await Promise.all([services.close(), jobs.close()]);
  await setting.close();
});

/** A service as Terraform makes it. */
async function makeService(): Promise<void> {
  await services.createService({
    parent: PLACE,
    serviceId: NAME,
    service: {
      ingress: "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
      labels: { msp: "true" },
      template: {
        serviceAccount: "msp-testbed-sa@msp-testbed-dev-8d3f.iam.gserviceaccount.com",
        vpcAccess: { networkInterfaces: [{ network: "main" }], egress: "PRIVATE_RANGES_ONLY" },
        containers: [
          {
            image: "us-central1-docker.pkg.dev/slipway-local/apps/msp-example:insiders",
            env: [{ name: "REDIS_ENDPOINT", value: "10.0.0.3:6379" }],
            resources: { limits: { cpu: "1", memory: "512Mi" } },
          },
        ],
      },
    },
  });
  await setting.clock.advance(READY_MS);
}

type IService = protos.google.cloud.run.v2.IService;
type Shown = Pick<IService, "template" | "labels" | "ingress">;

async function readService(): Promise<Shown> {
  const [{ template = null, labels = null, ingress = null }] = await services.getService({
    name: `${PLACE}/services/${NAME}`,
  });
  return { template, labels, ingress };
}

/** The service with another image and nothing else changed. */
function withImage(service: Shown, image: string): Shown {
  const [first, ...others] = service.template?.containers ?? [];
  const containers = [{ ...first, image }, ...others];
  return { ...service, template: { ...service.template, containers } };
}

async function target(): Promise<unknown> {
  const [found] = await setting.client.getTarget({
    name: `${PARENT}/targets/msp-testbed-dev-us-central1`,
  });
  const { run, customTarget, deployParameters } = found;
  return { run, customTarget, deployParameters };
}

test("a release changes the image and nothing else, and the next one keeps what Terraform changed", async () => {
  await makeService();
  const before = await readService();
  await setting.apply(IMAGE_ONLY);
  const service = recorded(setting, "msp-testbed");
  expect(await deploy(setting, service, "dev")).toMatchObject({ state: "SUCCEEDED" });
  const image = `us-central1-docker.pkg.dev/slipway-local/apps/msp-example@${aCandidate(1).digest}`;
  expect(await readService()).toEqual(withImage(before, image));

  const [there] = await services.getService({ name: `${PLACE}/services/${NAME}` });
  const [container] = there.template?.containers ?? [];
  const limits = { cpu: "1", memory: "2Gi" };
  const containers = [{ ...container, resources: { ...container?.resources, limits } }];
  await services.updateService({
    service: { ...there, template: { ...there.template, containers } },
  });
  await setting.clock.advance(READY_MS);
  const changed = await readService();
  expect(await deploy(setting, service, "dev", 2)).toMatchObject({ state: "SUCCEEDED" });
  const next = `us-central1-docker.pkg.dev/slipway-local/apps/msp-example@${aCandidate(2).digest}`;
  expect(await readService()).toEqual(withImage(changed, next));
  expect(await readService()).toMatchObject({
    template: { containers: [{ resources: { limits } }] },
  });
});

describe("the targets of a service whose releases change the image alone", () => {
  const TYPE = `${PARENT}/customTargetTypes/slipway-image`;

  test("are of a custom type, which is made once", async () => {
    expect(actionsOf(await setting.apply(IMAGE_ONLY))).toContain(
      "create custom target type slipway-image",
    );
    expect(await target()).toMatchObject({
      customTarget: { customTargetType: expect.stringContaining("/slipway-image") as unknown },
      deployParameters: {
        "customTarget/name": NAME,
        "customTarget/project": "msp-testbed-dev-8d3f",
        "customTarget/region": "us-central1",
      },
    });
    const [type] = await setting.client.getCustomTargetType({ name: TYPE });
    expect(type.customActions?.deployAction).toBe("slipway-change-image");
    expect(await setting.apply(IMAGE_ONLY)).toMatchObject({ isChanged: false });
  });

  test("follow the specification there and back", async () => {
    await setting.apply(sample("msp-testbed"));
    const before = await target();
    const there = actionsOf(await setting.apply(IMAGE_ONLY));
    expect(there).toContain("update target msp-testbed-dev-us-central1");
    expect(await setting.apply(IMAGE_ONLY)).toMatchObject({ isChanged: false });
    await setting.apply(sample("msp-testbed"));
    expect(await target()).toMatchObject({ run: { location: PLACE } });
    expect(await setting.apply(sample("msp-testbed"))).toMatchObject({ isChanged: false });
    expect(before).toMatchObject({ run: { location: PLACE } });
  });

  test("fail a release whose service is not there, and make none; plan has told of it", async () => {
    const outcome = await setting.apply(IMAGE_ONLY);
    expect(outcome.problems.map(({ severity, path }) => `${severity} ${path}`)).toEqual([
      "warning environments[0]",
      "warning environments[1]",
    ]);
    const rollout = await deploy(setting, recorded(setting, "msp-testbed"), "dev");
    expect(rollout).toMatchObject({ state: "FAILED" });
    expect(rollout?.failure).toContain("could not be found");
    const [all] = await services.listServices({ parent: PLACE });
    expect(all).toEqual([]);
  });
});

test("a job's image is changed alone, too", async () => {
  const job = `
service: {id: sweep, description: d, owners: [a], kind: job}
build: {image: us-central1-docker.pkg.dev/slipway-local/apps/msp-example}
environments:
  - {id: prod, projectID: sweep-prod-1a2b, category: test, deploy: {type: manual}, instances: {resources: {cpu: 1, memory: 1Gi}}}
delivery: {manages: image}
`;
  const parent = "projects/sweep-prod-1a2b/locations/us-central1";
  const containers = [
    { image: "us-central1-docker.pkg.dev/x/y/z:1", env: [{ name: "A", value: "1" }] },
  ];
  const template = { template: { maxRetries: 0, containers } };
  await jobs.createJob({ parent, jobId: "sweep-prod-us-central1", job: { template } });
  await setting.apply(job);
  expect(await deploy(setting, recorded(setting, "sweep"), "prod")).toMatchObject({
    state: "SUCCEEDED",
  });
  const [changed] = await jobs.getJob({ name: `${parent}/jobs/sweep-prod-us-central1` });
  expect(changed.template?.template).toMatchObject({
    maxRetries: 0,
    containers: [
      {
        image: `us-central1-docker.pkg.dev/slipway-local/apps/msp-example@${aCandidate(1).digest}`,
        env: [{ name: "A", value: "1" }],
      },
    ],
  });
});
