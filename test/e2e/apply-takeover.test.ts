import { JobsClient, ServicesClient, type protos } from "@google-cloud/run";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { applySpec } from "../../infra/plan/apply-spec.ts";
import { endpointOptions } from "../../shared/adapters/grpc-endpoint.ts";
import { aCandidate } from "../support/builders.ts";
import { deploy, openApply, recorded } from "./apply-setting.ts";
import type { ApplySetting } from "./apply-setting.ts";

type IService = protos.google.cloud.run.v2.IService;

const IMAGE = "us-central1-docker.pkg.dev/slipway-local/apps/takeover";
const ACCOUNT = "takeover-sa@takeover-dev-1a2b.iam.gserviceaccount.com";
const PLACE = "projects/takeover-dev-1a2b/locations/us-central1";
const NAME = "takeover-dev-us-central1";
const READY_MS = 1000;

/** A service that the Managed Services Platform runs; `dev` and `last` are further lines. */
function spec(dev = "", last = ""): string {
  return `
service: {id: takeover, name: Takeover, description: d, owners: [a], notionPageID: x, iam: {roles: [roles/aiplatform.user]}}
build: {image: ${IMAGE}}
rollout: {stages: [{environment: dev}, {environment: prod}]}
environments:
  - id: dev
    projectID: takeover-dev-1a2b
    category: test
    deploy: {type: rollout}
    healthProbes: {}
    authentication: {sourcegraph: true}
    instances: {resources: {cpu: 1, memory: 1Gi}}
    resources: {postgreSQL: {databases: [main]}, redis: {}}
${dev}
  - {id: prod, projectID: takeover-prod-3c4d, category: test, deploy: {type: rollout}, instances: {resources: {cpu: 1, memory: 1Gi}}}
${last}
`;
}

const NETWORK: protos.google.cloud.run.v2.IVpcAccess = {
  egress: "PRIVATE_RANGES_ONLY",
  networkInterfaces: [{ network: "main", subnetwork: "cloudrun" }],
};

const ENV = [
  { name: "DIAGNOSTICS_SECRET", value: "0123456789abcdef" },
  { name: "REDIS_ENDPOINT", value: "10.0.0.3:6379" },
  { name: "PGINSTANCE", value: "takeover-dev-1a2b:us-central1:db" },
  { name: "PGUSER", value: "takeover-sa@takeover-dev-1a2b.iam" },
  { name: "SENTRY_DSN", value: "https://sentry.example.com/1" },
  { name: "SSL_CERT_DIR", value: "/etc/ssl/certs" },
  { name: "MSP", value: "true" },
];
const PROBE = {
  path: "/-/healthz",
  httpHeaders: [{ name: "Authorization", value: "Bearer 0123456789abcdef" }],
};

/** The service as the platform's Terraform makes it. */
const RUNNING: IService = {
  ingress: "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
  labels: { msp: "true", "goog-terraform-provisioned": "true" },
  template: {
    serviceAccount: ACCOUNT,
    vpcAccess: NETWORK,
    scaling: { maxInstanceCount: 5 },
    maxInstanceRequestConcurrency: 1000,
    timeout: { seconds: 300 },
    containers: [
      {
        image: `${IMAGE}:insiders`,
        ports: [{ name: "http1", containerPort: 9992 }],
        resources: { limits: { cpu: "1000m", memory: "1Gi" }, cpuIdle: true },
        env: ENV,
        startupProbe: { httpGet: PROBE },
      },
    ],
  },
};

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

async function make(service: IService): Promise<void> {
  await services.createService({ parent: PLACE, serviceId: NAME, service });
  await setting.clock.advance(READY_MS);
}

async function read(): Promise<IService> {
  const [service] = await services.getService({ name: `${PLACE}/services/${NAME}` });
  return service;
}

/** The fields that apply says would be lost or changed, in the order in which it says so. */
async function lossesOf(text: string): Promise<readonly string[]> {
  const outcome = await setting.apply(text);
  expect(outcome.problems.every(({ path }) => path === "environments[0]")).toBe(true);
  expect(outcome.kind === "invalid").toBe(outcome.problems.length > 0);
  return outcome.problems.map(({ message }) =>
    message.replace(/ of the running (?:service|job) .*/, "").replace(/ \(.*/, ""),
  );
}

/** What the file needs so that nothing is lost. */
const SAID = `    env:
      DIAGNOSTICS_SECRET: "0123456789abcdef"
      REDIS_ENDPOINT: 10.0.0.3:6379
      PGINSTANCE: takeover-dev-1a2b:us-central1:db
      SENTRY_DSN: https://sentry.example.com/1`;
const RUNTIME = `delivery:
  environments:
    dev: {runtime: {network: {network: main, subnetwork: cloudrun}, labels: {msp: "true"}}}`;

describe("a service that somebody else runs", () => {
  test("is refused with each field that its first rollout would take away, and nothing is touched", async () => {
    await make(RUNNING);
    const before = await read();
    expect(await lossesOf(spec())).toEqual([
      "label msp",
      "network",
      "variable DIAGNOSTICS_SECRET",
      "variable REDIS_ENDPOINT",
      "variable PGINSTANCE",
      "variable SENTRY_DSN",
      "header Authorization of the startup probe",
    ]);
    expect(await read()).toEqual(before);
    expect(setting.memory.world.store.services.size).toBe(0);
  });

  test("names account, ingress, scaling, volumes and annotations that would be others or gone", async () => {
    await make({
      ...RUNNING,
      ingress: "INGRESS_TRAFFIC_ALL",
      annotations: { "example.com/runbook": "x" },
      template: {
        ...RUNNING.template,
        serviceAccount: "other@takeover-dev-1a2b.iam.gserviceaccount.com",
        scaling: { minInstanceCount: 1, maxInstanceCount: 20 },
        volumes: [{ name: "ca", secret: { secret: "redis-ca" } }],
      },
    });
    const losses = await lossesOf(spec(SAID, RUNTIME));
    expect(losses).toEqual([
      "ingress",
      "minimum of instances",
      "maximum of instances",
      "annotation example.com/runbook",
      "account",
      "volume ca",
    ]);
  });

  test("is refused where anybody could call it that only some may call now, unless the file keeps the check", async () => {
    await make(RUNNING);
    const open = spec(SAID, RUNTIME).replace("    authentication: {sourcegraph: true}\n", "");
    expect(await lossesOf(open)).toEqual(["invoker check"]);
    const kept = open.replace("{runtime: {", "{runtime: {invokerCheck: enabled, ");
    expect(await lossesOf(kept)).toEqual([]);
  });

  test("keeps a connector, sockets, account, ingress and annotations that the file says", async () => {
    const connector = "projects/takeover-dev-1a2b/locations/us-central1/connectors/main";
    const instances = ["takeover-dev-1a2b:us-central1:db", "takeover-dev-1a2b:us-central1:an"];
    const serviceAccount = "other@takeover-dev-1a2b.iam.gserviceaccount.com";
    const [container] = RUNNING.template?.containers ?? [];
    await make({
      ...RUNNING,
      ingress: "INGRESS_TRAFFIC_ALL",
      annotations: { "example.com/runbook": "x" },
      template: {
        ...RUNNING.template,
        serviceAccount,
        vpcAccess: { connector, egress: "ALL_TRAFFIC" },
        volumes: [{ name: "db", cloudSqlInstance: { instances } }],
        containers: [{ ...container, volumeMounts: [{ name: "db", mountPath: "/cloudsql" }] }],
      },
    });
    const runtime = `serviceAccount: ${serviceAccount}, ingress: all, network: {connector: ${connector}, egress: all-traffic}, labels: {msp: "true"}`;
    const said = `delivery: {environments: {dev: {runtime: {${runtime}, cloudSqlInstances: [${instances.join(", ")}], annotations: {example.com/runbook: x}}}}}`;
    const SAID_USER = SAID.replace(
      "      PGINSTANCE",
      "      PGUSER: takeover-sa@takeover-dev-1a2b.iam\n      PGINSTANCE",
    );
    expect(
      await lossesOf(
        spec(SAID, said.replace(`, cloudSqlInstances: [${instances.join(", ")}]`, "")),
      ),
    ).toEqual(["volume cloudsql", "variable PGUSER", "mount /cloudsql"]);
    expect(await lossesOf(spec(SAID_USER, said))).toEqual([]);
    await deploy(setting, recorded(setting, "takeover"), "dev");
    expect(await read()).toMatchObject({
      ingress: "INGRESS_TRAFFIC_ALL",
      annotations: { "example.com/runbook": "x" },
      template: {
        serviceAccount,
        vpcAccess: { connector, egress: "ALL_TRAFFIC" },
        volumes: [{ name: "cloudsql", cloudSqlInstance: { instances } }],
      },
    });
  });

  test("keeps everything once the file says it: the values of variables stay unsaid", async () => {
    await make(RUNNING);
    const refused = await setting.apply(spec());
    expect(JSON.stringify(refused.problems)).not.toContain("10.0.0.3");
    expect(await lossesOf(spec(SAID, RUNTIME))).toEqual([]);
    const rollout = await deploy(setting, recorded(setting, "takeover"), "dev");
    expect(rollout).toMatchObject({ state: "SUCCEEDED" });
    const service = await read();
    const [container] = service.template?.containers ?? [];
    expect(service).toMatchObject({
      ingress: "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
      labels: { msp: "true" },
      template: {
        serviceAccount: ACCOUNT,
        vpcAccess: NETWORK,
        containers: [
          {
            image: `${IMAGE}@${aCandidate(1).digest}`,
            startupProbe: { httpGet: PROBE },
            livenessProbe: { httpGet: PROBE },
          },
        ],
      },
    });
    const kept = ENV.map((variable) => expect.objectContaining(variable) as unknown);
    expect(container?.env).toEqual(expect.arrayContaining(kept));
  });

  test("is ours once a manifest of ours made it: what leaves the file leaves the service", async () => {
    await setting.apply(spec(SAID, RUNTIME));
    await deploy(setting, recorded(setting, "takeover"), "dev");
    expect(await lossesOf(spec())).toEqual([]);
  });

  test("can be taken over all the same, which is told and not refused", async () => {
    await make(RUNNING);
    const outcome = await applySpec({ ...setting.installation, takesOver: true }, spec());
    expect(outcome.kind).toBe("applied");
    expect(new Set(outcome.problems.map(({ severity }) => severity))).toEqual(new Set(["warning"]));
  });

  test("is left as it is where a release changes the image alone", async () => {
    await make(RUNNING);
    const outcome = await setting.apply(spec("", "delivery: {manages: image}"));
    expect(outcome.kind).toBe("applied");
    expect(outcome.problems.map(({ path }) => path)).toEqual(["environments[1]"]);
  });
});

describe("a job that somebody else runs", () => {
  const JOB = `
service: {id: sweep, description: d, owners: [a], kind: job}
build: {image: ${IMAGE}}
environments:
  - {id: prod, projectID: sweep-prod-1a2b, category: test, deploy: {type: manual}, instances: {resources: {cpu: 1, memory: 1Gi}}}
`;

  test("is refused with what it would lose", async () => {
    const parent = "projects/sweep-prod-1a2b/locations/us-central1";
    const containers = [{ image: `${IMAGE}:1`, env: [{ name: "QUEUE", value: "q" }] }];
    const template = { template: { maxRetries: 0, vpcAccess: NETWORK, containers } };
    await jobs.createJob({ parent, jobId: "sweep-prod-us-central1", job: { template } });
    expect(await lossesOf(JOB)).toEqual([
      "retries of a task",
      "timeout of a task",
      "network",
      "variable QUEUE",
    ]);
    const said = JOB.replace(
      "type: manual}",
      "type: manual}, deadlineSeconds: 600, env: {QUEUE: q}",
    );
    expect(await lossesOf(said)).toEqual(["retries of a task", "network"]);
  });
});

test("where the running service cannot be read nothing is touched", async () => {
  await make(RUNNING);
  await setting.cloudRun.close();
  const outcome = await setting.apply(spec());
  expect(outcome.kind).toBe("invalid");
  expect(outcome.problems[0]?.message).toContain("it is not known");
});
