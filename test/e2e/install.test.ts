import { afterAll, beforeAll, expect, test } from "vitest";
import {
  destroyInstallation,
  planInstallation,
  planRemoval,
} from "../../infra/platform/installer.ts";
import type { InstallationPlan, Installer } from "../../infra/platform/installer.ts";
import { googleDrivers } from "../../infra/platform/kinds/drivers.ts";
import { pagesFindings } from "../../infra/platform/doctor/pages.ts";
import { installationFindings } from "../../infra/platform/doctor/installation.ts";
import { changePolicy, findPolicy } from "../../infra/platform/kinds/policy.ts";
import type { Settings } from "../../infra/platform/settings.ts";
import { TransientError } from "../../shared/ports/errors.ts";
import { startGoogleCloud } from "../support/platform/google-cloud.ts";
import type { GoogleCloud } from "../support/platform/google-cloud.ts";
import {
  INSTALLED_FUNCTIONS,
  anInstaller,
  applyPlan,
  INSTALLED as settings,
  pauseBriefly,
  pending,
} from "../support/platform/installing.ts";
import { someSettings } from "../support/platform/settings.ts";

let cloud: GoogleCloud;

beforeAll(async () => {
  cloud = await startGoogleCloud({ ...settings, environments: someSettings().environments });
});

afterAll(async () => {
  await cloud.close();
});

async function installer(changes: Partial<Settings> = {}, version = "0.1.0"): Promise<Installer> {
  return anInstaller(cloud, changes, { version });
}

async function apply(plan: InstallationPlan): Promise<readonly string[]> {
  return applyPlan(await installer(), plan);
}

test("an empty project is installed into, and a second plan is empty", async () => {
  const first = await planInstallation(await installer());
  expect(first.obstacles).toEqual([]);
  expect(await apply(first)).toEqual([]);
  const second = await planInstallation(await installer());
  expect(second.obstacles).toEqual([]);
  expect(pending(second)).toEqual([]);
  expect(second.mark).toEqual({ version: "0-1-0", state: "complete" });
});

test("members of others stay, and what is changed by hand is put right", async () => {
  const { google } = await installer();
  const topic = "projects/acme-slipway/topics/slipway-audit";
  const reader = "user:reader@example.com";
  await changePolicy(google, topic, () => ({ "roles/pubsub.subscriber": [reader] }));
  await changePolicy(google, "projects/acme-web-dev", (there) => ({
    ...there,
    "projects/acme-web-dev/roles/slipwayDeploy": [],
  }));
  await google.call("pubsub", {
    method: "PATCH",
    path: "v1/projects/acme-slipway/subscriptions/slipway-on-tick-slipway-ticks",
    body: { subscription: { ackDeadlineSeconds: 10 }, updateMask: "ackDeadlineSeconds" },
  });
  await google.call("iam", {
    method: "DELETE",
    path: "v1/projects/acme-slipway/roles/slipwayState",
  });
  await google.call("firestore", {
    method: "PATCH",
    path: "v1/projects/acme-slipway/databases/slipway/collectionGroups/promotions/fields/id",
    query: { updateMask: "indexConfig" },
    body: {},
  });
  await google.call("scheduler", {
    method: "DELETE",
    path: "v1/projects/acme-slipway/locations/europe-west3/jobs/slipway-hour",
  });
  const drifted = await planInstallation(await installer());
  expect(pending(drifted).map((line) => line.split(" ").slice(0, 3).join(" "))).toEqual([
    "create role projects/acme-slipway/roles/slipwayState",
    "update index projects/acme-slipway/databases/slipway/collectionGroups/promotions/fields/id",
    "update subscription projects/acme-slipway/subscriptions/slipway-on-tick-slipway-ticks",
    "create job projects/acme-slipway/locations/europe-west3/jobs/slipway-hour",
    "update grants projects/acme-slipway/topics/slipway-audit",
    "update grants projects/acme-web-dev",
  ]);
  expect(
    installationFindings(drifted, "0.1.0").map(({ check, severity }) => `${check} ${severity}`),
  ).toEqual([
    "permissions well",
    "index error",
    "version well",
    ...Array.from({ length: 5 }, () => "installation warning"),
  ]);
  expect(await apply(drifted)).toEqual([]);
  expect(pending(await planInstallation(await installer()))).toEqual([]);
  expect((await findPolicy(google, topic))?.["roles/pubsub.subscriber"]).toEqual([reader]);
});

test("a function is built again only when what it is made of has changed", async () => {
  const same = await planInstallation(await installer());
  expect(pending(same)).toEqual([]);
  const changed = await planInstallation({ ...(await installer()), bundleHash: "1".repeat(40) });
  expect(pending(changed)).toHaveLength(INSTALLED_FUNCTIONS.length);
  expect(pending(changed)[0]).toContain("labels.slipway-bundle");
});

test("what needs a function waits until it is there, though waiting for it was given up", async () => {
  const { google } = await installer();
  await google.call("functions", {
    method: "DELETE",
    path: "v2/projects/acme-slipway/locations/europe-west3/functions/on-tick",
  });
  let looks = 0;
  const pause = async (): Promise<void> => {
    looks += 1;
    return looks === 1
      ? Promise.reject(new TransientError("DEADLINE_EXCEEDED", "it is not done yet"))
      : pauseBriefly();
  };
  const hasty = await anInstaller(cloud, {}, { pause });
  expect(await applyPlan(hasty, await planInstallation(hasty))).toEqual([]);
  expect(looks).toBeGreaterThan(1);
  expect(pending(await planInstallation(await installer()))).toEqual([]);
});

async function notZip(): Promise<Uint8Array> {
  return Promise.resolve(new Uint8Array(8));
}

test("a function that could not be built is built again", async () => {
  const { google, ...rest } = await installer();
  const drivers = googleDrivers(google, settings.project, notZip);
  const broken = { ...rest, google, drivers, bundleHash: "2".repeat(40) };
  const failed = await applyPlan(broken, await planInstallation(broken));
  expect(failed).toHaveLength(INSTALLED_FUNCTIONS.length);
  expect(failed[0]).toMatch(/Build failed/);
  const again = await planInstallation(broken);
  expect(pending(again)).toHaveLength(INSTALLED_FUNCTIONS.length);
  expect(pending(again)[0]).toContain("state: FAILED -> ACTIVE");
  expect(await apply(await planInstallation(await installer()))).toEqual([]);
  expect(pending(await planInstallation(await installer()))).toEqual([]);
});

test("a function that anybody may call is refused until a person closes it", async () => {
  const { google } = await installer();
  const api = "projects/acme-slipway/locations/europe-west3/services/api";
  const role = "roles/run.invoker";
  const before = (await findPolicy(google, api))?.[role] ?? [];
  await changePolicy(google, api, (there) => ({ ...there, [role]: [...before, "allUsers"] }));
  const open = await planInstallation(await installer());
  expect(open.obstacles).toMatchObject([
    {
      what: expect.stringMatching(/^anybody may call the function api/) as unknown,
      mend: `gcloud run services remove-iam-policy-binding api --project=acme-slipway --region=europe-west3 --member=allUsers --role=${role}`,
    },
  ]);
  expect(installationFindings(open, "0.1.0")[0]).toMatchObject({ severity: "error" });
  // Whoever proves to be somebody is known by that.
  const known = [...before, "allAuthenticatedUsers"];
  await changePolicy(google, api, (there) => ({ ...there, [role]: known }));
  expect((await planInstallation(await installer())).obstacles).toEqual([]);
  await changePolicy(google, api, (there) => ({ ...there, [role]: before }));
});

test("the doctor says that nobody can open the pages until Identity-Aware Proxy is on", async () => {
  const { google } = await installer();
  // In Google's cloud a function is a service of Cloud Run, which the local one does not show.
  await google.call("run", {
    method: "POST",
    path: "v2/projects/acme-slipway/locations/europe-west3/services",
    query: { serviceId: "web" },
    body: { template: { containers: [{ image: "us-docker.pkg.dev/cloudrun/container/hello" }] } },
  });
  expect(await pagesFindings(google, settings)).toMatchObject([
    {
      severity: "warning",
      mend: "gcloud beta run services update web --iap --project=acme-slipway --region=europe-west3",
    },
  ]);
  await google.call("run", {
    method: "PATCH",
    path: "v2/projects/acme-slipway/locations/europe-west3/services/web",
    query: { updateMask: "iapEnabled" },
    body: { iapEnabled: true },
  });
  expect(await pagesFindings(google, settings)).toMatchObject([{ severity: "well" }]);
  // The installation has no opinion of it: a second plan is empty all the same.
  expect(pending(await planInstallation(await installer()))).toEqual([]);
});

test("an older version, and a half-made installation of another one, are refused", async () => {
  const older = await planInstallation(await installer({}, "0.0.9"));
  expect(older.obstacles.map(({ what }) => what)).toContainEqual(
    expect.stringContaining("which is older"),
  );
  const { google } = await installer();
  const bucket = "storage/v1/b/acme-slipway-sources";
  const label = async (state: string): Promise<void> => {
    await google.call("storage", {
      method: "PATCH",
      path: bucket,
      body: { labels: { "slipway-state": state } },
    });
  };
  await label("applying");
  const other = await planInstallation(await installer({}, "0.2.0"));
  expect(other.obstacles.map(({ what }) => what)).toContainEqual(
    expect.stringContaining("did not finish"),
  );
  const takenOver = await planInstallation({ ...(await installer({}, "0.2.0")), takesOver: true });
  expect(takenOver.obstacles).toEqual([]);
  await label("complete");
});

test("an installation that is destroyed leaves its data and what is not its own", async () => {
  const plan = await planInstallation(await installer());
  const removals = planRemoval(plan, { database: null, bucket: null });
  const { failed } = await destroyInstallation(await installer(), removals, () => undefined);
  expect(failed.map(({ item, error }) => `${item.key}: ${String(error)}`)).toEqual([]);
  const after = await planInstallation(await installer());
  const left = after.changes.filter(({ found, resource }) => {
    return found !== null && !["apis", "index", "backup schedule"].includes(resource.kind);
  });
  expect(left.map(({ key, action }) => `${action} ${key}`)).toEqual([
    "unchanged bucket acme-slipway-sources",
    "unchanged database projects/acme-slipway/databases/slipway",
    ...left
      .slice(2)
      .map(({ key, action }) => `${action} ${key}`)
      .filter((line) => line.includes("grants")),
  ]);
  const named = planRemoval(after, { database: "slipway", bucket: "acme-slipway-sources" });
  await destroyInstallation(await installer(), named, () => undefined);
  const gone = await planInstallation(await installer());
  const data = gone.changes.filter(
    ({ found, resource: { kind } }) => found !== null && (kind === "bucket" || kind === "database"),
  );
  expect(data).toEqual([]);
});
