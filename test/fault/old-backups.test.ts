import { expect, test } from "vitest";
import { onTick } from "../../shared/app/tick.ts";
import type { Backup, BackupSource } from "../../shared/domain/backup.ts";
import { asPromotionId, environmentId } from "../../shared/domain/ids.ts";
import { days, duration, instant } from "../../shared/domain/time.ts";
import type { Instant } from "../../shared/domain/time.ts";
import { anEnvironment, aPolicy, aService } from "../support/builders.ts";
import { brokenAtRest, brokenInWorld } from "../support/invariants.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import type { MemoryPorts } from "../support/memory-ports.ts";
import { comeToRest, happen, install } from "../support/storm.ts";

const PROJECT = "web-prod-0a1b";
const SOURCE: BackupSource = { kind: "cloud-sql", project: PROJECT, instance: "web" };
const RETAIN = days(30);

/** A world with two deployments to prod, each with its backup. */
async function open(): Promise<MemoryPorts> {
  const memory = memoryPorts();
  memory.world.backups.databases.set(PROJECT, ["web"]);
  const backup = { cloudSql: true, gkePlan: null, retain: RETAIN, maxAge: duration(0) };
  const policy = aPolicy({ backup });
  const prod = anEnvironment("prod", { stage: 1, policy, hasDatabase: true });
  await install(memory.ports, aService({ environments: [anEnvironment("dev"), prod] }));
  await happen(memory, { kind: "push", image: 1 });
  await happen(memory, { kind: "roll", isNotified: true });
  await happen(memory, { kind: "promote", environment: "prod", isGlassBroken: false });
  await comeToRest(memory);
  return memory;
}

/** A backup that Cloud SQL keeps, and that is in the history of a service; in no state any more. */
function keep(
  { world }: MemoryPorts,
  {
    promotion,
    service,
    finishedAt,
  }: {
    readonly promotion: string;
    readonly service: string;
    readonly finishedAt: Instant;
  },
): void {
  const id = `${promotion}-b1`;
  const how = { state: "SUCCEEDED" as const, startedAt: finishedAt, finishedAt, message: null };
  const name = `kept/${id}`;
  world.backups.backups.unshift({ name, source: SOURCE, mark: id, content: null, ...how });
  const backup: Backup = {
    id,
    environment: environmentId("prod"),
    promotion: asPromotionId(promotion),
    release: null,
    source: SOURCE,
    floor: { kind: "none" },
    name,
    ...how,
  };
  world.store.backups.set(`${service}/${id}`, backup);
}

function keptMarks({ world }: MemoryPorts): readonly (string | null)[] {
  return world.backups.backups.map(({ mark }) => mark);
}

test("old backups that the state has forgotten are removed by the day, and only this service's own", async () => {
  const memory = await open();
  const [newest] = keptMarks(memory);
  const old = instant(memory.clock.now() - RETAIN);
  keep(memory, { promotion: "r-old-to-prod-0001", service: "web", finishedAt: old });
  keep(memory, { promotion: "r-other-to-prod-0001", service: "shop", finishedAt: old });
  const young = instant(old + days(1));
  keep(memory, { promotion: "r-young-to-prod-0001", service: "web", finishedAt: young });
  await onTick(memory.ports, "day");
  expect(keptMarks(memory)).toEqual(["r-young-to-prod-0001-b1", "r-other-to-prod-0001-b1", newest]);
  expect(brokenInWorld(memory.world, memory.ports.hash)).toEqual([]);
  expect(brokenAtRest(memory.world)).toEqual([]);
});

test("a database that cannot be listed keeps its backups, and the rest of the day happens", async () => {
  const memory = await open();
  const old = instant(memory.clock.now() - RETAIN);
  keep(memory, { promotion: "r-old-to-prod-0001", service: "web", finishedAt: old });
  await happen(memory, { kind: "hold", environment: "prod" });
  memory.clock.advance(days(1));
  memory.calls.outages.set("backups.list", "permanent");
  await onTick(memory.ports, "day");
  expect(keptMarks(memory)).toContain("r-old-to-prod-0001-b1");
  expect(memory.logs.map(({ message }) => message)).toContain("service not swept");
  const kinds = (memory.world.store.records.get("web") ?? []).map(({ kind }) => kind);
  expect(kinds).toContain("hold.reminded");
  memory.calls.outages.delete("backups.list");
  await onTick(memory.ports, "day");
  expect(keptMarks(memory)).not.toContain("r-old-to-prod-0001-b1");
});
