import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ImagePlatforms } from "../../emulators/kit/image-catalog.ts";
import {
  createApi,
  openCloudRun,
  PARENT,
  REPOSITORY,
  type Setting,
  TASK_MS,
  template,
} from "./cloud-run-setting.ts";

const INDEX = "application/vnd.oci.image.index.v1+json";
const ARM = "linux/arm64";
const OWN = "linux/amd64";
const REFUSED = `Cloud Run does not support image '${REPOSITORY}:1': Container manifest type '${INDEX}' must support amd64/linux.`;

let setting: Setting;
beforeEach(async () => {
  setting = await openCloudRun();
});
afterEach(async () => {
  await setting.close();
});

/** What a service of that image comes to. */
async function serve(runsOn: ImagePlatforms): Promise<string> {
  const image = setting.registry.push("1", "a", { runsOn });
  const { terminalCondition } = await createApi(setting, { template: template(image) });
  return `${String(terminalCondition?.state)} ${terminalCondition?.message ?? ""}`;
}

/** How many of the tasks of a job of that image succeed and fail. */
async function run(runsOn: ImagePlatforms): Promise<readonly (number | null | undefined)[]> {
  const image = setting.registry.push("1", "a", { runsOn });
  const job = { template: { template: { containers: [{ image }], maxRetries: 0 } } };
  await setting.jobs.createJob({ parent: PARENT, jobId: "migrate", job });
  const name = `${PARENT}/jobs/migrate`;
  await setting.jobs.runJob({ name });
  await setting.clock.advance(TASK_MS);
  const [[execution]] = await setting.executions.listExecutions({ parent: name });
  return [execution?.succeededCount, execution?.failedCount];
}

describe("an image for another platform", () => {
  test.each([ARM, "windows/amd64"])(
    "of %s alone is taken, and does not start",
    async (platform) => {
      const runsOn = { platforms: [platform], index: null };
      expect(await serve(runsOn)).toContain("failed to start and listen on the port");
      expect(await run(runsOn)).toEqual([0, 1]);
    },
  );

  test("in an index without that of Cloud Run is refused by name", async () => {
    const runsOn = { platforms: [ARM, "windows/amd64"], index: INDEX };
    expect(await serve(runsOn)).toContain(REFUSED);
    expect(await run(runsOn)).toEqual([0, 0]);
  });
});

test.each([
  { platforms: [OWN], index: null },
  { platforms: [ARM, OWN], index: INDEX },
])("an image that Cloud Run can run runs: %j", async (runsOn) => {
  expect(await serve(runsOn)).toContain("CONDITION_SUCCEEDED");
  expect(await run(runsOn)).toEqual([1, 0]);
});
