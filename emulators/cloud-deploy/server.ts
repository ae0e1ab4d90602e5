import { policyApi, policyKeeper, policyMethods } from "../kit/access/policy-methods.ts";
import { realClock } from "../kit/clock.ts";
import { recordsOf, rowsOf } from "../kit/collection-methods.ts";
import { googleError } from "../kit/google-error.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import { createOperations } from "../kit/operation.ts";
import { durationsOf } from "../kit/pace.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { toRules } from "./access-rules.ts";
import { end } from "./due.ts";
import { DEPLOY_POLICIES, openKinds, PROTOS, SERVICE } from "./kinds.ts";
import { canonicalName, type Project } from "./names.ts";
import { unaryOperations } from "./operations.ts";
import type { Surroundings, Timings, World } from "./world.ts";

/** How the emulator is started. Everything may be left out. */
export type CloudDeployOptions = EmulatorOptions &
  Surroundings & {
    readonly [K in keyof Timings]?: Timings[K] | undefined;
  } & {
    /** Projects whose number matters; others get a stable number derived from their id. */
    readonly projects?: readonly Project[] | undefined;
  };

const NAME = "cloud-deploy";
const TIMINGS: Timings = { operationMs: 0, renderMs: 100, jobMs: 100 };

/** What has a policy. */
const WITH_POLICY = ["deliveryPipelines", "targets", "customTargetTypes"];

/**
 * Starts the Cloud Deploy emulator on a free loopback port, over gRPC and REST. What was in flight when a persistent one
 * stopped goes on. A reset forgets everything but the projects.
 */
export async function startCloudDeploy(options: CloudDeployOptions = {}): Promise<RunningServer> {
  const clock = options.clock ?? realClock();
  const { persistence } = options;
  const kinds = openKinds(() => world);
  const state = { ...recordsOf(Object.values(kinds)), requests: new Map(), due: new Map() };
  const projects = new Map((options.projects ?? []).map(({ id, number }) => [number, id]));
  keepMaps(persistence, NAME, { ...state, projects });
  let isOpen = true;
  const world: World = {
    ...options,
    ...kinds,
    clock,
    projects,
    ...state,
    timings: durationsOf(options, TIMINGS),
    operations: createOperations(clock, { persistence, name: NAME }),
    keeper: policyKeeper(options, NAME),
    wake: (name, atMs) => clock.at(atMs, async () => (isOpen ? end(world, name, atMs) : undefined)),
  };
  world.due.forEach((atMs, name) => world.wake(name, atMs));
  const server = await serve({
    ...options,
    clock,
    state,
    operations: world.operations,
    apis: [
      { protos: PROTOS, service: SERVICE, unary: unaryOperations(world, kinds) },
      policyApi(
        policyMethods(world.keeper, (name) => withPolicy(world, name)),
        WITH_POLICY.map((segment) => `/v1/{resource=projects/*/locations/*/${segment}/*}`),
      ),
    ],
    hasLocations: true,
    rest: rowsOf([DEPLOY_POLICIES], SERVICE),
    guard: { service: "clouddeploy.googleapis.com", rules: toRules(projects, kinds) },
  });
  return {
    ...server,
    close: async () => {
      isOpen = false;
      await server.close();
    },
  };
}

function withPolicy(world: World, resource: string): string {
  const name = canonicalName(world.projects, resource);
  const { pipelines, targets, customTargetTypes } = world;
  if (![pipelines, targets, customTargetTypes].some(({ records }) => records.has(name))) {
    throw googleError("NOT_FOUND", `Resource '${resource}' was not found`);
  }
  return name;
}
