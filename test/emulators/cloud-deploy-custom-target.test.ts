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
  PIPELINE,
  read,
  type Release,
  renderedRelease,
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

async function readRelease(id: string): Promise<Release> {
  const [release] = await setting.client.getRelease({ name: `${PIPELINE}/releases/${id}` });
  return release;
}

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
    expect(setting.deploys).toMatchObject([
      {
        project: "msp-testbed-dev",
        location: "us-central1",
        percentage: 100,
        manifest: {
          kind: "Service",
          metadata: { name: service },
          spec: {
            template: {
              spec: {
                containers: [{ image: `us-central1-docker.pkg.dev/acme/apps/msp-example:${TAG}` }],
              },
            },
          },
        },
      },
    ]);
    expect(await read(setting, name)).toMatchObject({
      state: "SUCCEEDED",
      metadata: {
        cloudRun: { service: `projects/msp-testbed-dev/locations/us-central1/services/${service}` },
      },
    });
  });

  test("fails to render without the tag", async () => {
    await createPlatformPipeline();
    await renderedRelease(setting, "r1");
    const { targetRenders } = await readRelease("r1");
    expect(targetRenders?.["dev-us-central1"]?.failureMessage).toContain("customTarget/tag");
  });

  test("needs its custom target type", async () => {
    await createPlatformPipeline();
    await setting.client.deleteCustomTargetType({
      name: `${PARENT}/customTargetTypes/cloud-run-service`,
    });
    expect(await statusOf(createRelease(setting, "r1"))).toBe("FAILED_PRECONDITION");
  });
});

describe("a target that the emulator cannot change", () => {
  test("takes its time and succeeds", async () => {
    const gke = { gke: { cluster: "projects/acme/locations/us-central1/clusters/main" } };
    await createPipeline(setting, [{ targetId: "dev" }], { dev: gke });
    await renderedRelease(setting, "r1");
    const name = await createRollout(setting, { release: "r1", target: "dev" });
    await setting.clock.advance(JOB_MS - 1);
    expect(await stateOf(setting, name)).toBe("IN_PROGRESS");
    await setting.clock.advance(1);
    expect(await stateOf(setting, name)).toBe("SUCCEEDED");
    expect(setting.deploys).toEqual([]);
  });

  test("is refused when it stands for several", async () => {
    await createPipeline(setting, [{ targetId: "all" }], {
      all: { multiTarget: { targetIds: ["dev"] } },
    });
    expect(await statusOf(createRelease(setting, "r1"))).toBe("UNIMPLEMENTED");
  });
});
