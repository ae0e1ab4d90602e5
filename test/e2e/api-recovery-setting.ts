import { onTick } from "../../shared/app/tick.ts";
import { releaseId } from "../../shared/domain/ids.ts";
import type { ReleaseId } from "../../shared/domain/ids.ts";
import { minutes, days } from "../../shared/domain/time.ts";
import { startApiWorld } from "../support/api-world.ts";
import type { ApiWorld } from "../support/api-world.ts";
import { aDigest, anEnvironment, aPolicy, aService } from "../support/builders.ts";
import { happen, install } from "../support/storm.ts";

/** Production's database. */
export const ORDERS = {
  kind: "cloud-sql",
  project: "web-prod-0a1b",
  instance: "orders",
} as const;

/** The service `web`, whose production has a database that is backed up before each release. */
export const WEB = aService({
  environments: [
    anEnvironment("dev", { hasDatabase: true }),
    anEnvironment("prod", {
      stage: 1,
      category: "internal",
      hasDatabase: true,
      policy: aPolicy({
        backup: { cloudSql: true, gkePlan: null, retain: days(30), maxAge: minutes(0) },
        migrations: {
          before: null,
          after: { job: "contract", start: "manual", reversible: false },
        },
      }),
    }),
  ],
});

/** The path of production. */
export const PROD = "/v1/services/web/environments/prod";

/** The numbered release of `web`. */
export function releaseOf(number: number): ReleaseId {
  return releaseId(aDigest(number), WEB.revision);
}

/** The API with `web` installed, its databases, and the first two releases in production, one after the other. */
export async function startRecovery(
  variables: Readonly<Record<string, string>> = {},
): Promise<ApiWorld> {
  const api = await startApiWorld(variables);
  const { backups, jobs } = api.memory.world;
  backups.databases.set(ORDERS.project, [ORDERS.instance]);
  backups.databases.set("web-dev-0a1b", ["orders-dev"]);
  jobs.images.set("projects/web-prod-0a1b/locations/us-central1/jobs/contract", WEB.image);
  await install(api.memory.ports, WEB);
  await release(api, 1);
  await release(api, 2);
  return api;
}

/** Pushes the numbered image and brings it through to production. */
export async function release(api: ApiWorld, number: number): Promise<void> {
  const { memory } = api;
  memory.clock.advance(60_000);
  memory.world.backups.contents.set("Cloud SQL web-prod-0a1b/orders", `data before v${number}`);
  await happen(memory, { kind: "push", image: number });
  await finish(api);
  await happen(memory, { kind: "promote", environment: "prod", isGlassBroken: false });
  await finish(api);
}

/** Lets everything that is under way outside end, and Slipway see it. */
export async function finish({ memory }: ApiWorld): Promise<void> {
  const ROUNDS = 4;
  for (let round = 1; round <= ROUNDS; round += 1) {
    memory.clock.advance(1000);
    memory.backups.finishAll();
    memory.jobs.finishAll();
    memory.cloudDeploy.finishAll();
    await onTick(memory.ports, "minute");
  }
}
