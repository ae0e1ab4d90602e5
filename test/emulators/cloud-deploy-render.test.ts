import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  ARCHIVE,
  archiveOf,
  createPipeline,
  createRelease,
  createRollout,
  FILES,
  IMAGE,
  JOB_MS,
  openCloudDeploy,
  PIPELINE,
  read,
  type Release,
  RENDER_MS,
  renderedRelease,
  type Setting,
  SKAFFOLD_YAML,
  statusOf,
} from "./cloud-deploy-setting.ts";

process.env["METADATA_SERVER_DETECTION"] = "none";

let setting: Setting;

beforeEach(async () => {
  setting = await openCloudDeploy();
});

afterEach(async () => {
  await setting.close();
});

async function readRelease(id: string): Promise<Release> {
  const [release] = await setting.client.getRelease({ name: `${PIPELINE}/releases/${id}` });
  return release;
}

async function useFiles(files: Readonly<Record<string, string | undefined>>): Promise<void> {
  setting.objects.set(ARCHIVE, await archiveOf({ ...FILES, ...files }));
}

describe("rendering", () => {
  test("puts in images by name, and the labels of Cloud Deploy", async () => {
    await createPipeline(setting, [{ targetId: "dev" }]);
    await renderedRelease(setting, "r1");
    await createRollout(setting, { release: "r1", target: "dev" });
    await setting.clock.advance(JOB_MS);
    const labels = {
      "app.kubernetes.io/managed-by": "google-cloud-deploy",
      "deploy.cloud.google.com/delivery-pipeline-id": "api",
      "deploy.cloud.google.com/location": "us-central1",
      "deploy.cloud.google.com/project-id": "acme",
      "deploy.cloud.google.com/release-id": "r1",
      "deploy.cloud.google.com/target-id": "dev",
    };
    const container = { image: IMAGE };
    expect(setting.deploys).toEqual([
      {
        project: "acme-prod",
        location: "us-central1",
        percentage: 100,
        labels,
        manifest: {
          apiVersion: "serving.knative.dev/v1",
          kind: "Service",
          metadata: { name: "api", labels },
          spec: { template: { metadata: { labels }, spec: { containers: [container] } } },
        },
      },
    ]);
  });

  test("uses the profiles of the stage", async () => {
    const production = FILES["prod/service.yaml"]?.replace("name: api", "name: api-prod") ?? "";
    await useFiles({ "prod/service.yaml": production });
    await createPipeline(setting, [{ targetId: "dev" }, { targetId: "prod", profiles: ["prod"] }]);
    await renderedRelease(setting, "r1");
    await createRollout(setting, { release: "r1", target: "dev" });
    await createRollout(setting, { release: "r1", target: "prod" });
    await setting.clock.advance(JOB_MS);
    expect(setting.deploys.map(({ manifest }) => manifest)).toMatchObject([
      { metadata: { name: "api" } },
      { metadata: { name: "api-prod" } },
    ]);
  });

  const CANARY = { canary: { canaryDeployment: { percentages: [10] } } };

  test.each([
    {
      what: "an archive that is missing",
      files: null,
      message: "no such object",
    },
    {
      what: "no skaffold.yaml",
      files: { "skaffold.yaml": undefined },
      message: "has no skaffold.yaml",
    },
    {
      what: "bad YAML in skaffold.yaml",
      files: { "skaffold.yaml": "a: [" },
      message: "skaffold.yaml is not valid YAML",
    },
    {
      what: "a file that is no skaffold configuration",
      files: { "skaffold.yaml": "a: 1" },
      message: "skaffold.yaml is no configuration",
    },
    {
      what: "bad YAML in a manifest",
      files: { "service.yaml": "a: [" },
      message: "service.yaml is not valid YAML",
    },
    {
      what: "a manifest that is missing",
      files: { "service.yaml": undefined },
      message: "no file service.yaml",
    },
    {
      what: "no Cloud Run service",
      files: { "service.yaml": "kind: Job" },
      message: "exactly one serving.knative.dev",
    },
    { what: "an unknown profile", stage: { profiles: ["night"] }, message: 'profile "night"' },
    {
      what: "a profile with patches",
      files: { "skaffold.yaml": `${SKAFFOLD_YAML}    patches: [{op: remove, path: /manifests}]\n` },
      stage: { profiles: ["prod"] },
      message: "profiles[0].patches",
    },
    {
      what: "a canary on Cloud Run without traffic control",
      stage: { strategy: CANARY },
      message: "automaticTrafficControl",
    },
    {
      what: "kustomize",
      files: { "skaffold.yaml": SKAFFOLD_YAML.replace("rawYaml: [service.yaml]", "kustomize: {}") },
      message: '"kustomize"',
    },
  ])("fails for $what", async ({ files = {}, stage = {}, message }) => {
    if (files === null) {
      setting.objects.clear();
    } else {
      await useFiles(files);
    }
    await createPipeline(setting, [{ targetId: "dev", ...stage }]);
    await createRelease(setting, "r1");
    const rollout = await createRollout(setting, { release: "r1", target: "dev" });
    await setting.clock.advance(RENDER_MS);
    const release = await readRelease("r1");
    expect(release).toMatchObject({
      renderState: "FAILED",
      targetRenders: { dev: { renderingState: "FAILED", failureCause: "EXECUTION_FAILED" } },
    });
    expect(release.targetRenders?.["dev"]?.failureMessage).toContain(message);
    expect(await read(setting, rollout)).toMatchObject({
      state: "FAILED",
      deployFailureCause: "RELEASE_FAILED",
    });
    const again = setting.client.createRollout({
      parent: `${PIPELINE}/releases/r1`,
      rolloutId: "again",
      rollout: { targetId: "dev" },
    });
    expect(await statusOf(again)).toBe("FAILED_PRECONDITION");
  });

  test("fails for what is no archive at all", async () => {
    setting.objects.set(ARCHIVE, Buffer.from("plain text"));
    await createPipeline(setting, [{ targetId: "dev" }]);
    await renderedRelease(setting, "r1");
    expect((await readRelease("r1")).targetRenders?.["dev"]?.failureMessage).toContain(
      "not a tar.gz",
    );
  });

  test("of one target may fail while another's succeeds, and the release has failed", async () => {
    await createPipeline(setting, [{ targetId: "dev" }, { targetId: "prod", profiles: ["night"] }]);
    await renderedRelease(setting, "r1");
    expect(await readRelease("r1")).toMatchObject({
      renderState: "FAILED",
      targetRenders: { dev: { renderingState: "SUCCEEDED" }, prod: { renderingState: "FAILED" } },
    });
  });
});
