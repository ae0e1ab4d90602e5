import { z } from "zod";
import { LOCAL_LOCATION } from "../../infra/local/settings.ts";
import type { LocalRole } from "../../infra/local/settings.ts";
import { create, send } from "../../infra/local/rest.ts";
import { listPolicies, makeResources } from "../../infra/local/sample-resources.ts";
import { imageOf } from "./local-spec.ts";
import { promote, promotionEnds, readRecords, tagArrives } from "./local-views.ts";
import type { LocalWorld } from "./local-world.ts";
import { present } from "./present.ts";
import { publishUnreadable } from "./rights-rare.ts";
import { until } from "./until.ts";
import { PromotionView } from "../../shared/wire/api/schemas.ts";

/** A service in projects of the installation whose production asks for all that an account of a function does there. */
export const RIGHTS = "parcel-tracker";
const DEV = "parcel-tracker-dev-3c1e";
const PROD = "parcel-tracker-prod-b6f2";
const BACKUPS = 2;
const CLIENT_ERROR = 400;
const PLANS = `projects/${PROD}/locations/${LOCAL_LOCATION}`;

const SPEC = `
service:
  id: ${RIGHTS}
  owners: [logistics]
build:
  image: ${imageOf(RIGHTS)}
  source: {repo: github.com/example/rights, dir: rights}
rollout:
  stages: [{environment: dev}, {environment: prod}]
environments:
  - id: dev
    projectID: ${DEV}
    category: test
    deploy: {type: rollout}
    healthProbes: {}
    instances: {resources: {cpu: 1, memory: 512Mi}, scaling: {maxCount: 2}}
  - id: prod
    projectID: ${PROD}
    category: internal
    deploy: {type: rollout}
    healthProbes: {}
    instances: {resources: {cpu: 1, memory: 512Mi}, scaling: {maxCount: 2}}
    resources: {postgreSQL: {databases: [main]}}
delivery:
  tags: '^(?<commit>[0-9a-f]{12})$'
  notify: [{github: true}]
  environments:
    prod:
      backup: {cloudSQL: auto, gke: ${PLANS}/backupPlans/labels, retain: 30d, maxAge: 0m}
      migrations: {before: {job: parcels-migrate}}
      alerts: {block: [CRITICAL]}
`;

/**
 * Plays what uses every right of the functions' accounts in an environment: a backup of both kinds, a migration, a
 * rollout, a restore of both, and the sweeps of the hour and the day.
 */
export async function playRights(
  world: LocalWorld,
  asOwner: (work: () => Promise<void>) => Promise<void>,
): Promise<void> {
  await asOwner(async () => prepare(world));
  for (const tag of ["aaaaaaaaaaa1", "aaaaaaaaaaa2"]) {
    await world.push(RIGHTS, tag);
    await tagArrives(world, RIGHTS, { environment: "dev", tag });
  }
  const { id } = await promote(world, RIGHTS, "prod");
  const promoted = await promotionEnds(world, id);
  if (promoted.state !== "SUCCEEDED") {
    throw new Error(`the promotion ended as ${JSON.stringify(promoted)}`);
  }
  await restoreTwice(world, id);
  await askApi(world);
  await askInChat(world);
  publishUnreadable(world);
  for (const kind of ["hour", "day"]) {
    world.publish("slipway-ticks", { kind });
  }
  const { monitoring, pubsub } = world.cloud.emulators;
  await asOwner(async () => {
    const [policy = ""] = await listPolicies(monitoring.url, PROD);
    await send("POST", `${monitoring.url}/emulator/v1/${policy}:open`, {});
  });
  await pubsub.idle();
}

/** What people ask of the API that looks beyond the state. */
async function askApi(world: LocalWorld): Promise<void> {
  const service = `/v1/services/${RIGHTS}`;
  const image = `${imageOf(RIGHTS)}:aaaaaaaaaaa1`;
  const asked = [
    ["viewer", `GET ${service}/environments/prod/backups`, undefined],
    ["deployer", `POST ${service}/releases`, { image }],
  ] as const;
  for (const [who, line, body] of asked) {
    await call(world, who, { line, body });
  }
  const body = { scope: "all", reason: "to use the right to publish" };
  const { id } = Hold.parse(await call(world, "oncall", { line: "POST /v1/holds", body }));
  await call(world, "oncall", { line: `DELETE /v1/holds/${id}`, body: undefined });
}

/** What chat does: it reads its secrets, hands over to itself, and keeps that it took the request up. */
async function askInChat(world: LocalWorld): Promise<void> {
  const { slack } = world.cloud.emulators;
  const channel = "general";
  const before = slack.messages(channel, CHATTER).length;
  await slack.command({ user: CHATTER, channel, text: `status ${RIGHTS}` });
  await until(
    "chat answers",
    async () => slack.messages(channel, CHATTER).length,
    (count) => count > before,
  );
}

/** The viewer, as the local workspace knows them. */
const CHATTER = "U0VERA";

const Hold = z.object({ id: z.string() });

async function call(
  world: LocalWorld,
  who: LocalRole,
  { line, body }: { readonly line: string; readonly body: unknown },
): Promise<unknown> {
  const { status, body: answer } = await world.call(who, line, body);
  if (status >= CLIENT_ERROR) {
    throw new Error(`${line} answered ${status}: ${JSON.stringify(answer)}`);
  }
  return answer;
}

async function prepare(world: LocalWorld): Promise<void> {
  const service = await world.apply(SPEC);
  const at = (name: string): string => present(world.file.endpoints[name], name);
  await makeResources(
    {
      cloudSql: at("cloudSql"),
      gkeBackup: at("gkeBackup"),
      cloudRun: at("cloudRun"),
      monitoring: at("monitoring"),
      loadBalancer: at("loadBalancer"),
    },
    service,
  );
  await create(`${at("gkeBackup")}/v1/${PLANS}/restorePlans?restorePlanId=labels`, {
    backupPlan: `${PLANS}/backupPlans/labels`,
    cluster: `${PLANS}/clusters/main`,
    restoreConfig: {
      allNamespaces: true,
      namespacedResourceRestoreMode: "DELETE_AND_RESTORE",
      volumeDataRestorePolicy: "RESTORE_VOLUME_DATA_FROM_BACKUP",
    },
  });
}

/**
 * Restores, and restores again. The first time the service refuses it, so that Slipway looks whether another restore is
 * under way; the second time the answer is lost, so that it is looked for.
 */
async function restoreTwice(world: LocalWorld, backup: string): Promise<void> {
  const { faults } = world.cloud.emulators.gkeBackup;
  const refused = { kind: "status", status: "FAILED_PRECONDITION" } as const;
  for (const fault of [refused, { kind: "drop-after" } as const]) {
    faults.add({ method: "CreateRestore", call: 1, ...fault });
    const line = `POST /v1/services/${RIGHTS}/environments/prod:restore`;
    const body = { backup, reason: "to use the right to restore" };
    const asked = PromotionView.parse(await call(world, "oncall", { line, body }));
    await promotionEnds(world, asked.id);
  }
  const records = await readRecords(world, RIGHTS);
  const restored = records.filter(({ kind }) => kind === "restore.finished");
  if (restored.length < BACKUPS) {
    throw new Error(`it was not restored: ${JSON.stringify(records.slice(-BACKUPS))}`);
  }
}
