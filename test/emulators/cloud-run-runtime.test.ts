import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { DeployRequest, DeployResult } from "../../emulators/kit/runtime.ts";
import {
  API,
  countVersions,
  openCloudRun,
  readApi,
  readRevisions,
  REPOSITORY,
  type Setting,
} from "./cloud-run-setting.ts";

let setting: Setting;
beforeEach(async () => {
  setting = await openCloudRun();
  for (const [tag, letter] of [
    ["1", "a"],
    ["2", "b"],
    ["3", "c"],
  ] as const) {
    setting.registry.push(tag, letter);
  }
});
afterEach(async () => {
  await setting.close();
});

function manifest(tag: string): Readonly<Record<string, unknown>> {
  return {
    apiVersion: "serving.knative.dev/v1",
    kind: "Service",
    metadata: { name: "api" },
    spec: { template: { spec: { containers: [{ image: `${REPOSITORY}:${tag}` }] } } },
  };
}

function deploy(tag: string, percentage = 100, more: Partial<DeployRequest> = {}): DeployResult {
  return setting.server.runtime.deploy({
    project: "acme-prod",
    location: "us-central1",
    manifest: manifest(tag),
    percentage,
    labels: { "release-id": `release-${tag}` },
    ...more,
  });
}

describe("a deployment", () => {
  test("creates the service, and its revision has everything at once", async () => {
    expect(setting.server.runtime.isThere(API)).toBe(false);
    const result = deploy("1", 10);
    expect(setting.server.runtime.isThere(API)).toBe(true);
    const service = await readApi(setting);
    expect(result).toEqual({
      service: API,
      revision: service.latestReadyRevision?.split("/").at(-1),
      serviceUrls: [service.uri],
    });
    expect(service.labels).toEqual({ "release-id": "release-1" });
    expect(await countVersions(setting, 3)).toEqual({ "1": 3 });
  });

  test("as a canary gets its share, the rest stays, and the last phase takes all", async () => {
    deploy("1");
    const canary = deploy("2", 10);
    expect(await countVersions(setting, 20)).toEqual({ "1": 18, "2": 2 });
    const half = deploy("2", 50);
    expect(await countVersions(setting, 20)).toEqual({ "1": 10, "2": 10 });
    const all = deploy("2", 100);
    expect(await countVersions(setting, 20)).toEqual({ "2": 20 });
    expect([half.revision, all.revision]).toEqual([canary.revision, canary.revision]);
    expect(await readRevisions(setting)).toHaveLength(2);
  });

  test("over a canary that was given up shares with the stable revision", async () => {
    deploy("1");
    deploy("2", 60);
    deploy("3", 10);
    expect(await countVersions(setting, 20)).toEqual({ "1": 18, "3": 2 });
  });

  test("of the release that was before is a revision of its own", async () => {
    const first = deploy("1");
    deploy("2");
    const back = deploy("1");
    expect(back.revision).not.toBe(first.revision);
    expect(await countVersions(setting, 3)).toEqual({ "1": 3 });
  });

  test.each([100, 10])(
    "of a missing image at %i percent fails, the last stays, and a retry can succeed",
    async (percentage) => {
      deploy("1");
      expect(() => deploy("4", percentage)).toThrow(`Image '${REPOSITORY}:4' not found.`);
      expect(await countVersions(setting, 3)).toEqual({ "1": 3 });
      expect((await readApi(setting)).terminalCondition?.state).toBe("CONDITION_FAILED");
      setting.registry.push("4", "d");
      deploy("4");
      expect(await countVersions(setting, 3)).toEqual({ "4": 3 });
      expect((await readApi(setting)).terminalCondition?.state).toBe("CONDITION_SUCCEEDED");
    },
  );

  test.each([
    ["no object", null],
    ["another kind", { ...manifest("1"), kind: "Deployment" }],
    ["no containers", { ...manifest("1"), spec: { template: { spec: { containers: [] } } } }],
    [
      "a number that is none",
      {
        ...manifest("1"),
        spec: { template: { spec: { timeoutSeconds: "long", containers: [{ image: "i" }] } } },
      },
    ],
    [
      "containers that are no list",
      { ...manifest("1"), spec: { template: { spec: { containers: { image: "i" } } } } },
    ],
    ["a name that is none", { ...manifest("1"), metadata: { name: "Api_" } }],
  ])("of a manifest with %s is refused", (_what, wrong) => {
    expect(() => deploy("1", 100, { manifest: wrong })).toThrow(
      expect.objectContaining({ status: "INVALID_ARGUMENT" }),
    );
    expect(setting.server.runtime.isThere(API)).toBe(false);
  });

  test("leaves out labels of the platform, and Cloud Deploy's own lose their prefix", async () => {
    const labels = {
      "cloud.googleapis.com/location": "us-central1",
      "deploy.cloud.google.com/release-id": "release-1",
      "app.kubernetes.io/managed-by": "google-cloud-deploy",
      team: "core",
    };
    deploy("1", 100, { labels, manifest: { ...manifest("1"), metadata: { name: "api", labels } } });
    const service = await readApi(setting);
    const expected = {
      "release-id": "release-1",
      "managed-by": "google-cloud-deploy",
      team: "core",
    };
    expect(service.labels).toEqual(expected);
    expect(service.template?.labels).toEqual(expected);
  });
});

test("a service keeps its thousand newest revisions, and the one that serves", async () => {
  deploy("1");
  const [kept] = await readRevisions(setting);
  deploy("2", 10);
  for (let release = 1; release <= 1000; release += 1) {
    deploy("3", 10, { labels: { release: `r${release}` } });
  }
  const names = (await readRevisions(setting)).map(({ name }) => name);
  expect(names).toHaveLength(1000);
  expect(names.at(-1)).toBe(kept?.name);
  expect(names.at(-2)).toMatch(/api-00004-/);
  const operations = `${setting.server.url}/v2/projects/acme-prod/locations/us-central1/operations`;
  const first = await (await fetch(`${operations}?pageSize=1000`)).text();
  expect(first).not.toContain("nextPageToken");
});

test("a manifest's annotations and fields become the fields of version 2", async () => {
  const annotations = {
    "run.googleapis.com/ingress": "internal-and-cloud-load-balancing",
    "run.googleapis.com/launch-stage": "BETA",
    "example.com/owner": "core",
  };
  const templateAnnotations = {
    "autoscaling.knative.dev/minScale": "1",
    "autoscaling.knative.dev/maxScale": "5",
    "run.googleapis.com/cpu-throttling": "False",
    "run.googleapis.com/execution-environment": "gen2",
    "run.googleapis.com/cloudsql-instances": "acme-prod:us-central1:main",
    "run.googleapis.com/secrets": "shared:projects/other/secrets/shared",
  };
  const env = [
    { name: "MODE", value: 1 },
    { name: "TOKEN", valueFrom: { secretKeyRef: { name: "shared", key: "latest" } } },
  ];
  const container = {
    image: `${REPOSITORY}:1`,
    env,
    ports: [{ name: "h2c", containerPort: 9992 }],
    resources: { limits: { cpu: "2", memory: "1Gi" } },
    startupProbe: { httpGet: { path: "/-/healthz" }, periodSeconds: 3, timeoutSeconds: 3 },
    volumeMounts: [{ name: "keys", mountPath: "/keys" }],
  };
  const volumes = [
    { name: "keys", secret: { secretName: "keys", items: [{ key: "3", path: "key.pem" }] } },
  ];
  deploy("1", 100, {
    manifest: {
      ...manifest("1"),
      metadata: { name: "api", annotations, labels: { team: "core" } },
      spec: {
        template: {
          metadata: { annotations: templateAnnotations },
          spec: {
            containerConcurrency: 40,
            timeoutSeconds: 60,
            serviceAccountName: "run@acme-prod.iam.gserviceaccount.com",
            containers: [container],
            volumes,
          },
        },
      },
    },
  });
  const service = await readApi(setting);
  expect(service).toMatchObject({
    ingress: "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
    launchStage: "BETA",
    annotations: { "example.com/owner": "core" },
    labels: { team: "core", "release-id": "release-1" },
  });
  expect(service.template).toMatchObject({
    scaling: { minInstanceCount: 1, maxInstanceCount: 5 },
    timeout: { seconds: "60" },
    maxInstanceRequestConcurrency: 40,
    serviceAccount: "run@acme-prod.iam.gserviceaccount.com",
    executionEnvironment: "EXECUTION_ENVIRONMENT_GEN2",
    volumes: [
      { name: "keys", secret: { secret: "keys", items: [{ path: "key.pem", version: "3" }] } },
      { name: "cloudsql", cloudSqlInstance: { instances: ["acme-prod:us-central1:main"] } },
    ],
  });
  expect(service.template?.containers).toMatchObject([
    {
      env: [
        { name: "MODE", value: "1" },
        {
          name: "TOKEN",
          valueSource: {
            secretKeyRef: { secret: "projects/other/secrets/shared", version: "latest" },
          },
        },
      ],
      ports: [{ name: "h2c", containerPort: 9992 }],
      resources: { limits: { cpu: "2", memory: "1Gi" }, cpuIdle: false },
      startupProbe: { httpGet: { path: "/-/healthz" }, periodSeconds: 3, timeoutSeconds: 3 },
      volumeMounts: [
        { name: "keys", mountPath: "/keys" },
        { name: "cloudsql", mountPath: "/cloudsql" },
      ],
    },
  ]);
});
