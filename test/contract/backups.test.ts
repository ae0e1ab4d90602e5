import { manualClock } from "../support/manual-clock.ts";
import type { BackupSource } from "../../shared/domain/backup.ts";
import { sourceName } from "../../shared/domain/backup.ts";
import { googleBackups } from "../../shared/adapters/google-backups.ts";
import { backupsContract } from "../support/contracts/backups-contract.ts";
import type { OpenBackups } from "../support/contracts/backups-contract.ts";
import {
  COPY,
  openInstances,
  ORDERS,
  SETTLED_MS,
  sqlContentUrl,
} from "../support/contracts/cloud-sql-instances.ts";
import {
  GKE_SETTLED_MS,
  gkeContentUrl,
  MAIN_PLAN,
  openPlans,
  OTHER_PLAN,
  RESTORE_PLANS,
} from "../support/contracts/gke-plans.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import { present } from "../support/present.ts";

const NO_INSTANCE: BackupSource = { ...ORDERS, instance: "nobody" };
const NO_PLAN: BackupSource = { ...MAIN_PLAN, plan: MAIN_PLAN.plan.replace("main", "nobody") };

function openMemory(source: BackupSource, other: BackupSource, missing: BackupSource): OpenBackups {
  const { ports, world, backups: hand, clock } = memoryPorts();
  world.backups.databases.set(ORDERS.project, [ORDERS.instance]);
  world.backups.databases.set(COPY.project, [COPY.instance]);
  world.backups.plans.add(MAIN_PLAN.plan).add(OTHER_PLAN.plan);
  return {
    backups: ports.backups,
    source,
    other,
    missing,
    write: async (of, text) => {
      world.backups.contents.set(sourceName(of), text);
    },
    read: async (of) => world.backups.contents.get(sourceName(of)) ?? "",
    finish: async () => {
      clock.advance(SETTLED_MS);
      hand.finishAll();
    },
    spoil: async ({ mark, message }, begin) => {
      await begin();
      hand.fail(mark, message);
    },
    close: async () => {},
  };
}

backupsContract("of databases in memory", async () => openMemory(ORDERS, COPY, NO_INSTANCE));
backupsContract("of clusters in memory", async () => openMemory(MAIN_PLAN, OTHER_PLAN, NO_PLAN));

backupsContract("by Cloud SQL", async () => {
  const clock = manualClock();
  const server = await openInstances(clock);
  const url = (source: BackupSource): string =>
    sqlContentUrl(server, source.kind === "cloud-sql" ? source : ORDERS);
  return {
    backups: googleBackups({ cloudSql: server.url, gkeBackup: null }),
    source: ORDERS,
    other: COPY,
    missing: NO_INSTANCE,
    write: async (source, text) => put(url(source), text),
    read: async (source) => (await fetch(url(source))).text(),
    finish: async () => clock.advance(SETTLED_MS),
    spoil: async ({ kind, message }, begin) => {
      const operation = kind === "backup" ? "BACKUP_VOLUME" : "RESTORE_VOLUME";
      server.failNext({ instance: ORDERS.instance, operation, message });
      await begin();
      await clock.advance(SETTLED_MS);
    },
    close: server.close,
  };
});

backupsContract("by Backup for GKE", async () => {
  const clock = manualClock();
  const server = await openPlans(clock);
  const url = (source: BackupSource): string =>
    gkeContentUrl(server, source.kind === "gke" ? source : MAIN_PLAN);
  return {
    backups: googleBackups({ cloudSql: null, gkeBackup: server.url }),
    source: MAIN_PLAN,
    other: OTHER_PLAN,
    missing: NO_PLAN,
    write: async (source, text) => put(url(source), text),
    read: async (source) => (await fetch(url(source))).text(),
    finish: async () => clock.advance(GKE_SETTLED_MS),
    spoil: async ({ kind, message }, begin) => {
      const restorePlan = present(RESTORE_PLANS[MAIN_PLAN.plan], "its restore plan");
      server.failNext({ plan: kind === "backup" ? MAIN_PLAN.plan : restorePlan, message });
      await begin();
      await clock.advance(GKE_SETTLED_MS);
    },
    close: server.close,
  };
});

async function put(url: string, text: string): Promise<void> {
  const response = await fetch(url, { method: "PUT", body: text });
  await response.text();
}
