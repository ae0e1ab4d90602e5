import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { DeployResult, ImageChange } from "../../emulators/kit/runtime.ts";
import {
  API,
  openCloudRun,
  PARENT,
  READY_MS,
  readApi,
  REPOSITORY,
  type Setting,
} from "./cloud-run-setting.ts";

let setting: Setting;

beforeEach(async () => {
  setting = await openCloudRun({ registry: null });
});

afterEach(async () => {
  await setting.close();
});

function deploy(manifest: object): DeployResult {
  const place = { project: "acme-prod", location: "us-central1" };
  const labels = { "release-id": "release-1" };
  return setting.server.runtime.deploy({ ...place, manifest, percentage: 100, labels });
}

describe("a change of the image alone", () => {
  const IMAGE = `${REPOSITORY}:2`;

  function change(more: Partial<ImageChange> = {}): DeployResult {
    const wanted = { kind: "service", name: API, image: IMAGE, createMissing: false } as const;
    return setting.server.runtime.changeImage({ ...wanted, ...more });
  }

  test("keeps everything that was there, a later change of somebody else's too", async () => {
    const { services } = setting;
    await services.createService({
      parent: PARENT,
      serviceId: "api",
      service: {
        labels: { team: "web" },
        template: {
          serviceAccount: "api-sa@acme-prod.iam.gserviceaccount.com",
          containers: [
            { image: "proxy:1" },
            { image: `${REPOSITORY}:1`, ports: [{ containerPort: 9992 }] },
          ],
        },
      },
    });
    await setting.clock.advance(READY_MS);
    const before = await readApi(setting);
    change();
    const { generation, template, labels, latestReadyRevision } = await readApi(setting);
    expect(latestReadyRevision).not.toBe(before.latestReadyRevision);
    expect(Number(generation)).toBe(2);
    expect(labels).toEqual({ team: "web" });
    expect(template?.serviceAccount).toBe("api-sa@acme-prod.iam.gserviceaccount.com");
    expect(template?.containers?.map(({ image }) => image)).toEqual(["proxy:1", IMAGE]);
    expect(template?.containers?.[1]?.ports).toMatchObject([{ containerPort: 9992 }]);
  });

  test("is refused when there is nothing to change, unless it may be made", () => {
    expect(() => change()).toThrow("could not be found");
    expect(change({ createMissing: true })).toMatchObject({ service: API });
  });

  test("leaves pinned traffic where it is until it is sent to the newest revision", async () => {
    const made = change({ image: `${REPOSITORY}:1`, createMissing: true });
    const { revision: first = "" } = made;
    const { services } = setting;
    const traffic = [
      { type: "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION" as const, revision: first, percent: 100 },
    ];
    const service = { ...(await readApi(setting)), traffic };
    await services.updateService({ service });
    change();
    expect((await readApi(setting)).trafficStatuses).toMatchObject([{ revision: first }]);
    setting.server.runtime.sendToLatest(API);
    expect((await readApi(setting)).trafficStatuses).toMatchObject([
      { type: "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", percent: 100 },
    ]);
  });
});

describe("a job's manifest", () => {
  const JOB = `${PARENT}/jobs/nightly`;
  const MANIFEST = {
    apiVersion: "run.googleapis.com/v1",
    kind: "Job",
    metadata: { name: "nightly", labels: { team: "data" } },
    spec: {
      template: {
        metadata: { annotations: { "run.googleapis.com/execution-environment": "gen2" } },
        spec: {
          taskCount: 1,
          template: {
            spec: {
              timeoutSeconds: 300,
              maxRetries: 0,
              serviceAccountName: "nightly-sa@acme-prod.iam.gserviceaccount.com",
              containers: [{ image: `${REPOSITORY}:1`, env: [{ name: "A", value: "1" }] }],
            },
          },
        },
      },
    },
  };

  test("makes the job, and a change of its image keeps the rest", async () => {
    expect(deploy(MANIFEST)).toEqual({ job: JOB });
    const image = `${REPOSITORY}:2`;
    const { runtime } = setting.server;
    runtime.changeImage({ kind: "job", name: JOB, image, createMissing: false });
    const [job] = await setting.jobs.getJob({ name: JOB });
    expect(job).toMatchObject({
      labels: { team: "data", "release-id": "release-1" },
      template: {
        taskCount: 1,
        template: {
          maxRetries: 0,
          timeout: { seconds: "300" },
          executionEnvironment: "EXECUTION_ENVIRONMENT_GEN2",
          serviceAccount: "nightly-sa@acme-prod.iam.gserviceaccount.com",
          containers: [{ image, env: [{ name: "A", value: "1" }] }],
        },
      },
    });
  });

  test("that is not valid is refused by the field", () => {
    expect(() => deploy({ ...MANIFEST, metadata: {} })).toThrow("metadata.name");
  });
});
