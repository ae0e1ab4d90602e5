import { JobsClient, ServicesClient, type protos } from "@google-cloud/run";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endpointOptions } from "../../shared/adapters/grpc-endpoint.ts";
import { imageOf } from "../support/local-spec.ts";
import { allEnd, readService, tagArrives } from "../support/local-views.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { until } from "../support/until.ts";

/*
 * Services of the Managed Services Platform in the whole local cloud: made first as its Terraform makes them, then
 * delivered by pushes.
 */

/** How long the whole local cloud may take to start on a machine that has other things to do. */
const START_MAX_MS = 60_000;

let world: LocalWorld;
let services: ServicesClient;
let jobs: JobsClient;

beforeAll(async () => {
  world = await openLocalWorld();
  const options = await endpointOptions((world.file.endpoints["cloudRun"] ?? "").slice(7));
  services = new ServicesClient(options);
  jobs = new JobsClient(options);
}, START_MAX_MS);

afterAll(async () => {
  await Promise.all([services.close(), jobs.close()]);
  await world.close();
});

type Spec = { readonly id: string; readonly environment?: string; readonly delivery?: string };

/** A service of one environment, dev, that follows the tag main; `environment` and `delivery` are further lines. */
function spec({ id, environment = "", delivery = "{}" }: Spec): string {
  return `
service: {id: ${id}, description: d, owners: [a]}
build: {image: ${imageOf(id)}}
environments:
  - id: dev
    projectID: ${id}-dev-1a2b
    category: test
    deploy: {type: subscription, subscription: {tag: main}}
    healthProbes: {}
    instances: {resources: {cpu: 1, memory: 512Mi}}
${environment}
delivery: ${delivery}
`;
}

function placeOf(id: string): string {
  return `projects/${id}-dev-1a2b/locations/us-central1`;
}

async function readRunning(id: string): Promise<protos.google.cloud.run.v2.IService> {
  const name = `${placeOf(id)}/services/${id}-dev-us-central1`;
  const [service] = await services.getService({ name });
  return service;
}

/** Another image under the same tag. */
async function pushNext(id: string): Promise<string> {
  const digest = await world.push(id, "next");
  const { endpoints, project } = world.file;
  const base = `${endpoints["registry"] ?? ""}/v2/${project}/apps/${id}/manifests`;
  const accept = "application/vnd.oci.image.manifest.v1+json";
  const manifest = await fetch(`${base}/${digest}`, { headers: { accept } });
  const type = manifest.headers.get("content-type") ?? accept;
  const put = { method: "PUT", headers: { "content-type": type }, body: await manifest.text() };
  expect((await fetch(`${base}/main`, put)).status).toBe(201);
  return digest;
}

const SECRET = "0123456789abcdef";

describe("a service with a diagnostics secret", () => {
  test("starts with it on its probes, and is verified with it", async () => {
    const id = "guarded";
    const delivery =
      "{environments: {dev: {runtime: {ingress: all}, verify: {bake: 0m, onFailure: fail}}}}";
    const environment = `    env: {DIAGNOSTICS_SECRET: "${SECRET}"}`;
    await world.apply(spec({ id, environment, delivery }));
    await world.push(id, "main");
    await tagArrives(world, id, { environment: "dev", tag: "main" });
    const [promotion] = await allEnd(world, id);
    expect(promotion?.state).toBe("SUCCEEDED");
    const { template, uri } = await readRunning(id);
    expect(template?.containers?.[0]?.startupProbe?.httpGet?.httpHeaders).toMatchObject([
      { name: "Authorization", value: `Bearer ${SECRET}` },
    ]);
    expect((await fetch(`${uri ?? ""}/-/healthz`)).status).toBe(401);
  });
});

describe("a service whose releases change the image alone", () => {
  test("keeps what Terraform gave it, and is verified as it runs", async () => {
    const id = "kept";
    const env = [
      { name: "DIAGNOSTICS_SECRET", value: SECRET },
      { name: "REDIS_ENDPOINT", value: "10.0.0.3:6379" },
    ];
    const image = `${imageOf(id)}:main`;
    await world.push(id, "main");
    const [making] = await services.createService({
      parent: placeOf(id),
      serviceId: `${id}-dev-us-central1`,
      service: {
        invokerIamDisabled: true,
        template: {
          serviceAccount: "terraform@x.iam.gserviceaccount.com",
          containers: [{ image, env }],
        },
      },
    });
    await making.promise();
    const delivery = "{manages: image, environments: {dev: {verify: {bake: 0m, onFailure: fail}}}}";
    await world.apply(spec({ id, delivery }));
    const digest = await pushNext(id);
    // What is there already may be deployed first: a service that was just applied is looked at at once.
    await until(
      "the new image runs",
      async () => (await readService(world, id)).environments[0]?.current?.image,
      (running) => running?.endsWith(digest) === true,
    );
    expect((await allEnd(world, id)).at(0)?.state).toBe("SUCCEEDED");
    const { template } = await readRunning(id);
    expect(template).toMatchObject({
      serviceAccount: "terraform@x.iam.gserviceaccount.com",
      containers: [{ image: `${imageOf(id)}@${digest}`, env }],
    });
  });
});

describe("a job", () => {
  test("is deployed by a push of its tag, and does not drift", async () => {
    const id = "sweep";
    const text = spec({ id, environment: "    schedule: {cron: 0 3 * * *}" })
      .replace("owners: [a]", "owners: [a], kind: job")
      .replace("    healthProbes: {}\n", "");
    await world.apply(text);
    const digest = await world.push(id, "main");
    await tagArrives(world, id, { environment: "dev", tag: "main" });
    const [job] = await jobs.getJob({ name: `${placeOf(id)}/jobs/${id}-dev-us-central1` });
    expect(job.template?.template).toMatchObject({
      serviceAccount: `${id}-sa@${id}-dev-1a2b.iam.gserviceaccount.com`,
      containers: [{ image: `${imageOf(id)}@${digest}` }],
    });
    world.publish("slipway-ticks", { kind: "hour" });
    await world.cloud.emulators.pubsub.idle();
    const { environments } = await readService(world, id);
    expect(environments).toMatchObject([{ drift: null }]);
  });
});
