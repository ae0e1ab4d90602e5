import { onIncident } from "../../shared/app/incident.ts";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import { environmentId, holdId, serviceId } from "../../shared/domain/ids.ts";
import { toRestorePoint } from "../../shared/domain/promotion.ts";
import type { Policy } from "../../shared/domain/policy.ts";
import type { Promotion } from "../../shared/domain/promotion.ts";
import { environmentState } from "../../shared/domain/state.ts";
import type { EnvironmentState } from "../../shared/domain/state.ts";
import { variantOf } from "./guarded-service.ts";
import type { PolicyVariant } from "./guarded-service.ts";
import { present } from "./present.ts";
import type { MemoryPorts, World } from "./memory-ports.ts";
import { wish } from "./work-storm.ts";

/** Something that happens where a promotion is guarded by gates, backups and verification. */
export type GuardedHappening =
  | { readonly kind: "incident"; readonly does: "open" | "close" | "hide" | "show" }
  | { readonly kind: "approve"; readonly by: Person }
  | { readonly kind: "reject" }
  | { readonly kind: "retry" }
  | { readonly kind: "apply"; readonly policy: PolicyVariant }
  | { readonly kind: "rollback"; readonly holds: boolean; readonly restoresData: boolean }
  | { readonly kind: "restore" }
  | { readonly kind: "contract" }
  | { readonly kind: "backup"; readonly isWell: boolean }
  | { readonly kind: "job"; readonly isWell: boolean }
  | { readonly kind: "health"; readonly isWell: boolean };

type Person = "ann" | "sue" | "bob";

const WEB = serviceId("web");
const PROD = environmentId("prod");
const PROJECT = "web-prod-0a1b";
const RUN_SERVICE = "web-prod-us-central1";

/** Lets something happen in the guarded environment, once. */
export async function happenGuarded(
  memory: MemoryPorts,
  happening: GuardedHappening,
): Promise<void> {
  switch (happening.kind) {
    case "incident":
      await changeIncidents(memory, happening.does);
      return;
    case "health":
      if (happening.isWell) {
        memory.world.health.delete(RUN_SERVICE);
      } else {
        memory.world.health.set(RUN_SERVICE, { isHealthy: false });
      }
      return;
    case "backup":
      endBackups(memory, happening.isWell);
      return;
    case "job":
      endJobs(memory, happening.isWell);
      return;
    case "apply":
      await apply(memory, happening.policy);
      return;
    case "retry":
      await retry(memory);
      return;
    case "approve":
    case "reject":
    case "rollback":
    case "restore":
    case "contract":
      await ask(memory, happening);
  }
}

/** What each world's policy was before it changed. */
const FIRST_POLICIES = new WeakMap<World, Policy>();

/** The policy changes under what is open, in what is asked for and by what rule people approve. */
async function apply(memory: MemoryPorts, variant: PolicyVariant): Promise<void> {
  const { world } = memory;
  const { service } = present(world.store.services.get(WEB), "the service").state;
  const prod = present(
    service.environments.find(({ id }) => id === PROD),
    "prod",
  );
  const first = FIRST_POLICIES.get(world) ?? prod.policy;
  FIRST_POLICIES.set(world, first);
  const policy = variantOf(first, variant);
  const environments = service.environments.map((environment) =>
    environment.id === PROD ? { ...environment, policy } : environment,
  );
  const changed = { ...service, fingerprint: variant, environments };
  await wish(memory, {
    kind: "service-applied",
    service: changed,
    by: "user:pam@example.com",
  });
}

/** Somebody tries the last promotion to prod again. */
async function retry(memory: MemoryPorts): Promise<void> {
  const last = [...memory.world.store.promotions.values()].findLast(
    ({ environment, endedAt }) => environment === PROD && endedAt !== null,
  );
  if (last !== undefined) {
    await wish(memory, {
      kind: "retry-requested",
      promotion: last,
      by: "user:bob@example.com",
    });
  }
}

async function ask(
  memory: MemoryPorts,
  happening: Extract<
    GuardedHappening,
    { kind: "approve" | "reject" | "rollback" | "restore" | "contract" }
  >,
): Promise<void> {
  const event = toWish(prodOf(memory), happening);
  if (event !== null) {
    await wish(memory, event);
  }
}

function toWish(prod: EnvironmentState, happening: Parameters<typeof ask>[1]): ServiceEvent | null {
  const reason = "it must be";
  switch (happening.kind) {
    case "approve": {
      const promotion = openOf(prod);
      const by = `user:${happening.by}@example.com`;
      return promotion === null
        ? null
        : { kind: "approval-given", promotion: promotion.id, by, comment: null };
    }
    case "reject": {
      const promotion = openOf(prod);
      const by = "user:sue@example.com";
      return promotion === null
        ? null
        : { kind: "rejection-given", promotion: promotion.id, by, reason };
    }
    case "rollback":
      return {
        kind: "rollback-requested",
        environment: PROD,
        release: null,
        by: "user:sue@example.com",
        reason,
        restoreData: happening.restoresData,
        hold: happening.holds ? holdId("hold-rollback") : null,
        asOncall: false,
        hasImage: true,
      };
    case "restore":
      return toRestore(prod, reason);
    case "contract":
      return { kind: "contract-requested", environment: PROD, by: "user:sue@example.com" };
  }
}

function toRestore({ backups }: EnvironmentState, reason: string): ServiceEvent | null {
  const [newest] = backups;
  const set = backups.filter(({ promotion }) => promotion === newest?.promotion);
  const points = set.flatMap((backup) => toRestorePoint(backup, backup.source) ?? []);
  const by = "user:bob@example.com";
  return points.length === 0
    ? null
    : { kind: "restore-requested", environment: PROD, points, by, reason };
}

async function changeIncidents(
  { ports, incidents, calls }: MemoryPorts,
  does: "open" | "close" | "hide" | "show",
): Promise<void> {
  switch (does) {
    case "open":
      incidents.open(PROJECT);
      break;
    case "close":
      incidents.close(PROJECT);
      break;
    case "hide":
      calls.outages.set("incidents.listOpen", "transient");
      break;
    case "show":
      calls.outages.delete("incidents.listOpen");
      break;
  }
  await onIncident(ports, PROJECT);
}

function endBackups({ world, backups }: MemoryPorts, isWell: boolean): void {
  const running = [...world.backups.backups, ...world.backups.restores].find(
    ({ state }) => state === "RUNNING",
  );
  if (isWell) {
    backups.finishAll();
  } else if (running !== undefined) {
    backups.fail(running.mark ?? "", "the disk is full");
  }
}

function endJobs({ world, jobs }: MemoryPorts, isWell: boolean): void {
  const running = world.jobs.executions.find(({ state }) => state === "RUNNING");
  if (isWell) {
    jobs.finishAll();
  } else if (running !== undefined) {
    jobs.fail(running.mark, "a column is missing");
  }
}

function openOf({ active, waiting }: EnvironmentState): Promotion | null {
  return active ?? waiting[0] ?? null;
}

function prodOf({ world }: MemoryPorts): EnvironmentState {
  const web = world.store.services.get(WEB);
  if (web === undefined) {
    throw new Error("the service is installed before anything happens to it");
  }
  return environmentState(web.state, PROD);
}
