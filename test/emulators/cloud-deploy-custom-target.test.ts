import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  ARCHIVE,
  archiveOf,
  createPipeline,
  createRelease,
  createRollout,
  JOB_MS,
  openCloudDeploy,
  PARENT,
  read,
  renderedRelease,
  SERVICE_YAML,
  type Setting,
  stateOf,
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

describe("the custom target of the Managed Services Platform", () => {
  const TAG = `0123456789ab_42@sha256:${"ab".repeat(32)}`;
  const SKAFFOLD = `apiVersion: skaffold/v4beta7
kind: Config
customActions:
  - name: cloud-run-image-deploy-render
    containers: [{name: render, image: sdk}]
  - name: cloud-run-image-deploy
    containers: [{name: deploy, image: sdk}]
`;

  async function createPlatformPipeline(): Promise<void> {
    setting.objects.set(ARCHIVE, await archiveOf({ "skaffold.yaml": SKAFFOLD }));
    const customActions = {
      renderAction: "cloud-run-image-deploy-render",
      deployAction: "cloud-run-image-deploy",
    };
    await setting.client.createCustomTargetType({
      parent: PARENT,
      customTargetTypeId: "cloud-run-service",
      customTargetType: { customActions, labels: { msp: "true" } },
    });
    const target = {
      customTarget: { customTargetType: `${PARENT}/customTargetTypes/cloud-run-service` },
      deployParameters: {
        "customTarget/serviceID": "msp-testbed",
        "customTarget/image": "us-central1-docker.pkg.dev/acme/apps/msp-example",
        "customTarget/projectID": "msp-testbed-dev",
      },
    };
    await createPipeline(setting, [{ targetId: "dev-us-central1" }], { "dev-us-central1": target });
  }

  test("deploys the image with the release's tag to the service of the target", async () => {
    await createPlatformPipeline();
    await renderedRelease(setting, "r1", { deployParameters: { "customTarget/tag": TAG } });
    const name = await createRollout(setting, { release: "r1", target: "dev-us-central1" });
    await setting.clock.advance(JOB_MS);
    const service = "msp-testbed-dev-us-central1";
    expect(setting.changes).toEqual([
      {
        kind: "service",
        name: `projects/msp-testbed-dev/locations/us-central1/services/${service}`,
        image: `us-central1-docker.pkg.dev/acme/apps/msp-example:${TAG}`,
        createMissing: true,
      },
    ]);
    expect(setting.deploys).toEqual([]);
    expect(await stateOf(setting, name)).toBe("SUCCEEDED");
  });

  test("fails to deploy without the tag", async () => {
    await createPlatformPipeline();
    await renderedRelease(setting, "r1");
    const name = await createRollout(setting, { release: "r1", target: "dev-us-central1" });
    await setting.clock.advance(JOB_MS);
    expect((await read(setting, name)).failureReason).toContain("customTarget_tag");
  });

  test("needs its custom target type", async () => {
    await createPlatformPipeline();
    await setting.client.deleteCustomTargetType({
      name: `${PARENT}/customTargetTypes/cloud-run-service`,
    });
    expect(await statusOf(createRelease(setting, "r1"))).toBe("FAILED_PRECONDITION");
  });
});

async function openTarget(...lines: readonly string[]): Promise<void> {
  const script = ["set -eu", ...lines].map((line) => `            ${line}`).join("\n");
  const skaffold = `apiVersion: skaffold/v4beta7
kind: Config
manifests: {rawYaml: [service.yaml]}
customActions:
  - name: change
    containers:
      - name: gcloud
        image: sdk
        command: [/bin/bash]
        args:
          - -c
          - |
${script}
`;
  const files = { "skaffold.yaml": skaffold, "service.yaml": SERVICE_YAML };
  setting.objects.set(ARCHIVE, await archiveOf(files));
  await setting.client.createCustomTargetType({
    parent: PARENT,
    customTargetTypeId: "change-image",
    customTargetType: { customActions: { deployAction: "change" } },
  });
  const customTarget = { customTargetType: `${PARENT}/customTargetTypes/change-image` };
  await createPipeline(setting, [{ targetId: "dev" }], { dev: { customTarget } });
}

async function rollOut(deployParameters: Readonly<Record<string, string>>): Promise<string> {
  await renderedRelease(setting, "r1", { deployParameters });
  const name = await createRollout(setting, { release: "r1", target: "dev" });
  await setting.clock.advance(JOB_MS);
  return name;
}

describe("a custom target whose action is a script of gcloud calls", () => {
  const SERVICE = "projects/web-dev/locations/europe-west3/services/web";
  const IMAGE = `us-central1-docker.pkg.dev/acme/apps/api@sha256:${"ab".repeat(32)}`;
  const UPDATE = `gcloud run services update web --project=web-dev --region="europe-west3" --image="$CLOUD_DEPLOY_customTarget_wanted"`;
  const TRAFFIC =
    "gcloud run services update-traffic web --project=web-dev --region=europe-west3 --to-latest";
  const UPLOAD = 'gcloud storage cp results.json "${CLOUD_DEPLOY_OUTPUT_GCS_PATH}/results.json"';

  test("changes the image and sends all traffic to the newest revision", async () => {
    await openTarget(UPDATE, TRAFFIC, "echo '{}' > results.json", UPLOAD);
    const name = await rollOut({ "customTarget/wanted": IMAGE });
    expect(await stateOf(setting, name)).toBe("SUCCEEDED");
    expect(setting.changes).toEqual([
      { kind: "service", name: SERVICE, image: IMAGE, createMissing: false },
      SERVICE,
    ]);
    expect(setting.deploys).toEqual([]);
  });

  test("changes the image of a job", async () => {
    await openTarget(UPDATE.replace("services", "jobs"), UPLOAD);
    await rollOut({ "customTarget/wanted": IMAGE });
    const name = SERVICE.replace("services", "jobs");
    expect(setting.changes).toEqual([{ kind: "job", name, image: IMAGE, createMissing: false }]);
  });

  test.each([
    ["a parameter is not set", [UPDATE, UPLOAD], {}],
    ["it leaves no results behind", [UPDATE], { "customTarget/wanted": IMAGE }],
  ])("fails when %s", async (_, lines, parameters) => {
    await openTarget(...lines);
    expect(await stateOf(setting, await rollOut(parameters))).toBe("FAILED");
  });
});
