import type { protos } from "@google-cloud/run";
import { describe, expect, test } from "vitest";
import { jobTraits, serviceTraits } from "../../infra/plan/running-traits.ts";
import type { Traits } from "../../infra/plan/running-traits.ts";

type Service = protos.google.cloud.run.v2.IService;
type Template = protos.google.cloud.run.v2.IRevisionTemplate;
type Container = protos.google.cloud.run.v2.IContainer;
type Job = protos.google.cloud.run.v2.IJob;

/** A field beside what it is told as; the other side is the same service without it. */
type Case = readonly [string, string];
type Told = Readonly<Record<string, string>>;

/** What is told of a service that has something, and not of one that has nothing. */
function more(traits: Traits, bare: Traits): Told {
  return Object.fromEntries([...traits].filter(([name, value]) => bare.get(name) !== value));
}

function ofService(part: Service): Told {
  return more(serviceTraits(part), serviceTraits({}));
}

function ofTemplate(template: Template): Told {
  return ofService({ template });
}

function ofContainer(container: Container): Told {
  const ports = [{ containerPort: 9992 }];
  const bare = { template: { containers: [{ ports }] } };
  const full = { template: { containers: [{ ports, ...container }] } };
  return more(serviceTraits(full), serviceTraits(bare));
}

/** A variable from one version of a secret. */
function pinned(version: string): Container {
  return { env: [{ name: "A", valueSource: { secretKeyRef: { secret: "s", version } } }] };
}

function ofJob(template: Job["template"]): Told {
  return more(jobTraits({ template: template ?? null }), jobTraits({}));
}

test("a service of which nobody said anything is checked by IAM, and nothing else", () => {
  const bare = [
    ["ingress", "all"],
    ["invoker check", "on"],
  ];
  expect([...serviceTraits({})]).toEqual(bare);
  const nothing: Service = {
    launchStage: "GA",
    ingress: "INGRESS_TRAFFIC_UNSPECIFIED",
    invokerIamDisabled: false,
    scaling: { minInstanceCount: 0, manualInstanceCount: 0 },
    traffic: [{ type: "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", percent: 100 }],
    template: {
      encryptionKeyRevocationAction: "ENCRYPTION_KEY_REVOCATION_ACTION_UNSPECIFIED",
      containers: [
        {
          workingDir: "",
          resources: { limits: { cpu: "1", memory: "512Mi" }, cpuIdle: true },
          startupProbe: {
            timeoutSeconds: 240,
            periodSeconds: 240,
            failureThreshold: 1,
            tcpSocket: { port: 8080 },
          },
        },
      ],
    },
  };
  expect([...serviceTraits(nothing)]).toEqual(bare);
});

describe("what a service has is told", () => {
  test.each<readonly [Case, Service]>([
    [["invoker check", "off"], { invokerIamDisabled: true }],
    [["address of run.app", "off"], { defaultUriDisabled: true }],
    [["Identity-Aware Proxy", "on"], { iapEnabled: true }],
    [["threat detection", "on"], { threatDetectionEnabled: true }],
    [["description", "Answers"], { description: "Answers" }],
    [["launch stage", "BETA"], { launchStage: "BETA" }],
    [["instances by hand", "3"], { scaling: { manualInstanceCount: 3 } }],
    [["minimum of instances", "2"], { scaling: { minInstanceCount: 2 } }],
    [["regions", "a b"], { multiRegionSettings: { regions: ["a", "b"] } }],
    [["build configuration", "on"], { buildConfig: { functionTarget: "main" } }],
    [["custom audiences", "web"], { customAudiences: ["web"] }],
    [["binary authorization", "on"], { binaryAuthorization: { useDefault: true } }],
    [["ingress", "internal"], { ingress: "INGRESS_TRAFFIC_INTERNAL_ONLY" }],
    [["label team", "core"], { labels: { team: "core", "goog-drz": "x" } }],
    [["annotation a/b", "c"], { annotations: { "a/b": "c" } }],
    [["traffic tag blue", "web-1"], { traffic: [{ tag: "blue", revision: "web-1" }] }],
    [["traffic tag next", "latest"], { traffic: [{ tag: "next", percent: 100 }] }],
    [["shares of traffic", "web-1 100 %"], { traffic: [{ revision: "web-1", percent: 100 }] }],
  ])("%j", ([name, value], part) => {
    expect(ofService(part)).toEqual({ [name]: value });
  });

  test.each<readonly [Case, Template]>([
    [["account", "a@p.iam.gserviceaccount.com"], { serviceAccount: "a@p.iam.gserviceaccount.com" }],
    [["maximum of instances", "7"], { scaling: { maxInstanceCount: 7 } }],
    [["requests at once", "80"], { maxInstanceRequestConcurrency: 80 }],
    [["timeout of requests", "60"], { timeout: { seconds: 60 } }],
    [["session affinity", "on"], { sessionAffinity: true }],
    [["service mesh", "m"], { serviceMesh: { mesh: "m" } }],
    [["health check", "off"], { healthCheckDisabled: true }],
    [["execution environment", "gen2"], { executionEnvironment: "EXECUTION_ENVIRONMENT_GEN2" }],
    [["encryption key", "k"], { encryptionKey: "k" }],
    [
      ["revocation of the encryption key", "SHUTDOWN"],
      { encryptionKeyRevocationAction: "SHUTDOWN" },
    ],
    [["shutdown after revocation", "60"], { encryptionKeyShutdownDuration: { seconds: 60 } }],
    [["accelerator", "nvidia-l4"], { nodeSelector: { accelerator: "nvidia-l4" } }],
    [["one zone for accelerators", "on"], { gpuZonalRedundancyDisabled: true }],
    [["template's label team", "core"], { labels: { team: "core" } }],
    [["template's annotation a/b", "c"], { annotations: { "a/b": "c" } }],
    [["network", "c all-traffic"], { vpcAccess: { connector: "c", egress: "ALL_TRAFFIC" } }],
    [
      ["network", "n s tags a,b private-ranges-only"],
      {
        vpcAccess: { networkInterfaces: [{ network: "n", subnetwork: "s", tags: ["b", "a"] }] },
      },
    ],
    [
      ["volume ca", "secret redis-ca"],
      { volumes: [{ name: "ca", secret: { secret: "redis-ca" } }] },
    ],
    [
      ["volume cloudsql", "instances p:r:a,p:r:b"],
      { volumes: [{ name: "db", cloudSqlInstance: { instances: ["p:r:b", "p:r:a"] } }] },
    ],
  ])("%j, of its template", ([name, value], template) => {
    expect(ofTemplate(template)).toEqual({ [name]: value });
  });

  test.each<readonly [Case, Container]>([
    [["command", "node"], { command: ["node"] }],
    [["arguments", "a b"], { args: ["a", "b"] }],
    [["working directory", "/app"], { workingDir: "/app" }],
    [["order of containers", "proxy"], { dependsOn: ["proxy"] }],
    [["automatic updates of the base image", "base"], { baseImageUri: "base" }],
    [["processor at the start", "more"], { resources: { startupCpuBoost: true } }],
    [["processor outside of requests", "always"], { resources: { cpuIdle: false } }],
    [["limit nvidia.com/gpu", "1"], { resources: { limits: { "nvidia.com/gpu": "1" } } }],
    [["port", "8080"], { ports: [{ containerPort: 8080 }] }],
    [["protocol", "h2c"], { ports: [{ name: "h2c", containerPort: 9992 }] }],
    [["variable A", "value b"], { env: [{ name: "A", value: "b" }] }],
    [
      ["mount /data", "data part"],
      { volumeMounts: [{ name: "data", mountPath: "/data", subPath: "part" }] },
    ],
  ])("%j, of its container", ([name, value], container) => {
    expect(ofContainer(container)).toEqual({ [name]: value });
  });

  test("a secret's version is told where it is pinned", () => {
    expect(ofContainer(pinned("latest"))).toEqual({ "variable A": "secret s" });
    expect(ofContainer(pinned("3"))).toEqual({ "variable A": "secret s version 3" });
  });

  test("a probe is told with how it asks, whatever it asks by", () => {
    const httpHeaders = [{ name: "Host", value: "h" }];
    expect(ofContainer({ livenessProbe: { httpGet: { path: "/up", httpHeaders } } })).toEqual({
      "liveness probe": "/up",
      "header Host of the liveness probe": "h",
      "timing of the liveness probe": "1 s every 10 s, 3 times",
    });
    const slow = {
      initialDelaySeconds: 5,
      timeoutSeconds: 2,
      periodSeconds: 3,
      failureThreshold: 4,
    };
    expect(ofContainer({ startupProbe: { ...slow, grpc: { service: "up" } } })).toEqual({
      "startup probe": "gRPC up",
      "timing of the startup probe": "2 s every 3 s, 4 times, after 5 s",
    });
    expect(ofContainer({ startupProbe: { ...slow, tcpSocket: { port: 1 } } })).toEqual({
      "startup probe": "port 1",
      "timing of the startup probe": "2 s every 3 s, 4 times, after 5 s",
    });
    expect(ofContainer({ readinessProbe: { httpGet: { path: "/ready" } } })).toMatchObject({
      "readiness probe": "/ready",
    });
  });

  test("a container beside it is told by its name", () => {
    const beside = { name: "proxy", image: "proxy:1" };
    const containers = [{ image: "web:1", ports: [{ containerPort: 9992 }] }, beside];
    expect(ofTemplate({ containers })).toMatchObject({ "container proxy": "beside" });
  });

  test("a label that service and template share is told once", () => {
    const labels = { team: "core" };
    expect(ofService({ labels, template: { labels } })).toEqual({ "label team": "core" });
  });
});

describe("what a job has is told", () => {
  test.each<readonly [Case, Job["template"]]>([
    [["tasks", "4"], { taskCount: 4 }],
    [["tasks at once", "2"], { parallelism: 2 }],
    [["timeout of a task", "60"], { template: { timeout: { seconds: 60 } } }],
    [["retries of a task", "0"], { template: { maxRetries: 0 } }],
    [["account", "a@p"], { template: { serviceAccount: "a@p" } }],
    [["template's label team", "core"], { labels: { team: "core" } }],
  ])("%j", ([name, value], template) => {
    expect(ofJob(template)).toEqual({ [name]: value });
  });

  test("three retries are what a job has without a word", () => {
    expect([...jobTraits({})]).toEqual([["retries of a task", "3"]]);
    expect(ofJob({ template: { maxRetries: 3 } })).toEqual({});
  });
});
