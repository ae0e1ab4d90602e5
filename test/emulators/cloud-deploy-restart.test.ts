import { afterEach, describe, expect, test } from "vitest";

import { startCloudDeploy } from "../../emulators/cloud-deploy/server.ts";
import { memoryPersistence } from "../support/memory-persistence.ts";
import {
  ARCHIVE,
  archiveOf,
  clientOf,
  createPipeline,
  createRelease,
  createRollout,
  FILES,
  JOB_MS,
  openCloudDeploy,
  PARENT,
  PIPELINE,
  PROJECT,
  RENDER_MS,
  renderedRelease,
  runTarget,
  type Setting,
  stateOf,
  statusOf,
} from "./cloud-deploy-setting.ts";

process.env["METADATA_SERVER_DETECTION"] = "none";

let setting: Setting;

afterEach(async () => {
  await setting.close();
});

/** The same setting after the emulator was stopped and another was started on what it kept. */
async function restart(
  before: Setting,
  persistence: ReturnType<typeof memoryPersistence>,
): Promise<Setting> {
  await before.close();
  const archive = await archiveOf(FILES);
  const server = await startCloudDeploy({
    clock: before.clock,
    persistence,
    projects: [PROJECT],
    renderMs: RENDER_MS,
    jobMs: JOB_MS,
    objects: { read: (uri) => (uri === ARCHIVE ? archive : null) },
  });
  const client = clientOf(server);
  return {
    ...before,
    server,
    client,
    close: async () => {
      await client.close();
      await server.close();
    },
  };
}

describe("after a restart", () => {
  test("a render, a deploy and a queue that were under way go on, each once", async () => {
    const persistence = memoryPersistence();
    setting = await openCloudDeploy({ persistence });
    await createPipeline(setting, [{ targetId: "dev" }]);
    await createRelease(setting, "r1");
    await createRelease(setting, "r2");
    const first = await createRollout(setting, { release: "r1", target: "dev" });
    const second = await createRollout(setting, { release: "r2", target: "dev" });

    setting = await restart(setting, persistence);
    const published = setting.notifications.length;
    expect(await stateOf(setting, first)).toBe("PENDING_RELEASE");
    await setting.clock.advance(RENDER_MS);
    expect(await stateOf(setting, first)).toBe("IN_PROGRESS");

    setting = await restart(setting, persistence);
    await setting.clock.advance(JOB_MS);
    expect(await stateOf(setting, first)).toBe("SUCCEEDED");

    setting = await restart(setting, persistence);
    await setting.clock.advance(JOB_MS);
    expect(await stateOf(setting, second)).toBe("SUCCEEDED");
    const [jobRuns] = await setting.client.listJobRuns({
      parent: `${PIPELINE}/releases/-/rollouts/-`,
    });
    expect(jobRuns.map(({ state }) => state)).toEqual(["SUCCEEDED", "SUCCEEDED"]);
    // The stopped emulator did nothing more: only it had a publisher and a runtime.
    expect(setting.notifications).toHaveLength(published);
    expect(setting.deploys).toEqual([]);
  });

  test("request ids and operations are still known", async () => {
    const persistence = memoryPersistence();
    setting = await openCloudDeploy({ persistence });
    const call = {
      parent: PARENT,
      targetId: "dev",
      target: runTarget(),
      requestId: "6f1ed002-ab5c-4e1b-9c3d-0b0f4a5c1d2e",
    };
    const [before] = await setting.client.createTarget(call);
    setting = await restart(setting, persistence);
    const [after] = await setting.client.createTarget(call);
    expect(after.name).toBe(before.name);
  });
});

describe("a reset", () => {
  test("forgets everything, and what was under way does not happen", async () => {
    setting = await openCloudDeploy();
    await createPipeline(setting, [{ targetId: "dev" }]);
    await renderedRelease(setting, "r1");
    const name = await createRollout(setting, { release: "r1", target: "dev" });
    setting.server.reset();
    await setting.clock.advance(JOB_MS);
    expect(setting.deploys).toEqual([]);
    expect(await statusOf(setting.client.getRollout({ name }))).toBe("NOT_FOUND");
    await createPipeline(setting, [{ targetId: "dev" }]);
  });
});

describe("a fault", () => {
  test("that loses the answer of a create leaves the release, and the caller can find it", async () => {
    setting = await openCloudDeploy();
    await createPipeline(setting, [{ targetId: "dev" }]);
    setting.server.faults.add({ method: "CreateRelease", call: 1, kind: "drop-after" });
    expect(await statusOf(createRelease(setting, "r1"))).toBe("UNAVAILABLE");
    expect(await statusOf(createRelease(setting, "r1"))).toBe("ALREADY_EXISTS");
  });
});
