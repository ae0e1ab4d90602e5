import { type PolicyKeeper, policyApi, policyKeeper } from "../kit/access/policy-methods.ts";
import { type Clock, realClock } from "../kit/clock.ts";
import { recordsOf } from "../kit/collection-methods.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import type { ObjectReader } from "../kit/object-reader.ts";
import { createOperations, type Operations } from "../kit/operation.ts";
import { durationsOf } from "../kit/pace.ts";
import type { Publisher } from "../kit/publisher.ts";
import type { Runtime } from "../kit/runtime.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { toRules } from "./access-rules.ts";
import { deployPolicies } from "./deploy-policies.ts";
import { runDue } from "./due.ts";
import { openKinds } from "./kinds.ts";
import { canonicalName, type Project, projectId } from "./names.ts";
import { POLICY_PATHS, policyOperations, unaryOperations } from "./operations.ts";
import { PACKAGE, PROTOS } from "./resources.ts";
import { kindsIn, type Timings, type Work, workKey, type World } from "./world.ts";

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
};

const NAME = "cloud-deploy";
const TIMINGS: Timings = { operationMs: 0, renderMs: 100, jobMs: 100 };

/**
 * Starts the Cloud Deploy emulator on a free loopback port, over gRPC and REST. What was in flight when a persistent one
 * stopped goes on. A reset forgets everything but the projects.
 */
export async function startCloudDeploy(options: CloudDeployOptions = {}): Promise<RunningServer> {
  const clock = options.clock ?? realClock();
  const { persistence } = options;
  const keeper = policyKeeper(options, NAME);
  const world = openWorld(options, clock, keeper);
  const { projects, requests, work, operations } = world;
  const state = { ...recordsOf(kindsIn(world)), requests, work };
  keepMaps(persistence, NAME, { ...state, projects });
  work.forEach(world.schedule);
  const pipelines = world.pipelines.records;
  const targets = world.targets.records;
  const server = await serve({
    ...options,
    clock,
    state,
    operations,
    apis: [
      { protos: PROTOS, service: `${PACKAGE}.CloudDeploy`, unary: unaryOperations(world) },
      policyApi(policyOperations(world, keeper), POLICY_PATHS),
    ],
    hasLocations: true,
    rest: deployPolicies(projects),
    guard: {
      service: "clouddeploy.googleapis.com",
      rules: toRules({ projects, pipelines, targets }),
    },
  });
  return {
    ...server,
    close: async () => {
      world.close();
      await server.close();
    },
  };
}

function openWorld(
  options: CloudDeployOptions,
  clock: Clock,
  keeper: PolicyKeeper,
): World & { readonly close: () => void } {
  const projects = new Map((options.projects ?? []).map(({ id, number }) => [number, id]));
  const work = new Map<string, Work>();
  const operations = createOperations(clock, { persistence: options.persistence, name: NAME });
  let isOpen = true;
  const world: World & { readonly close: () => void } = {
    ...openKinds(() => world),
    projects,
    work,
    requests: new Map(),
    operations: withProjectIds(operations, projects),
    timings: durationsOf(options, TIMINGS),
    now: clock.now,
    publish: (topic, attributes) => {
      const project = projectId(projects, attributes["ProjectNumber"] ?? "");
      options.publisher?.publish(`projects/${project}/topics/${topic}`, { attributes });
    },
    schedule: (wanted) => {
      work.set(workKey(wanted), wanted);
      clock.at(wanted.atMs, () => run(wanted));
    },
    objects: options.objects ?? { read: () => null },
    runtime: options.runtime ?? null,
    forgetPolicy: keeper.forget,
    access: options.access ?? null,
    close: () => {
      isOpen = false;
    },
  };
  /** Only what is still on the list is done: cancelled work, and work of a state that was reset, is not. */
  async function run(due: Work): Promise<void> {
    const isDue = (): boolean => work.get(workKey(due)) === due;
    if (isOpen && isDue()) {
      try {
        await runDue(world, due);
      } finally {
        // Only now: work that was under way when the process stopped is done again.
        if (isDue()) {
          work.delete(workKey(due));
        }
      }
    }
  }
  return world;
}

/** Operations are named with the project's number, and found by its id too. */
function withProjectIds(operations: Operations, projects: Map<string, string>): Operations {
  return {
    ...operations,
    get: (name) => operations.get(canonicalName(projects, name)),
  };
}
