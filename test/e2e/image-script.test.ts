import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { toImageAction } from "../../infra/render/image-change.ts";
import { aService } from "../support/builders.ts";

const run = promisify(execFile);

const Action = z.object({
  containers: z.tuple([z.object({ command: z.array(z.string()), args: z.array(z.string()) })]),
});

/** What Cloud Deploy gives the action's container. */
const VARIABLES = {
  CLOUD_DEPLOY_OUTPUT_GCS_PATH: "gs://bucket/out",
  CLOUD_DEPLOY_customTarget_imageByDigest: "repository@sha256:ab",
  CLOUD_DEPLOY_customTarget_name: "web-dev-us-central1",
  CLOUD_DEPLOY_customTarget_project: "web-dev-1a2b",
  CLOUD_DEPLOY_customTarget_region: "us-central1",
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-action-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Runs the action as a container would, with a gcloud that writes down each call, and fails one of them. */
async function act(kind: "service" | "job", failing = "none"): Promise<readonly string[]> {
  const [{ command, args }] = Action.parse(toImageAction(aService({ kind }))).containers;
  const gcloud = `#!/bin/sh\necho "$*" >> calls\ncase "$*" in *${failing}*) exit 1;; esac\n`;
  await writeFile(join(folder, "gcloud"), gcloud);
  await chmod(join(folder, "gcloud"), 0o755);
  const env = { ...VARIABLES, PATH: `${folder}:${process.env["PATH"] ?? ""}` };
  const [shell = ""] = command;
  await run(shell, args, { cwd: folder, env });
  return (await readFile(join(folder, "calls"), "utf8")).trim().split("\n");
}

describe("the script that changes an image", () => {
  const place = "--project=web-dev-1a2b --region=us-central1 --quiet";
  const upload = "storage cp results.json gs://bucket/out/results.json";

  test("updates the service, sends it all traffic, and leaves results behind", async () => {
    expect(await act("service")).toEqual([
      `run services update web-dev-us-central1 ${place} --image=repository@sha256:ab`,
      `run services update-traffic web-dev-us-central1 ${place} --to-latest`,
      upload,
    ]);
    const results: unknown = JSON.parse(await readFile(join(folder, "results.json"), "utf8"));
    expect(results).toEqual({ resultStatus: "SUCCEEDED" });
  });

  test("updates a job, which has no traffic", async () => {
    expect(await act("job")).toEqual([
      `run jobs update web-dev-us-central1 ${place} --image=repository@sha256:ab`,
      upload,
    ]);
  });

  test("fails where gcloud does, and leaves no results", async () => {
    await expect(act("service", "update-traffic")).rejects.toMatchObject({ code: 1 });
    expect(await readFile(join(folder, "calls"), "utf8")).not.toContain("storage");
  });
});
