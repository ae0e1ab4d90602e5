import type { Admit } from "../edge/admission.ts";
import type { ImageCatalog } from "../kit/image-catalog.ts";
import { realClock } from "../kit/clock.ts";
import { createOperations } from "../kit/operation.ts";
import { keepPace } from "../kit/pace.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import type { Runtime } from "../kit/runtime.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { policyKeeper } from "../kit/access/policy-methods.ts";
import { RULES } from "./access-rules.ts";
import { createApis } from "./apis.ts";
import { addDataPlane } from "./data-plane.ts";
import { knativeMethods } from "./knative-methods.ts";
import { fromHost } from "./knative-request.ts";
import { getOperation } from "./long-running.ts";
import { nextJobDue, settleOperations } from "./long-running.ts";
import { nextRevisionDue, reconcileServices } from "./reconcile.ts";
import { createRuntime } from "./runtime.ts";
import { type CloudRun, emptyState } from "./state.ts";

const PERSISTENCE_NAME = "cloud-run";
const READY_MS = 500;
const TASK_MS = 1000;

/** How the emulator runs; everything is optional. */
export type CloudRunOptions = EmulatorOptions & {
  /** Where images are looked up; without it every image exists. */
  readonly images?: ImageCatalog | undefined;
  /** How long a new revision takes to become ready, in milliseconds; 500 by default. */
  readonly readyMs?: number | undefined;
  /** What stands before the services and decides who gets in; everybody does when it is left out. */
  readonly front?: { readonly admit: Admit } | undefined;
  /** How long a change of a job takes to be through, in milliseconds; 0 by default. */
  readonly jobMs?: number | undefined;
  /** How long one attempt of a job's task takes, in milliseconds; 1000 by default. */
  readonly taskMs?: number | undefined;
  /** Whether Cloud Functions made a service of that full name: it has a policy, and nothing else here. */
  readonly isFunction?: ((name: string) => boolean) | undefined;
};

/** The emulator while it runs. */
export type RunningCloudRun = RunningServer & {
  /** For Cloud Deploy. */
  readonly runtime: Runtime;
};

/**
 * Starts an emulator of the Cloud Run Admin API, version 2, with the services themselves on the same
 * port. What was under way when a persisted one stopped goes on.
 * @throws Error when the port is taken.
 */
export async function startCloudRun(options: CloudRunOptions = {}): Promise<RunningCloudRun> {
  const clock = options.clock ?? realClock();
  const state = keepMaps(options.persistence, PERSISTENCE_NAME, emptyState());
  let url = "";
  const run: CloudRun = {
    state,
    keeper: policyKeeper({ ...options, clock }, PERSISTENCE_NAME),
    images: options.images ?? null,
    jobMs: options.jobMs ?? 0,
    // Asked each time: whoever runs the emulator may change its pace.
    get readyMs() {
      return options.readyMs ?? READY_MS;
    },
    get taskMs() {
      return options.taskMs ?? TASK_MS;
    },
    isFunction: options.isFunction ?? (() => false),
    baseUrl: () => url,
  };
  const pace = keepPace(clock, {
    settle: (nowMs) => {
      reconcileServices(run, nowMs);
      settleOperations(run, nowMs);
    },
    nextDueMs: () => nextDue(run),
  });
  const server = await serve({
    ...options,
    clock,
    state,
    pace,
    apis: createApis(run),
    operations: {
      ...createOperations(clock),
      get: (name) => {
        pace.settle();
        return getOperation(run, name, clock.now());
      },
    },
    hasLocations: true,
    http: (app) => {
      addDataPlane(app, run, { now: clock.now, settle: pace.settle, front: options.front ?? null });
    },
    rest: knativeMethods(run),
    fromHost,
    guard: { service: "run.googleapis.com", rules: RULES },
  });
  url = server.url;
  return {
    ...server,
    runtime: createRuntime(run, { now: clock.now, changed: pace.changed }),
    reset: () => {
      [...state.services.keys(), ...state.jobs.keys()].forEach(run.keeper.forget);
      server.reset();
    },
  };
}

function nextDue(run: CloudRun): number | null {
  const dues = [nextRevisionDue(run.state), nextJobDue(run)].filter((due) => due !== null);
  return dues.length > 0 ? Math.min(...dues) : null;
}
