import { type PolicyKeeper, policyKeeper } from "../kit/access/policy-methods.ts";
import { type Clock, realClock } from "../kit/clock.ts";
import type { ObjectReader } from "../kit/object-reader.ts";
import { createOperations, type Operations } from "../kit/operation.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import { durationsOf } from "../kit/pace.ts";
import type { Publisher } from "../kit/publisher.ts";
import type { Runtime } from "../kit/runtime.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { toRules } from "./access-rules.ts";
import { deployPolicies } from "./deploy-policies.ts";
import { toPolicyApi } from "./policies.ts";
import { runDue } from "./due.ts";
import { canonicalName, type Project, projectId } from "./names.ts";
import { unaryOperations } from "./operations.ts";
import {
  clear,
  emptyState,
  type JobFailure,
  nextSequence,
  type State,
  type Work,
} from "./state.ts";
import { type Timings, type Topic, workKey, type World } from "./world.ts";

/** How the emulator is started. Everything may be left out. */
export type CloudDeployOptions = EmulatorOptions & {
  readonly [K in keyof Timings]?: Timings[K] | undefined;
} & {
  /** Gets the notifications; without one they go nowhere. */
  readonly publisher?: Publisher | undefined;
  /** Where release archives are read; without one no release renders. */
  readonly objects?: ObjectReader | undefined;
  /** Where Cloud Run targets are deployed; without one their deploys only take their time. */
  readonly runtime?: Runtime | undefined;
  /** Projects whose number matters; others get a stable number derived from their id. */
  readonly projects?: readonly Project[] | undefined;
  /** Says which notifications are sent; the others are lost, as the service sometimes loses them. */
  readonly notifications?:
    | ((topic: Topic, attributes: Readonly<Record<string, string>>) => boolean)
    | undefined;
  readonly failNextJob?: readonly JobFailure[] | undefined;
};

/** The running emulator. */
export type CloudDeployServer = Omit<RunningServer, "reset"> & {
  /** Forgets everything but the projects; the jobs given are to fail. */
  readonly reset: (options?: { readonly failNextJob?: readonly JobFailure[] }) => void;
  /** Makes the next run of a job fail. */
  readonly failNextJob: (failure: JobFailure) => void;
};

const NAME = "cloud-deploy";
const TIMINGS: Timings = { operationMs: 0, renderMs: 100, jobMs: 100 };

/**
 * Starts the Cloud Deploy emulator on a free loopback port, over gRPC and REST.
 * What was in flight when a persistent one stopped goes on.
 */
export async function startCloudDeploy(
  options: CloudDeployOptions = {},
): Promise<CloudDeployServer> {
  const clock = options.clock ?? realClock();
  const { persistence } = options;
  const state = keepMaps(persistence, NAME, emptyState(options.projects ?? []));
  const kept = { persistence, name: NAME };
  const operations = withProjectIds(createOperations(clock, kept), state);
  let isOpen = true;
  const keeper = policyKeeper(options, NAME);
  const world = createWorld({
    options,
    clock,
    state,
    operations,
    keeper,
    isOpen: () => isOpen,
  });
  state.work.forEach(world.schedule);
  function failNextJob(failure: JobFailure): void {
    state.failures.set(String(nextSequence(state)), failure);
  }
  options.failNextJob?.forEach(failNextJob);
  const server = await serve({
    ...options,
    clock,
    apis: [
      {
        protos: "@google-cloud/deploy/build/protos/protos.json",
        service: "google.cloud.deploy.v1.CloudDeploy",
        unary: unaryOperations(world),
      },
      toPolicyApi(world, keeper),
    ],
    operations,
    hasLocations: true,
    rest: deployPolicies(state),
    guard: { service: "clouddeploy.googleapis.com", rules: toRules(state) },
  });
  return {
    ...server,
    close: async () => {
      isOpen = false;
      await server.close();
    },
    failNextJob,
    reset: (again = {}) => {
      clear(state);
      operations.reset();
      again.failNextJob?.forEach(failNextJob);
    },
  };
}

type Parts = {
  readonly options: CloudDeployOptions;
  readonly clock: Clock;
  readonly state: State;
  readonly operations: Operations;
  readonly keeper: PolicyKeeper;
  readonly isOpen: () => boolean;
};

function createWorld({ options, clock, state, operations, keeper, isOpen }: Parts): World {
  const isSent = options.notifications ?? (() => true);
  const world: World = {
    state,
    operations,
    timings: durationsOf(options, TIMINGS),
    now: clock.now,
    publish: (topic, attributes) => {
      if (isSent(topic, attributes)) {
        const project = projectId(state.projects, attributes["ProjectNumber"] ?? "");
        options.publisher?.publish(`projects/${project}/topics/${topic}`, { attributes });
      }
    },
    schedule: (work) => {
      state.work.set(workKey(work), work);
      clock.at(work.atMs, () => run(work));
    },
    objects: options.objects ?? { read: () => null },
    runtime: options.runtime ?? null,
    forgetPolicy: keeper.forget,
    access: options.access ?? null,
  };
  /** Only what is still on the list is done: cancelled work, and work of a state that was reset, is not. */
  async function run(work: Work): Promise<void> {
    if (isOpen() && state.work.get(workKey(work)) === work) {
      try {
        await runDue(world, work);
      } finally {
        // Only now: work that was under way when the process stopped is done again.
        if (state.work.get(workKey(work)) === work) {
          state.work.delete(workKey(work));
        }
      }
    }
  }
  return world;
}

/** Operations are named with the project's number, and found by its id too. */
function withProjectIds(operations: Operations, state: State): Operations {
  return {
    ...operations,
    get: (name) => operations.get(canonicalName(state.projects, name)),
  };
}
