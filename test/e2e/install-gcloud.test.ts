import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { planInstallation } from "../../infra/platform/installer.ts";
import type { Change } from "../../infra/platform/engine/plan.ts";
import type { Kind } from "../../infra/platform/resource.ts";
import { isMissing } from "../support/needs.ts";
import { startGoogleCloud } from "../support/platform/google-cloud.ts";
import type { GoogleCloud } from "../support/platform/google-cloud.ts";
import { anInstaller, applyPlan, INSTALLED } from "../support/platform/installing.ts";

const run = promisify(execFile);

/** A list of things with names. */
const List = z.array(z.looseObject({ name: z.string() }));

const isSkipped = isMissing("gcloud", ["gcloud", "--version"]);

/** What an installation is, read by a program that is not ours. */
describe.skipIf(isSkipped)("gcloud shows what the table says", () => {
  let cloud: GoogleCloud;
  let folder: string;
  let table: readonly Change[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "slipway-gcloud-"));
    await writeFile(join(folder, "token"), "ann");
    cloud = await startGoogleCloud(INSTALLED);
    const installer = await anInstaller(cloud);
    const plan = await planInstallation(installer);
    table = plan.changes;
    await applyPlan(installer, plan);
  });

  afterAll(async () => {
    await cloud.close();
    await rm(folder, { recursive: true });
  });

  /** What a command prints, parsed. gcloud puts the region before the host of Cloud Run, so that is its own proxy. */
  async function gcloud(...words: readonly string[]): Promise<unknown> {
    const { functions, pubsub, scheduler, firestore, run: cloudRun } = cloud.endpoints;
    const { stdout } = await run("gcloud", [...words, "--format=json"], {
      env: {
        PATH: process.env["PATH"],
        CLOUDSDK_CONFIG: folder,
        CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: join(folder, "token"),
        CLOUDSDK_CORE_PROJECT: INSTALLED.project,
        CLOUDSDK_CORE_DISABLE_PROMPTS: "1",
        CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: "true",
        CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: "true",
        CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDFUNCTIONS: `${functions}/`,
        CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB: `${pubsub}/`,
        CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDSCHEDULER: `${scheduler}/`,
        CLOUDSDK_API_ENDPOINT_OVERRIDES_FIRESTORE: `${firestore}/`,
        CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN: "http://run.googleapis.com/",
        ...(words[0] === "run" && { http_proxy: cloudRun }),
      },
    });
    return JSON.parse(stdout);
  }

  type Named = { readonly name: string };

  /** What the table says of a kind, in the order of names. */
  function wanted(kind: Kind): readonly Named[] {
    const own = table.filter(({ resource }) => resource.kind === kind);
    return byName(own.map(({ resource: { name, fields } }) => Object.assign({ name }, fields)));
  }

  function byName(all: readonly Named[]): readonly Named[] {
    return all.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  test("functions, subscriptions, schedules, callers and the database", async () => {
    const region = `--region=${INSTALLED.location}`;
    const named = wanted("function").filter(({ name }) => name.endsWith("/api"));
    const [functions, api, subscriptions, tick, jobs, policy, databases] = await Promise.all([
      gcloud("functions", "list", "--v2", `--regions=${INSTALLED.location}`),
      gcloud("functions", "describe", "api", "--v2", region),
      gcloud("pubsub", "subscriptions", "list"),
      gcloud("pubsub", "subscriptions", "describe", "slipway-on-tick-slipway-ticks"),
      gcloud("scheduler", "jobs", "list", `--location=${INSTALLED.location}`),
      gcloud("run", "services", "get-iam-policy", "api", region),
      gcloud("firestore", "databases", "list"),
    ]);
    expect(byName(List.parse(functions))).toMatchObject(wanted("function"));
    expect([api]).toMatchObject(named);
    expect(byName(List.parse(subscriptions))).toMatchObject(wanted("subscription"));
    expect(List.parse(subscriptions)).toContainEqual(tick);
    expect(byName(List.parse(jobs))).toMatchObject(wanted("job"));
    expect(databases).toMatchObject(wanted("database"));
    expect(policy).toMatchObject({
      bindings: [{ role: "roles/run.invoker", members: ["group:eng@example.com"] }],
    });
  });
});
