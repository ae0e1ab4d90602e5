import { z } from "zod";

import {
  type GkeBackupOptions,
  type RunningGkeBackup,
  startGkeBackup,
} from "../../emulators/gke-backup/server.ts";
import { type ManualClock, manualClock } from "../support/manual-clock.ts";

export const PARENT = "projects/acme-prod/locations/us-central1";
export const CLUSTER = `${PARENT}/clusters/main`;
export const PLAN = `${PARENT}/backupPlans/daily`;
export const RESTORE_PLAN = `${PARENT}/restorePlans/back`;

export const OPERATION_MS = 5000;
export const BACKUP_MS = 60_000;
export const RESTORE_MS = 90_000;
export const DAY_MS = 86_400_000;

/** What of an answer the tests read; any resource, operation or error. */
const Answer = z.looseObject({
  name: z.string().optional(),
  state: z.string().optional(),
  done: z.boolean().optional(),
  etag: z.string().optional(),
  nextPageToken: z.string().optional(),
});
type Answer = Readonly<z.infer<typeof Answer>>;

/** An HTTP answer. */
export type Reply = { readonly status: number; readonly json: Answer };

/** An emulator on a manual clock, spoken to with plain fetch. */
export type Setting = {
  readonly clock: ManualClock;
  readonly server: RunningGkeBackup;
  /** One request to `/v1/<path>`. */
  readonly send: (method: string, path: string, body?: object) => Promise<Reply>;
  readonly close: () => Promise<void>;
};

/** What of the options a test sets. */
export type OpenOptions = Omit<GkeBackupOptions, "clock"> & { readonly clock?: ManualClock };

/** Starts an emulator. */
export async function openGkeBackup(options: OpenOptions = {}): Promise<Setting> {
  const clock = options.clock ?? manualClock();
  const server = await startGkeBackup({
    operationMs: OPERATION_MS,
    backupMs: BACKUP_MS,
    restoreMs: RESTORE_MS,
    ...options,
    clock,
  });
  return {
    clock,
    server,
    send: async (method, path, body) => {
      const response = await fetch(`${server.url}/v1/${path}`, {
        method,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
      });
      return { status: response.status, json: Answer.parse(await response.json()) };
    },
    close: () => server.close(),
  };
}

/** A plan of everything in one namespace. */
export const PLAN_BODY = {
  cluster: CLUSTER,
  backupConfig: { selectedNamespaces: { namespaces: ["api"] }, includeVolumeData: true },
  retentionPolicy: { backupRetainDays: 14 },
};

/** Creates a backup plan and waits until it is ready. */
export async function createPlan(
  setting: Setting,
  more: object = {},
  id = "daily",
): Promise<Reply> {
  const path = `${PARENT}/backupPlans?backupPlanId=${id}`;
  const reply = await setting.send("POST", path, { ...PLAN_BODY, ...more });
  await setting.clock.advance(OPERATION_MS);
  return reply;
}

/** Creates a backup of the plan and takes it to its end. */
export async function takeBackup(setting: Setting, id: string, more: object = {}): Promise<Answer> {
  await setting.send("POST", `${PLAN}/backups?backupId=${id}`, more);
  await setting.clock.advance(BACKUP_MS);
  return (await setting.send("GET", `${PLAN}/backups/${id}`)).json;
}

/** The ids of a list's resources. */
export async function listIds(setting: Setting, path: string): Promise<readonly string[]> {
  const { json } = await setting.send("GET", path);
  const items = Object.values(json).find((value) => Array.isArray(value));
  const resources = z.array(Answer).parse(items ?? []);
  return resources.map(({ name = "" }) => name.slice(name.lastIndexOf("/") + 1));
}

/** What an operation is now. */
export async function readOperation(setting: Setting, { json }: Reply): Promise<Answer> {
  return (await setting.send("GET", json.name ?? "")).json;
}

/** What a namespace holds; null when it is not there. */
export async function readContent(
  setting: Setting,
  namespace: string,
  cluster = CLUSTER,
): Promise<string | null> {
  const response = await fetch(contentUrl(setting, namespace, cluster));
  const text = await response.text();
  return response.status === 404 ? null : text;
}

/** Puts data into a namespace. */
export async function writeContent(
  setting: Setting,
  namespace: string,
  text: string,
  cluster = CLUSTER,
): Promise<void> {
  const response = await fetch(contentUrl(setting, namespace, cluster), {
    method: "PUT",
    body: text,
  });
  await response.text();
}

function contentUrl(setting: Setting, namespace: string, cluster: string): string {
  return `${setting.server.url}/emulator/v1/${cluster}/namespaces/${namespace}/content`;
}
