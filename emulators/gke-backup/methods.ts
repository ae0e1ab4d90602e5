import type { z } from "zod";
import type { Rule } from "../kit/access/rules.ts";
import { type RestMethod, taking } from "../kit/rest-table.ts";
import { getOperation } from "./long-running.ts";
import { createBackupPlan, getBackupPlan, listBackupPlans } from "./operations-backup-plans.ts";
import { createBackup, deleteBackup, getBackup, listBackups } from "./operations-backups.ts";
import { createRestorePlan, getRestorePlan, listRestorePlans } from "./operations-restore-plans.ts";
import { createRestore, getRestore, listRestores } from "./operations-restores.ts";
import { withoutDefaults } from "./present.ts";
import {
  ByName,
  CreateBackup,
  CreateBackupPlan,
  CreateRestore,
  CreateRestorePlan,
  DeleteBackup,
  List,
  ListBackups,
} from "./requests.ts";
import type { GkeBackup } from "./state.ts";

/** The service, as fault plans name its methods: `google.cloud.gkebackup.v1.BackupForGKE/CreateBackup`. */
const SERVICE = "google.cloud.gkebackup.v1.BackupForGKE";

const PLACE = "projects/*/locations/*";
const BACKUP_PLANS = `/v1/{parent=${PLACE}}/backupPlans`;
const BACKUPS = `/v1/{parent=${PLACE}/backupPlans/*}/backups`;
const RESTORE_PLANS = `/v1/{parent=${PLACE}}/restorePlans`;
const RESTORES = `/v1/{parent=${PLACE}/restorePlans/*}/restores`;

function named(collection: string): string {
  return `/v1/{name=${PLACE}/${collection}/*}`;
}

/**
 * The methods of the API that are there.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest
 */
export function toMethods(gke: GkeBackup): readonly RestMethod[] {
  function row<Schema extends z.ZodObject>(
    [name, permission, at]: readonly [name: string, permission: string, at: RestMethod["at"]],
    schema: Schema,
    run: (gke: GkeBackup, request: z.infer<Schema>, nowMs: number) => object,
  ): RestMethod {
    const body = name.startsWith("Create")
      ? { body: name.charAt(6).toLowerCase() + name.slice(7) }
      : {};
    return {
      ...body,
      name: `${SERVICE}/${name}`,
      at,
      needs: on(permission),
      takes: taking(schema, (request, { nowMs }) => withoutDefaults(run(gke, request, nowMs))),
    };
  }
  const plan = named("backupPlans");
  const backup = named("backupPlans/*/backups");
  const restorePlan = named("restorePlans");
  const restore = named("restorePlans/*/restores");
  return [
    row(
      ["CreateBackupPlan", "backupPlans.create", ["POST", BACKUP_PLANS]],
      CreateBackupPlan,
      createBackupPlan,
    ),
    row(["ListBackupPlans", "backupPlans.list", ["GET", BACKUP_PLANS]], List, listBackupPlans),
    row(["GetBackupPlan", "backupPlans.get", ["GET", plan]], ByName, getBackupPlan),
    row(["CreateBackup", "backups.create", ["POST", BACKUPS]], CreateBackup, createBackup),
    row(["ListBackups", "backups.list", ["GET", BACKUPS]], ListBackups, listBackups),
    row(["GetBackup", "backups.get", ["GET", backup]], ByName, getBackup),
    row(["DeleteBackup", "backups.delete", ["DELETE", backup]], DeleteBackup, deleteBackup),
    row(
      ["CreateRestorePlan", "restorePlans.create", ["POST", RESTORE_PLANS]],
      CreateRestorePlan,
      createRestorePlan,
    ),
    row(["ListRestorePlans", "restorePlans.list", ["GET", RESTORE_PLANS]], List, listRestorePlans),
    row(["GetRestorePlan", "restorePlans.get", ["GET", restorePlan]], ByName, getRestorePlan),
    row(["CreateRestore", "restores.create", ["POST", RESTORES]], CreateRestore, createRestore),
    row(["ListRestores", "restores.list", ["GET", RESTORES]], List, listRestores),
    row(["GetRestore", "restores.get", ["GET", restore]], ByName, getRestore),
    row(["GetOperation", "operations.get", ["GET", named("operations")]], ByName, getOperation),
  ];
}

/** Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/concepts/access-control */
function on(permission: string): Rule {
  return ({ name, parent }) => [
    { permission: `gkebackup.${permission}`, resource: String(name ?? parent) },
  ];
}
