import type { CloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import { ACCOUNTS } from "../../infra/local/account-roles.ts";
import { NO_HISTORY } from "../../shared/app/aggregate.ts";
import type { Backup } from "../../shared/domain/backup.ts";
import { serviceId } from "../../shared/domain/ids.ts";
import { days, instant } from "../../shared/domain/time.ts";
import type { LocalWorld } from "./local-world.ts";
import { readRecords } from "./local-views.ts";
import { until } from "./until.ts";

/** How much older everything becomes: more than a backup is kept for. */
const OLDER = days(31);

/** The accounts that keep something in the database. */
const KEEPERS = ["run", "api", "notice"] as const;

/** A message that is none, for the function that tells people. */
export function publishUnreadable(world: LocalWorld): void {
  world.publish("slipway-audit", "this is no record");
}

/**
 * Has each account that writes meet another writer: its commit is refused, it gives its transaction back and begins
 * again. A commit without a transaction is only sent again, so it is done until each has given one back.
 */
export async function meetOtherWriters(world: LocalWorld, access: CloudAccess): Promise<void> {
  const { firestore, pubsub } = world.cloud.emulators;
  const members = KEEPERS.map((id) => `serviceAccount:${ACCOUNTS[id]}`);
  await until(
    "each account has met another writer",
    async () => {
      firestore.faults.clear();
      for (const caller of members) {
        firestore.faults.add({ ...OTHER_WRITER, caller });
      }
      await holdAndLift(world);
      await pubsub.idle();
      return access.recording().used.filter(({ permission }) => permission === GIVEN_BACK);
    },
    (used) => members.every((member) => used.some((question) => question.member === member)),
  );
  firestore.faults.clear();
}

const OTHER_WRITER = { method: "Commit", call: 1, kind: "status", status: "ABORTED" } as const;

/** What it takes to give a transaction back. */
const GIVEN_BACK = "datastore.databases.get";

async function holdAndLift(world: LocalWorld): Promise<void> {
  const body = { scope: "all", reason: "to use the right to publish" };
  const held = await world.call("oncall", "POST /v1/holds", body);
  const { id } = Object.assign({ id: "" }, held.body);
  await world.call("oncall", `DELETE /v1/holds/${id}`);
}

/** Lets a month go by for the backups of a service, and has the day's tick remove the old ones. */
export async function outliveBackups(world: LocalWorld, service: string): Promise<void> {
  await world.ports.store.transact(
    serviceId(service),
    () => [],
    (aggregate) => {
      if (aggregate === null) {
        throw new Error(`there is no service ${service}`);
      }
      const environments = Object.fromEntries(
        Object.entries(aggregate.state.environments).map(([id, environment]) => [
          id,
          { ...environment, backups: environment.backups.map(older) },
        ]),
      );
      const next = { ...aggregate, state: { ...aggregate.state, environments } };
      return { write: { aggregate: next, history: NO_HISTORY }, value: undefined };
    },
  );
  world.publish("slipway-ticks", { kind: "day" });
  await until(
    "the old backups are removed",
    async () => readRecords(world, service),
    (records) => records.filter(({ kind }) => kind === "backup.removed").length > 1,
  );
}

function older(backup: Backup): Backup {
  const { finishedAt } = backup;
  return {
    ...backup,
    startedAt: instant(backup.startedAt - OLDER),
    finishedAt: finishedAt === null ? null : instant(finishedAt - OLDER),
  };
}
