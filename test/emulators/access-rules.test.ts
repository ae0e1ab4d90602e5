import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { toRules as toRegistryRules } from "../../emulators/artifact-registry/api.ts";
import { openKinds as openRegistry } from "../../emulators/artifact-registry/kinds.ts";
import { startArtifactRegistry } from "../../emulators/artifact-registry/server.ts";
import { toRules } from "../../emulators/cloud-deploy/access-rules.ts";
import { openKinds as openDeploy } from "../../emulators/cloud-deploy/kinds.ts";
import { startCloudDeploy } from "../../emulators/cloud-deploy/server.ts";
import { createRules } from "../../emulators/cloud-run/apis.ts";
import { openCloudRun } from "../../emulators/cloud-run/kinds.ts";
import { startCloudRun } from "../../emulators/cloud-run/server.ts";
import { RULES as SQL } from "../../emulators/cloud-sql/apis.ts";
import { startCloudSql } from "../../emulators/cloud-sql/server.ts";
import { RULES as FIRESTORE } from "../../emulators/firestore/access-rules.ts";
import { startFirestore } from "../../emulators/firestore/server.ts";
import { startGkeBackup } from "../../emulators/gke-backup/server.ts";
import { type CloudAccess, createCloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import { policyKeeper } from "../../emulators/kit/access/policy-methods.ts";
import { predefinedRoles } from "../../emulators/kit/access/roles.ts";
import type { Rules } from "../../emulators/kit/access/rules.ts";
import { putObject } from "../support/put-object.ts";
import { manualClock } from "../support/manual-clock.ts";
import {
  alertPolicies,
  notificationChannels,
  toApis,
} from "../../emulators/monitoring/resources.ts";
import { startMonitoring } from "../../emulators/monitoring/server.ts";
import { RULES as PUBSUB } from "../../emulators/pubsub/access-rules.ts";
import { openJobs } from "../../emulators/scheduler/jobs.ts";
import { rulesFor, startScheduler } from "../../emulators/scheduler/server.ts";
import { openSecrets } from "../../emulators/secret-manager/secrets.ts";
import {
  rulesFor as secretRules,
  startSecretManager,
} from "../../emulators/secret-manager/server.ts";
import { startStorage } from "../../emulators/storage/server.ts";

const PROJECT = "projects/acme";
const PLACE = `${PROJECT}/locations/us-central1`;
const ANN = "user:ann@example.com";
const SOURCE = { project: "acme", bucket: "sources", name: "a", bytes: Buffer.from("a") };
const DEPLOYER = "slipway-deploy@acme.iam.gserviceaccount.com";

let access: CloudAccess;
let options: { readonly clock: ReturnType<typeof manualClock>; readonly access: CloudAccess };

beforeEach(() => {
  const clock = manualClock();
  access = createCloudAccess();
  access.use({ identify: () => ({ member: ANN }) });
  options = { clock, access };
});

const running: { readonly close: () => Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

function started<Server extends { readonly close: () => Promise<void> }>(server: Server): Server {
  running.push(server);
  return server;
}

/** Asks as Ann and says what is missing; null for a call that was let through. */
async function missing(url: string, method = "GET", body?: unknown): Promise<string | null> {
  const headers = { authorization: "Bearer ann" };
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const response = await fetch(url, init);
  const text = await response.text();
  return response.status === 403 ? (/Permission '([^']+)' denied/.exec(text)?.[1] ?? text) : null;
}

/** Rules are asked without a request, so that nobody looks at what there is. */
function unasked(): never {
  throw new Error("nothing is asked");
}

const RUN = {
  now: unasked,
  keeper: policyKeeper({}, "cloud-run"),
  images: null,
  times: { readyMs: 0, jobMs: 0, taskMs: 0 },
  baseUrl: unasked,
  isFunction: unasked,
};

test.each<readonly [string, Rules]>([
  ["Artifact Registry", toRegistryRules(openRegistry(unasked))],
  ["Cloud Deploy", toRules(new Map(), openDeploy(unasked))],
  ["Cloud Run", createRules(openCloudRun(RUN))],
  ["Cloud SQL", SQL],
  ["Firestore", FIRESTORE],
  ["Monitoring", toApis(alertPolicies(unasked), notificationChannels(unasked)).rules],
  ["Pub/Sub", PUBSUB],
  ["Scheduler", rulesFor(openJobs())],
  ["Secret Manager", secretRules(openSecrets(unasked))],
])("every permission that %s asks for is one of Google's", (_, rules) => {
  const known = new Set(predefinedRoles().flatMap(({ permissions }) => Array.from(permissions)));
  const asked = Object.values(rules).flatMap((rule) => rule({ overrides: {} }));
  expect(asked.filter(({ permission }) => !known.has(permission))).toEqual([]);
});

test("every method of every emulator has a rule, or it would not start", async () => {
  const starts = [
    startArtifactRegistry,
    startCloudDeploy,
    startCloudRun,
    startCloudSql,
    startFirestore,
    startMonitoring,
    startSecretManager,
  ];
  const servers = await Promise.all([
    ...starts.map((start) => start(options)),
    startScheduler({ ...options, publisher: { publish: () => {} } }),
  ]);
  servers.forEach(started);
  expect(servers).toHaveLength(8);
});

describe("who lacks a right is told which", () => {
  test("in Cloud Deploy, also the right to act as the account that deploys", async () => {
    const deploy = started(await startCloudDeploy(options));
    const base = `${deploy.url}/v1/${PLACE}`;
    const run = { location: PLACE };
    const executionConfigs = [{ usages: ["RENDER", "DEPLOY"], serviceAccount: DEPLOYER }];
    const create = `${base}/targets?targetId=dev`;
    expect(await missing(create, "POST", { run, executionConfigs })).toBe(
      "clouddeploy.targets.create",
    );
    access.policies.set(PROJECT, {
      bindings: [{ role: "roles/clouddeploy.admin", members: [ANN] }],
    });
    expect(await missing(create, "POST", { run, executionConfigs })).toBe(
      "iam.serviceAccounts.actAs",
    );
    const account = `${PROJECT}/serviceAccounts/${DEPLOYER}`;
    const user = { role: "roles/iam.serviceAccountUser", members: [ANN] };
    access.policies.set(account, { bindings: [user] });
    expect(await missing(create, "POST", { run, executionConfigs })).toBeNull();
    await options.clock.advance(1);
    const pipeline = { serialPipeline: { stages: [{ targetId: "dev" }] } };
    const pipelines = `${base}/deliveryPipelines`;
    expect(await missing(`${pipelines}?deliveryPipelineId=web`, "POST", pipeline)).toBeNull();
    await options.clock.advance(1);
    access.policies.set(account, {});
    const release = `${pipelines}/web/releases?releaseId=r1`;
    expect(await missing(release, "POST", {})).toBe("iam.serviceAccounts.actAs");
    expect(access.recording().refused).toContainEqual({
      member: ANN,
      permission: "iam.serviceAccounts.actAs",
      resource: account,
    });
  });

  test("in Cloud Run, where a job is run with other arguments than its own", async () => {
    const run = started(await startCloudRun(options));
    const job = `${run.url}/v2/${PLACE}/jobs/migrate:run`;
    access.policies.set(PROJECT, { bindings: [{ role: "roles/run.invoker", members: [ANN] }] });
    expect(await missing(job, "POST", {})).toBeNull();
    const overrides = { containerOverrides: [{ args: ["up"] }] };
    expect(await missing(job, "POST", { overrides })).toBe("run.jobs.runWithOverrides");
  });

  test("in Firestore, by what a commit does", async () => {
    const firestore = started(await startFirestore(options));
    const documents = `${PROJECT}/databases/slipway/documents`;
    const commit = `${firestore.url}/v1/${documents}:commit`;
    const update = { name: `${documents}/services/web`, fields: {} };
    const role = `${PROJECT}/roles/state`;
    const permissions = new Set(["datastore.entities.create", "datastore.entities.get"]);
    access.use({ customRole: (name) => (name === role ? permissions : null) });
    access.policies.set(PROJECT, { bindings: [{ role, members: [ANN] }] });
    const isNew = { exists: false };
    expect(
      await missing(commit, "POST", { writes: [{ update, currentDocument: isNew }] }),
    ).toBeNull();
    const there = { writes: [{ update, currentDocument: { exists: true } }] };
    expect(await missing(commit, "POST", there)).toBe("datastore.entities.update");
    expect(await missing(commit, "POST", { writes: [{ update }] })).toBe(
      "datastore.entities.update",
    );
    const removal = { writes: [{ delete: update.name }] };
    expect(await missing(commit, "POST", removal)).toBe("datastore.entities.delete");
    expect(await missing(`${firestore.url}/v1/${update.name}`)).toBeNull();
    access.policies.set(PROJECT, {});
    expect(await missing(`${firestore.url}/v1/${update.name}`)).toBe("datastore.entities.get");
  });

  test("in a registry, which asks for a password as registries do", async () => {
    const repository = `${PLACE}/repositories/apps`;
    const repositories = [{ name: repository }];
    const registry = started(await startArtifactRegistry({ ...options, repositories }));
    const ping = await fetch(`${registry.url}/v2/`);
    expect(ping.status).toBe(401);
    expect(ping.headers.get("www-authenticate")).toMatch(/^Basic /);
    const manifest = `${registry.url}/v2/acme/apps/web/manifests/latest`;
    const authorization = `Basic ${Buffer.from("oauth2accesstoken:ann").toString("base64")}`;
    const refused = await fetch(manifest, { headers: { authorization } });
    expect(await refused.text()).toContain("artifactregistry.repositories.downloadArtifacts");
    const reader = { role: "roles/artifactregistry.reader", members: [ANN] };
    access.policies.set(repository, { bindings: [reader] });
    expect((await fetch(manifest, { headers: { authorization } })).status).toBe(404);
    expect(await missing(manifest, "PUT", {})).toBe(
      "artifactregistry.repositories.uploadArtifacts",
    );
  });

  test("in Cloud Storage, where a bucket is in its project", async () => {
    const storage = started(await startStorage(options));
    access.policies.set(PROJECT, { bindings: [{ role: "roles/owner", members: [ANN] }] });
    await putObject(storage, SOURCE, "ann");
    access.policies.set(PROJECT, { bindings: [] });
    const object = `${storage.url}/storage/v1/b/sources/o/a`;
    expect(await missing(object)).toBe("storage.objects.get");
    access.policies.set(PROJECT, {
      bindings: [{ role: "roles/storage.objectViewer", members: [ANN] }],
    });
    expect(await missing(object)).toBeNull();
    const upload = `${storage.url}/upload/storage/v1/b/sources/o?uploadType=media&name=`;
    expect(await missing(`${upload}b`, "POST", {})).toBe("storage.objects.create");
    access.policies.set("projects/_/buckets/sources", {
      bindings: [{ role: "roles/storage.objectCreator", members: [ANN] }],
    });
    expect(await missing(`${upload}b`, "POST", {})).toBeNull();
    expect(await missing(`${upload}a`, "POST", {})).toBe("storage.objects.delete");
    const policy = `${storage.url}/storage/v1/b/sources/iam`;
    expect(await missing(policy)).toBe("storage.buckets.getIamPolicy");
  });

  test("in Cloud SQL, Backup for GKE and Monitoring", async () => {
    const sql = started(await startCloudSql(options));
    const backups = `${sql.url}/v1/${PROJECT}/instances/db/backupRuns`;
    expect(await missing(backups, "POST", {})).toBe("cloudsql.backupRuns.create");
    const gke = started(await startGkeBackup(options));
    const plans = `${gke.url}/v1/${PLACE}/backupPlans`;
    expect(await missing(plans)).toBe("gkebackup.backupPlans.list");
    expect(await missing(`${plans}/p/backups?backupId=b`, "POST", {})).toBe(
      "gkebackup.backups.create",
    );
    const monitoring = started(await startMonitoring(options));
    expect(await missing(`${monitoring.url}/v3/${PROJECT}/alerts`)).toBe("monitoring.alerts.list");
    access.policies.set(PROJECT, { bindings: [{ role: "roles/viewer", members: [ANN] }] });
    expect(await missing(plans)).toBeNull();
    expect(await missing(`${monitoring.url}/v3/${PROJECT}/alerts`)).toBeNull();
  });
});

test("the policy of a bucket, a repository and a pipeline is read and set as that of anything else", async () => {
  access.policies.set(PROJECT, { bindings: [{ role: "roles/owner", members: [ANN] }] });
  const storage = started(await startStorage(options));
  await putObject(storage, SOURCE, "ann");
  const repositories = [{ name: `${PLACE}/repositories/apps` }];
  const registry = started(await startArtifactRegistry({ ...options, repositories }));
  const headers = { authorization: "Bearer ann" };
  const bindings = [{ role: "roles/viewer", members: [ANN] }];
  const url = `${registry.url}/v1/${PLACE}/repositories/apps`;
  const body = JSON.stringify({ policy: { bindings } });
  const put = await fetch(`${url}:setIamPolicy`, { method: "POST", headers, body });
  expect(await put.json()).toMatchObject({ bindings });
  expect(await (await fetch(`${url}:getIamPolicy`, { headers })).json()).toMatchObject({
    bindings,
  });
  expect(await missing(`${storage.url}/storage/v1/b/sources/o/a`)).toBeNull();
  expect((await fetch(`${storage.url}/storage/v1/b/none`, { headers })).status).toBe(404);
  const bucket = `${storage.url}/storage/v1/b/sources/iam`;
  const admins = [{ role: "roles/storage.admin", members: [ANN] }];
  access.policies.set("projects/_/buckets/sources", { bindings: admins });
  const stale = JSON.stringify({ etag: "ACAB", bindings });
  expect((await fetch(bucket, { method: "PUT", headers, body: stale })).status).toBe(412);
  const next = JSON.stringify({ bindings: [...admins, ...bindings] });
  const changed = await fetch(bucket, { method: "PUT", headers, body: next });
  expect(await changed.json()).toMatchObject({
    kind: "storage#policy",
    bindings: [...admins, ...bindings],
  });
});
