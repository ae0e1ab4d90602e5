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
const RUNS_MAX = 150;

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
  /** The calls that change something. */
  readonly sent: readonly Seen[];
  /** Whether it was stopped while an operation was under way. */
  readonly isWaiting: boolean;
};

/** How often a run is stopped at calls that are alike but for their names: one driver makes them all. */
const STOPS_A_SHAPE = 2;

/** A call without the names in its path, which are every second part of it; uploads have names alone. */
function shapeOf({ api, method, path }: Seen): string {
  const parts = path
    .split("/")
    .map((part, at) => (at % 2 === 0 ? part.replace(/^[^:]*/, "*") : part));
  return api === "upload" ? api : `${api} ${method} ${parts.join("/")}`;
}

/** Says of a call that changes something, the first one being 1, whether who installs is stopped at it. */
type StopAt = (call: Seen, number: number) => boolean;

/** Plans and applies, and is stopped as soon as the call is answered or waited for; others are under way by then. */
async function applyUntil(isTime: StopAt): Promise<Run> {
  const sent: Seen[] = [];
  let isLast = false;
  let isStopped = false;
  let isWaiting = false;
  const stopWhen = (isNow: boolean): void => {
    isStopped ||= isNow && isLast;
    if (isStopped) {
      throw new Stop("stopped");
    }
  };
  const watch = (moment: "before" | "after", call: Seen): void => {
    stopWhen(isWrite(call));
    if (isWrite(call) && moment === "before") {
      sent.push(call);
      isLast ||= isTime(call, sent.length);
    }
  };
  const pause = async (): Promise<void> => {
    isWaiting ||= !isStopped && isLast;
    stopWhen(true);
    await pauseBriefly();
  };
  const installer = { ...(await anInstaller(cloud, SMALL, { watch, pause })), pause, functions };
  const plan = await planInstallation(installer);
  expect(plan.obstacles).toEqual([]);
  const failed = await applyPlan(installer, plan).catch((error: unknown) => [String(error)]);
  expect(failed.filter((one) => !one.includes("Stop: stopped"))).toEqual([]);
  return { isStopped, sent, isWaiting };
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

/** Goes on from where it was stopped until nothing is left to do. */
async function applyThrough(isTime: StopAt): Promise<readonly Run[]> {
  const runs: Run[] = [];
  while (runs.at(-1)?.isStopped !== false) {
    runs.push(await applyUntil(isTime));
    expect(runs.length).toBeLessThan(RUNS_MAX);
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
 * such call that was not stopped at often enough.
 */
test("an apply that is stopped at every call that changes something is complete in the end", async () => {
  const stops = new Map<string, number>();
  const runs = await applyThrough((call) => {
    const shape = shapeOf(call);
    const before = stops.get(shape) ?? 0;
    stops.set(shape, before + 1);
    return before < STOPS_A_SHAPE;
  });
  expect(
    [
      ...new Set(runs.flatMap(({ sent }) => sent).map(({ api, method }) => `${api} ${method}`)),
    ].toSorted(),
  ).toEqual([
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
  const runs = await applyThrough((_, number) => number >= CALLS_AT_ONCE);
  expect(runs.length).toBeGreaterThan(5);
});
