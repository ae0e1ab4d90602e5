import type { Admit } from "../edge/admission.ts";
import type { ImageCatalog } from "../kit/image-catalog.ts";
import { realClock } from "../kit/clock.ts";
import { recordsOf } from "../kit/collection-methods.ts";
import { createOperations } from "../kit/operation.ts";
import { durationsOf, type Pace } from "../kit/pace.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import type { Runtime } from "../kit/runtime.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { policyKeeper } from "../kit/access/policy-methods.ts";
import { createApis, createRules } from "./apis.ts";
import { addDataPlane } from "./data-plane.ts";
import { openCloudRun } from "./kinds.ts";
import { fromHost, knativeMethods } from "./knative-methods.ts";
import { getOperation } from "./long-running.ts";
import { createRuntime } from "./runtime.ts";
import { reconcileServices } from "./services.ts";

const PERSISTENCE_NAME = "cloud-run";

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
  let url = "";
  const run = openCloudRun({
    now: clock.now,
    keeper: policyKeeper(options, PERSISTENCE_NAME),
    images: options.images ?? null,
    times: durationsOf(options, { readyMs: 500, jobMs: 0, taskMs: 1000 }),
    isFunction: options.isFunction ?? (() => false),
    baseUrl: () => url,
  });
  const { services, revisions, jobs, executions, operations } = run;
  const state = keepMaps(options.persistence, PERSISTENCE_NAME, {
    ...recordsOf([services, revisions, jobs, executions]),
    operations,
  });
  const settle = (): void => reconcileServices(run, clock.now());
  // Nothing happens by itself: whoever looks brings the services up to now first.
  const pace: Pace = { settle, advance: settle, changed: () => undefined, stop: () => undefined };
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
        return getOperation(run, name);
      },
    },
    hasLocations: true,
    http: (app) => {
      addDataPlane(app, run, { settle: pace.settle, front: options.front ?? null });
    },
    rest: knativeMethods(run),
    fromHost,
    guard: { service: "run.googleapis.com", rules: createRules(run) },
  });
  ({ url } = server);
  return {
    ...server,
    runtime: createRuntime(run),
    reset: () => {
      [...services.records.keys(), ...jobs.records.keys()].forEach(run.keeper.forget);
      server.reset();
    },
  };
}
