import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { openCloudRun, PARENT, READY_MS, type Setting } from "./cloud-run-setting.ts";

let setting: Setting;
let base: string;
beforeEach(async () => {
  setting = await openCloudRun();
  base = `${setting.server.url}/v2/${PARENT}`;
});
afterEach(async () => {
  await setting.close();
});

type Answer = { readonly status: number; readonly body: Record<string, unknown> };

async function send(method: string, url: string, body?: unknown): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the API answers with objects only
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

function container(more: object): object {
  return { template: { containers: [{ image: "example/api:1", ...more }] } };
}

const limits = (cpu: string, memory: string): object =>
  container({ resources: { limits: { cpu, memory } } });

const REFUSED: readonly (readonly [string, object, string])[] = [
  ["no template", {}, "service.template"],
  ["no container", { template: {} }, "service.template.containers"],
  ["no image", { template: { containers: [{}] } }, "service.template.containers[0].image"],
  ["a long description", { ...container({}), description: "x".repeat(513) }, "service.description"],
  [
    "a label of a system namespace",
    { ...container({}), labels: { "run.googleapis.com/x": "1" } },
    "service.labels",
  ],
  ["an upper-case label", { ...container({}), labels: { Team: "1" } }, "service.labels"],
  [
    "an annotation of a system namespace",
    { ...container({}), annotations: { "autoscaling.knative.dev/minScale": "1" } },
    "service.annotations",
  ],
  [
    "a reserved variable",
    container({ env: [{ name: "PORT", value: "1" }] }),
    "service.template.containers[0].env[0].name",
  ],
  [
    "a repeated variable",
    container({ env: [{ name: "A" }, { name: "A" }] }),
    "service.template.containers[0].env",
  ],
  [
    "two ports",
    container({ ports: [{ containerPort: 1 }, { containerPort: 2 }] }),
    "service.template.containers[0].ports",
  ],
  [
    "a port above 65535",
    container({ ports: [{ containerPort: 65_536 }] }),
    "service.template.containers[0].ports[0].container_port",
  ],
  ["three CPU", limits("3", "2Gi"), "service.template.containers[0].resources.limits.cpu"],
  ["33Gi", limits("8", "33Gi"), "service.template.containers[0].resources.limits.memory"],
  ["64Mi", limits("1", "64Mi"), "service.template.containers[0].resources.limits.memory"],
  [
    "a limit of another resource",
    container({ resources: { limits: { disk: "1Gi" } } }),
    "service.template.containers[0].resources.limits",
  ],
  [
    "a probe without a kind",
    container({ startupProbe: { periodSeconds: 5 } }),
    "service.template.containers[0].startup_probe",
  ],
  [
    "a probe slower than its period",
    container({ startupProbe: { tcpSocket: {}, periodSeconds: 5, timeoutSeconds: 6 } }),
    "service.template.containers[0].startup_probe.timeout_seconds",
  ],
  [
    "a concurrency above 1000",
    { template: { containers: [{ image: "i" }], maxInstanceRequestConcurrency: 1001 } },
    "service.template.max_instance_request_concurrency",
  ],
  [
    "a timeout above an hour",
    { template: { containers: [{ image: "i" }], timeout: "3601s" } },
    "service.template.timeout",
  ],
  [
    "more instances at least than at most",
    {
      template: {
        containers: [{ image: "i" }],
        scaling: { minInstanceCount: 3, maxInstanceCount: 2 },
      },
    },
    "service.template.scaling.min_instance_count",
  ],
  [
    "a revision of another name",
    { template: { containers: [{ image: "i" }], revision: "web-1" } },
    "service.template.revision",
  ],
];

const ACCEPTED: readonly (readonly [string, object])[] = [
  ["a description of 512 characters", { ...container({}), description: "x".repeat(512) }],
  ["the highest port", container({ ports: [{ containerPort: 65_535 }] })],
  ["half a CPU", limits("500m", "512Mi")],
  ["eight CPU with 32Gi", limits("8", "32Gi")],
  ["a timeout of an hour", { template: { containers: [{ image: "i" }], timeout: "3600s" } }],
  [
    "a concurrency of 1000",
    { template: { containers: [{ image: "i" }], maxInstanceRequestConcurrency: 1000 } },
  ],
];

describe("over REST, a service", () => {
  test.each(REFUSED)(
    "with %s is refused, and the answer names the field",
    async (_what, service, field) => {
      const { status, body } = await send("POST", `${base}/services?serviceId=api`, service);
      expect(status).toBe(400);
      expect(body).toMatchObject({
        error: {
          code: 400,
          status: "INVALID_ARGUMENT",
          details: [
            { "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations: [{ field }] },
          ],
        },
      });
      expect((await send("GET", `${base}/services/api`)).status).toBe(404);
    },
  );

  test.each(ACCEPTED)("with %s is accepted", async (_what, service) => {
    const { status } = await send("POST", `${base}/services?serviceId=api`, service);
    expect(status).toBe(200);
  });

  test.each(["", "Api", "1api", "api-", "a".repeat(50)])("cannot have the id %j", async (id) => {
    const { status } = await send("POST", `${base}/services?serviceId=${id}`, container({}));
    expect(status).toBe(400);
  });

  test("can have an id of 49 characters", async () => {
    const id = "a".repeat(49);
    const { status } = await send("POST", `${base}/services?serviceId=${id}`, container({}));
    expect(status).toBe(200);
  });

  test("with a field that does not exist is refused", async () => {
    const { status, body } = await send("POST", `${base}/services?serviceId=api`, {
      ...container({}),
      replicas: 3,
    });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain("replicas");
  });

  test("that is missing answers with the body of an error", async () => {
    expect(await send("GET", `${base}/services/none`)).toMatchObject({
      status: 404,
      body: { error: { code: 404, status: "NOT_FOUND" } },
    });
  });

  test("cannot be listed with a page token that no list gave out", async () => {
    expect((await send("GET", `${base}/services?pageToken=nonsense`)).status).toBe(400);
  });
});

describe("over REST, an operation", () => {
  test("is found, and nothing else is done with it", async () => {
    const made = await send("POST", `${base}/services?serviceId=api`, container({}));
    const name = String(made.body["name"]);
    const url = `${setting.server.url}/v2/${name}`;
    expect((await send("GET", url)).body["done"] ?? false).toBe(false);
    expect((await send("POST", `${url}:cancel`, {})).status).toBe(501);
    await setting.clock.advance(READY_MS);
    expect((await send("GET", url)).body["done"]).toBe(true);
  });

  test("that is not emulated is refused by name", async () => {
    const { status, body } = await send("POST", `${base}/workerPools?workerPoolId=w`, {});
    expect(status).toBe(501);
    expect(JSON.stringify(body)).toContain("WorkerPools/CreateWorkerPool");
  });
});
