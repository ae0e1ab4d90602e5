import { afterAll, beforeAll, expect, test } from "vitest";
import {
  destroyInstallation,
  planInstallation,
  planRemoval,
} from "../../infra/platform/installer.ts";
import type { Settings } from "../../infra/platform/settings.ts";
import { startGoogleCloud } from "../support/platform/google-cloud.ts";
import type { GoogleCloud } from "../support/platform/google-cloud.ts";
import {
  anInstaller,
  applyPlan,
  INSTALLED,
  pauseBriefly,
  pending,
} from "../support/platform/installing.ts";
import { isWrite } from "../support/platform/watched.ts";
import type { Seen } from "../support/platform/watched.ts";

/** More runs than an installation has calls that change something. */
const RUNS_MAX = 250;

/** Calls after which a run is stopped that has several under way. */
const CALLS_AT_ONCE = 9;

/** Who installs was stopped: whatever is asked after that is asked by nobody. */
class Stop extends Error {
  override readonly name = "Stop";
}

let cloud: GoogleCloud;

/** These are enough: the others are made as on-tick is. */
const functions = ["on-tick", "api", "web"];

const SMALL: Partial<Settings> = {
  environments: INSTALLED.environments.slice(0, 1),
  incidentsProject: null,
};

beforeAll(async () => {
  cloud = await startGoogleCloud({ ...INSTALLED, ...SMALL });
});

afterAll(async () => {
  await cloud.close();
});

type Run = {
  readonly isStopped: boolean;
  /** What was to be done, and what was sent. */
  readonly pending: string;
  readonly sent: readonly string[];
  /** Whether it was stopped while an operation was under way. */
  readonly isWaiting: boolean;
};

/** Plans and applies until that many calls were sent, and is stopped as soon as it waits for the last or is answered. */
async function applyUntil(callsMax: number): Promise<Run> {
  const sent: string[] = [];
  let isStopped = false;
  let isWaiting = false;
  const stopWhen = (isTime: boolean): void => {
    isStopped ||= isTime && sent.length >= callsMax;
    if (isStopped) {
      throw new Stop("stopped");
    }
  };
  const watch = (moment: "before" | "after", call: Seen): void => {
    stopWhen(isWrite(call));
    if (isWrite(call) && moment === "before") {
      sent.push(`${call.api} ${call.method}`);
    }
  };
  const pause = async (): Promise<void> => {
    isWaiting ||= !isStopped && sent.length >= callsMax;
    stopWhen(true);
    await pauseBriefly();
  };
  const installer = { ...(await anInstaller(cloud, SMALL, { watch, pause })), pause, functions };
  const plan = await planInstallation(installer);
  expect(plan.obstacles).toEqual([]);
  const failed = await applyPlan(installer, plan).catch((error: unknown) => [String(error)]);
  expect(failed.filter((one) => !one.includes("Stop: stopped"))).toEqual([]);
  return { isStopped, pending: pending(plan).join(), sent, isWaiting };
}

/** What Google names itself could be made twice. */
async function countNamedByGoogle(): Promise<Readonly<Record<string, number>>> {
  const { google } = await anInstaller(cloud, SMALL);
  const count = async (version: string, project: string, items: string): Promise<number> =>
    (await google.list("monitoring", `${version}/projects/${project}/${items}`, { items })).length;
  const path = "v1/projects/acme-slipway/databases/slipway/backupSchedules";
  const { backupSchedules } = await google.call("firestore", { method: "GET", path });
  return {
    channels: await count("v3", "acme-web-dev", "notificationChannels"),
    policies: await count("v3", "acme-slipway", "alertPolicies"),
    dashboards: await count("v1", "acme-slipway", "dashboards"),
    schedules: Array.isArray(backupSchedules) ? backupSchedules.length : 0,
  };
}

/** Goes on from where it was stopped until nothing is left to do; `next` says after how many calls it is stopped. */
async function applyThrough(
  next: (callsMax: number, isSame: boolean) => number,
): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (let callsMax = next(0, false); runs.at(-1)?.isStopped !== false;) {
    const before = runs.at(-1)?.pending;
    const run = await applyUntil(callsMax);
    runs.push(run);
    callsMax = next(callsMax, run.pending === before);
    expect(runs.length, run.pending).toBeLessThan(RUNS_MAX);
  }
  const plan = await planInstallation({ ...(await anInstaller(cloud, SMALL)), functions });
  expect(pending(plan)).toEqual([]);
  expect(plan.mark).toEqual({ version: "0-1-0", state: "complete" });
  const once = { channels: 1, policies: 6, dashboards: 1, schedules: 1 };
  expect(await countNamedByGoogle()).toEqual(once);
  return runs;
}

/**
 * Only a call that changes something leaves another world: whoever is stopped at a read, or before a call is sent, leaves
 * the world of the last change. So each run goes on from where the one before was stopped, and is stopped at its first
 * such call. Where that brought nothing, as the address of an upload, the next run is stopped one call later.
 */
test("an apply that is stopped at every call that changes something is complete in the end", async () => {
  const runs = await applyThrough((callsMax, isSame) => (isSame ? callsMax + 1 : 1));
  expect([...new Set(runs.flatMap(({ sent }) => sent))].toSorted()).toEqual([
    "artifactregistry POST",
    "firestore PATCH",
    "firestore POST",
    "functions POST",
    "iam POST",
    "monitoring POST",
    "pubsub POST",
    "pubsub PUT",
    "resourcemanager POST",
    "run POST",
    "scheduler POST",
    "serviceusage POST",
    "storage PATCH",
    "storage POST",
    "storage PUT",
    "upload PUT",
  ]);
  expect(runs.filter(({ isWaiting }) => isWaiting)).not.toEqual([]);
});

test("so is one that is stopped while others of its calls are under way", async () => {
  const installer = { ...(await anInstaller(cloud, SMALL)), functions };
  const named = { database: "slipway", bucket: "acme-slipway-sources" };
  const removals = planRemoval(await planInstallation(installer), named);
  const { failed } = await destroyInstallation(installer, removals, () => undefined);
  expect(failed).toEqual([]);
  const runs = await applyThrough(() => CALLS_AT_ONCE);
  expect(runs.length).toBeGreaterThan(5);
});
