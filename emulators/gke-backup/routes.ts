import type { Context, Hono } from "hono";
import { readBody } from "../kit/body.ts";
import { checkNeeds, type Guard, identifyCaller } from "../kit/access/guard.ts";
import type { Clock } from "../kit/clock.ts";
import { type FaultPlan, runWithFaults } from "../kit/faults.ts";
import { compileTemplate, matchPath, type PathPattern } from "../kit/http-rule.ts";
import { isSystemParameter, toCamelCase } from "../kit/field-names.ts";
import { unknownParameter } from "../kit/payload.ts";
import { needsOf } from "./access-rules.ts";
import { cancelOperation, deleteOperation, getOperation, listOperations } from "./long-running.ts";
import {
  createBackupPlan,
  deleteBackupPlan,
  getBackupPlan,
  listBackupPlans,
  updateBackupPlan,
} from "./operations-backup-plans.ts";
import {
  createBackup,
  deleteBackup,
  getBackup,
  getVolumeBackup,
  listBackups,
  listVolumeBackups,
  updateBackup,
} from "./operations-backups.ts";
import {
  createRestorePlan,
  deleteRestorePlan,
  getRestorePlan,
  listRestorePlans,
  updateRestorePlan,
} from "./operations-restore-plans.ts";
import {
  createRestore,
  deleteRestore,
  getRestore,
  getVolumeRestore,
  listRestores,
  listVolumeRestores,
  updateRestore,
} from "./operations-restores.ts";
import { withoutDefaults } from "./present.ts";
import { notEmulated } from "./refusal.ts";
import type { GkeRequest } from "./request.ts";
import type { GkeBackup } from "./state.ts";

/** The service, as fault plans name its methods: `google.cloud.gkebackup.v1.BackupForGKE/CreateBackup`. */
const SERVICE = "google.cloud.gkebackup.v1.BackupForGKE";

const LOCATION = "projects/*/locations/*";
const BACKUP_PLAN = `${LOCATION}/backupPlans/*`;
const BACKUP = `${BACKUP_PLAN}/backups/*`;
const RESTORE_PLAN = `${LOCATION}/restorePlans/*`;
const RESTORE = `${RESTORE_PLAN}/restores/*`;
const OPERATION = `${LOCATION}/operations/*`;

const LIST = ["filter", "orderBy", "pageSize", "pageToken"];

type Run = (gke: GkeBackup, request: GkeRequest, now: number) => object;

type Entry = {
  readonly name: string;
  readonly run: Run;
  /** The verb and what of the path is the resource or parent. */
  readonly at: readonly [verb: string, name: string, rest?: string];
  readonly query?: readonly string[];
};

/** Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest */
const METHODS: readonly Entry[] = [
  {
    name: "CreateBackupPlan",
    run: createBackupPlan,
    at: ["POST", LOCATION, "/backupPlans"],
    query: ["backupPlanId"],
  },
  {
    name: "ListBackupPlans",
    run: listBackupPlans,
    at: ["GET", LOCATION, "/backupPlans"],
    query: LIST,
  },
  { name: "GetBackupPlan", run: getBackupPlan, at: ["GET", BACKUP_PLAN] },
  {
    name: "UpdateBackupPlan",
    run: updateBackupPlan,
    at: ["PATCH", BACKUP_PLAN],
    query: ["updateMask"],
  },
  { name: "DeleteBackupPlan", run: deleteBackupPlan, at: ["DELETE", BACKUP_PLAN], query: ["etag"] },
  {
    name: "CreateBackup",
    run: createBackup,
    at: ["POST", BACKUP_PLAN, "/backups"],
    query: ["backupId"],
  },
  {
    name: "ListBackups",
    run: listBackups,
    at: ["GET", BACKUP_PLAN, "/backups"],
    query: [...LIST, "returnPartialSuccess"],
  },
  { name: "GetBackup", run: getBackup, at: ["GET", BACKUP] },
  { name: "UpdateBackup", run: updateBackup, at: ["PATCH", BACKUP], query: ["updateMask"] },
  { name: "DeleteBackup", run: deleteBackup, at: ["DELETE", BACKUP], query: ["etag", "force"] },
  {
    name: "ListVolumeBackups",
    run: listVolumeBackups,
    at: ["GET", BACKUP, "/volumeBackups"],
    query: LIST,
  },
  { name: "GetVolumeBackup", run: getVolumeBackup, at: ["GET", `${BACKUP}/volumeBackups/*`] },
  {
    name: "CreateRestorePlan",
    run: createRestorePlan,
    at: ["POST", LOCATION, "/restorePlans"],
    query: ["restorePlanId"],
  },
  {
    name: "ListRestorePlans",
    run: listRestorePlans,
    at: ["GET", LOCATION, "/restorePlans"],
    query: LIST,
  },
  { name: "GetRestorePlan", run: getRestorePlan, at: ["GET", RESTORE_PLAN] },
  {
    name: "UpdateRestorePlan",
    run: updateRestorePlan,
    at: ["PATCH", RESTORE_PLAN],
    query: ["updateMask"],
  },
  {
    name: "DeleteRestorePlan",
    run: deleteRestorePlan,
    at: ["DELETE", RESTORE_PLAN],
    query: ["etag", "force"],
  },
  {
    name: "CreateRestore",
    run: createRestore,
    at: ["POST", RESTORE_PLAN, "/restores"],
    query: ["restoreId"],
  },
  { name: "ListRestores", run: listRestores, at: ["GET", RESTORE_PLAN, "/restores"], query: LIST },
  { name: "GetRestore", run: getRestore, at: ["GET", RESTORE] },
  { name: "UpdateRestore", run: updateRestore, at: ["PATCH", RESTORE], query: ["updateMask"] },
  { name: "DeleteRestore", run: deleteRestore, at: ["DELETE", RESTORE], query: ["etag", "force"] },
  {
    name: "ListVolumeRestores",
    run: listVolumeRestores,
    at: ["GET", RESTORE, "/volumeRestores"],
    query: LIST,
  },
  { name: "GetVolumeRestore", run: getVolumeRestore, at: ["GET", `${RESTORE}/volumeRestores/*`] },
  {
    name: "ListOperations",
    run: listOperations,
    at: ["GET", LOCATION, "/operations"],
    query: LIST,
  },
  { name: "GetOperation", run: getOperation, at: ["GET", OPERATION] },
  { name: "DeleteOperation", run: deleteOperation, at: ["DELETE", OPERATION] },
  { name: "CancelOperation", run: cancelOperation, at: ["POST", OPERATION, ":cancel"] },
];

/** What is done around every request. */
type Surroundings = {
  readonly clock: Clock;
  readonly faults: FaultPlan;
  /** Undefined lets everybody in. */
  readonly guard: Guard | undefined;
  readonly settle: () => void;
  readonly changed: () => void;
};

type Route = { readonly entry: Entry; readonly verb: string; readonly path: PathPattern };

/** Adds the methods of the API; any other path of it answers UNIMPLEMENTED and names itself. */
export function addRoutes(app: Hono, gke: GkeBackup, around: Surroundings): void {
  around.faults.declare(METHODS.map(({ name }) => `${SERVICE}/${name}`));
  const routes: readonly Route[] = METHODS.map((entry) => {
    const [verb, name, rest = ""] = entry.at;
    return { entry, verb, path: compileTemplate(`/v1/{name=${name}}${rest}`) };
  });
  app.all("/v1/*", async (c) => {
    const { pathname } = new URL(c.req.url);
    for (const route of routes) {
      const name = route.verb === c.req.method ? nameIn(route, pathname) : null;
      if (name !== null) {
        return answer(c, { ...around, gke, entry: route.entry, name });
      }
    }
    throw notEmulated(`${c.req.method} ${pathname}`);
  });
}

/** The resource that a path names; null when it is not of the route's form. */
function nameIn({ path }: Route, pathname: string): string | null {
  const name = matchPath(path, pathname)?.[0]?.value;
  // A custom verb that no route has would otherwise be taken for a part of the id.
  return name === undefined || name.includes(":") ? null : name;
}

async function answer(
  c: Context,
  call: Surroundings & { readonly gke: GkeBackup; readonly entry: Entry; readonly name: string },
): Promise<Response> {
  const { clock, faults, gke, entry, name } = call;
  const method = `${SERVICE}/${entry.name}`;
  const request = { name, query: readQuery(c, entry.query ?? []), body: await readBody(c.req.raw) };
  const json = await runWithFaults({ clock, faults, method }, () => {
    checkCaller(c, call);
    call.settle();
    const result = entry.run(gke, request, clock.now());
    call.changed();
    return result;
  });
  return Response.json(withoutDefaults(json));
}

function checkCaller(
  c: Context,
  {
    guard,
    entry,
    name,
  }: Pick<Surroundings, "guard"> & { readonly entry: Entry; readonly name: string },
): void {
  if (guard !== undefined) {
    const headers = c.req.header();
    const member = identifyCaller(guard, headers);
    checkNeeds(guard, { member, headers, needed: needsOf(entry.name, name) });
  }
}

/** Parameters in camelCase; in snake_case they are taken too. */
function readQuery(c: Context, known: readonly string[]): Readonly<Record<string, string>> {
  const entries = [...new URL(c.req.url).searchParams].map(
    ([name, value]) => [toCamelCase(name), value] as const,
  );
  const fields = entries.filter(([name]) => known.includes(name));
  const odd = entries.find(([name]) => !known.includes(name) && !isSystemParameter(name));
  if (odd !== undefined) {
    throw unknownParameter(odd[0]);
  }
  return Object.fromEntries(fields);
}
