import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildImage } from "../../infra/local/image.ts";
import { writeImageLayout } from "../support/image-shapes.ts";
import { smallSpec } from "../support/local-spec.ts";
import { promote, promotionEnds, readReleases, tagArrives } from "../support/local-views.ts";
import { imageUrl, openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { isMissing } from "../support/needs.ts";
import { present } from "../support/present.ts";

const run = promisify(execFile);

/** gcloud takes a second or two to start. */
const TIMEOUT_MS = 60_000;
const TAG = "0123456789ab_42";

const hasNoSkopeo = isMissing("skopeo", ["skopeo", "--version"]);
const hasNoGcloud = isMissing("gcloud", ["gcloud", "--version"]);

describe.skipIf(hasNoSkopeo && hasNoGcloud)("tools that are not ours, at the local cloud", () => {
  let world: LocalWorld;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "slipway-tools-"));
    world = await openLocalWorld();
    await world.apply(smallSpec("web"));
  });

  afterAll(async () => {
    await world.close();
    await rm(folder, { recursive: true });
  });

  test.skipIf(hasNoSkopeo)("skopeo pushes an image, and dev has it", async () => {
    await writeImageLayout(folder, await buildImage({ env: { VERSION: TAG } }), TAG);
    const target = imageUrl(world.file, "web").replace("http://", "docker://");
    await run("skopeo", [
      "copy",
      "--dest-tls-verify=false",
      `oci:${folder}:${TAG}`,
      `${target}:${TAG}`,
    ]);
    await tagArrives(world, "web", { environment: "dev", tag: TAG });
    expect(await readReleases(world, "web")).toMatchObject([{ tag: TAG, createdBy: "registry" }]);
  });

  /** What a command of `gcloud deploy` prints about the service's pipeline, parsed. */
  async function gcloud(...words: readonly string[]): Promise<unknown> {
    const pipeline = "--delivery-pipeline=web-us-central1-rollout";
    const { stdout } = await run(
      "gcloud",
      ["deploy", ...words, pipeline, "--region=us-central1", "--format=json"],
      {
        env: {
          PATH: process.env["PATH"],
          CLOUDSDK_CONFIG: join(folder, "gcloud"),
          CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDDEPLOY: `${world.file.endpoints["cloudDeploy"] ?? ""}/`,
          CLOUDSDK_AUTH_DISABLE_CREDENTIALS: "true",
          CLOUDSDK_CORE_PROJECT: world.file.project,
          CLOUDSDK_CORE_DISABLE_PROMPTS: "1",
          CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: "true",
          CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: "true",
        },
      },
    );
    return JSON.parse(stdout);
  }

  test.skipIf(hasNoGcloud)(
    "gcloud lists the releases and rollouts, and describes one",
    { timeout: TIMEOUT_MS },
    async () => {
      await world.push("web", "v2");
      await tagArrives(world, "web", { environment: "dev", tag: "v2" });
      const promotion = await promotionEnds(world, (await promote(world, "web", "prod")).id);
      const { id: release } = present((await readReleases(world, "web"))[0], "the newest release");
      const rollout = promotion.id;

      const [releases, rollouts, described] = await Promise.all([
        gcloud("releases", "list"),
        gcloud("rollouts", "list", `--release=${release}`),
        gcloud("rollouts", "describe", rollout, `--release=${release}`),
      ]);
      expect(JSON.stringify(releases)).toContain(`/releases/${release}`);
      expect(rollouts).toMatchObject([{ state: "SUCCEEDED" }, { state: "SUCCEEDED" }]);
      expect(described).toMatchObject({
        name: expect.stringContaining(`/rollouts/${rollout}`) as unknown,
        state: "SUCCEEDED",
        targetId: "web-prod-us-central1",
        phases: [{ id: "stable", state: "SUCCEEDED" }],
      });
    },
  );
});
