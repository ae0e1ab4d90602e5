import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { CloudDeployClient } from "@google-cloud/deploy";
import { RevisionsClient } from "@google-cloud/run";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { endpointOptions } from "../../shared/adapters/grpc-endpoint.ts";
import { serviceName } from "../../shared/adapters/cloud-run.ts";
import type { Environment, Service } from "../../shared/domain/service.ts";
import { smallSpec } from "../support/local-spec.ts";
import { promote, readRecords, readService, tagArrives } from "../support/local-views.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { isMissing } from "../support/needs.ts";
import { present } from "../support/present.ts";
import { until } from "../support/until.ts";

/** gcloud takes a second or two to start. */
const TEST_TIMEOUT_MS = 120_000;

const hasNoGcloud = isMissing("gcloud", ["gcloud", "--version"]);
const run = promisify(execFile);

let world: LocalWorld;
let service: Service;

beforeAll(async () => {
  world = await openLocalWorld();
  await world.stopTicks();
  service = await world.apply(smallSpec("web"));
  for (const tag of ["v1", "v2"]) {
    await world.push("web", tag);
    await tagArrives(world, "web", { environment: "dev", tag });
  }
});

afterAll(async () => {
  await world.close();
});

function dev(): Environment {
  return present(service.environments[0], "dev");
}

type Shown = Awaited<ReturnType<typeof readService>>["environments"][number];

/** Waits until dev is shown so, with no tick to help. */
async function devIs(what: string, isSo: (environment: Shown) => boolean): Promise<Shown> {
  return until(what, readDev, isSo);
}

async function readDev(): Promise<Shown> {
  return present((await readService(world, "web")).environments[0], "dev");
}

async function recorded(kind: string): Promise<readonly Readonly<Record<string, string>>[]> {
  const records = await readRecords(world, "web");
  return records.filter((one) => one.kind === kind).map(({ details }) => details);
}

async function gcloud(...words: readonly string[]): Promise<void> {
  const { pipeline } = dev();
  const place = [`--region=${pipeline.location}`, `--project=${pipeline.project}`, "--quiet"];
  await run("gcloud", ["deploy", ...words, ...place], {
    env: {
      PATH: process.env["PATH"],
      CLOUDSDK_CONFIG: join(world.directory, "gcloud"),
      CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDDEPLOY: `http://${address("cloudDeploy")}/`,
      CLOUDSDK_AUTH_DISABLE_CREDENTIALS: "true",
      CLOUDSDK_CORE_DISABLE_PROMPTS: "1",
    },
  });
}

function address(name: string): string {
  return (world.file.endpoints[name] ?? "").replace("http://", "");
}

/** Rolls dev back as gcloud does: a rollout of the release before. */
async function rollBack(): Promise<void> {
  const { pipeline, target } = dev();
  if (!hasNoGcloud) {
    await gcloud("targets", "rollback", target, `--delivery-pipeline=${pipeline.id}`);
    return;
  }
  const client = new CloudDeployClient(await endpointOptions(address("cloudDeploy")));
  const name = `projects/${pipeline.project}/locations/${pipeline.location}/deliveryPipelines/${pipeline.id}`;
  const [releases] = await client.listReleases({ parent: name });
  const rollout = { targetId: target };
  const starts = { rolloutId: "by-hand-0001", rollout, startingPhaseId: "stable" };
  await client.createRollout({ parent: present(releases[0]?.name, "a release"), ...starts });
  await client.close();
}

describe("a rollback of a target beside Slipway", () => {
  test(
    "is recorded, shown as drift at once, and over when a promotion takes its place",
    async () => {
      const before = await devIs("v2 runs", ({ current }) => current?.tag === "v2");
      await rollBack();
      const drifted = await devIs("dev has drifted", ({ drift }) => drift !== null);
      expect(drifted.current).toEqual(before.current);
      expect(drifted.drift?.running).not.toBe(before.current?.image);
      // What is drift shows with the traffic, which is moved before the rollout has ended.
      const ended = await until(
        "the rollout has ended",
        async () => (await recorded("rollout.foreign")).at(-1),
        (last) => JSON.stringify(last).includes("SUCCEEDED"),
      );
      expect(ended).toMatchObject({ state: "SUCCEEDED", target: dev().target });

      await promote(world, "web", "dev");
      await devIs("the drift is over", ({ drift }) => drift === null);
      expect(await recorded("drift.resolved")).toHaveLength(1);
      const line = "POST /v1/services/web/environments/dev:promote";
      const again = await world.call("deployer", line, {});
      expect(again.status).toBe(409);
      expect(JSON.stringify(again.body)).toContain("already runs");
    },
    TEST_TIMEOUT_MS,
  );
});

/** The revision of a Cloud Run service that was made first. */
async function oldestRevision(name: string): Promise<string> {
  const client = new RevisionsClient(await endpointOptions(address("cloudRun")));
  const [revisions] = await client.listRevisions({ parent: name });
  await client.close();
  const names = revisions.map((revision) => (revision.name ?? "").split("/").at(-1) ?? "");
  return present(names.toSorted()[0], "a revision");
}

const Knative = z.looseObject({
  metadata: z.looseObject({ annotations: z.record(z.string(), z.string()) }),
  spec: z.record(z.string(), z.unknown()),
});

/** Sends all traffic to a revision as `gcloud run services update-traffic` does: in version 1 of the API. */
async function moveTraffic(name: string, revisionName: string): Promise<void> {
  const [, project = "", , , , id = ""] = name.split("/");
  const path = `apis/serving.knative.dev/v1/namespaces/${project}/services/${id}`;
  const url = `http://${address("cloudRun")}/${path}`;
  const found = Knative.parse(await (await fetch(url)).json());
  const annotations = {
    ...found.metadata.annotations,
    "run.googleapis.com/client-name": "gcloud",
  };
  const metadata = { ...found.metadata, annotations };
  const spec = { ...found.spec, traffic: [{ revisionName, percent: 100 }] };
  const written = await fetch(url, {
    method: "PUT",
    body: JSON.stringify({ ...found, metadata, spec }),
  });
  expect(written.status).toBe(200);
}

describe("traffic that is moved by hand", () => {
  test(
    "is looked at when somebody asks for the release that is recorded, and asking again takes it back",
    async () => {
      const name = serviceName(dev());
      const records = await recorded("drift.detected");
      await moveTraffic(name, await oldestRevision(name));
      const line = "POST /v1/services/web/environments/dev:promote";
      const refused = await world.call("deployer", line, {});
      expect(refused.status).toBe(409);
      expect(JSON.stringify(refused.body)).toContain("it is being looked at");
      await devIs("the traffic was seen", ({ drift }) => drift !== null);
      await promote(world, "web", "dev");
      await devIs("v2 runs again", ({ drift, promotion }) => drift === null && promotion === null);
      const told = await recorded("drift.detected");
      expect(told.slice(records.length)).toMatchObject([{ by: "with gcloud" }]);
    },
    TEST_TIMEOUT_MS,
  );
});
