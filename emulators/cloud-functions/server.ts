import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { needs } from "../kit/access/rules.ts";
import { z } from "zod";
import { realClock } from "../kit/clock.ts";
import { createOperations } from "../kit/operation.ts";
import { methodsOn } from "../kit/call.ts";
import { clearRecords, keepMaps } from "../kit/kept-maps.ts";
import { type RestMethod, taking } from "../kit/rest-table.ts";
import { type Api, type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { RULES } from "./access-rules.ts";
import { deploy } from "./deploy.ts";
import {
  type CloudFunctions,
  type Front,
  type Host,
  type ServingFunction,
  emptyState,
} from "./functions.ts";
import {
  createFunction,
  deleteFunction,
  getFunction,
  listFunctions,
  updateFunction,
} from "./operations.ts";
import { servingOf } from "./view.ts";
import { PROTOS } from "./wire.ts";
import { addUploadRoutes, generateUploadUrl } from "./uploads.ts";

/** How to start the emulator; everything may be left out. */
export type CloudFunctionsOptions = EmulatorOptions & {
  /** Project numbers by project id; one that is not here is derived from the id. */
  readonly projects?: Readonly<Record<string, string>> | undefined;
  /** Where programs are looked for, as in `PATH`; npm must be there. By default in the system's folders. */
  readonly path?: string | undefined;
  /** A `node_modules` folder. It is linked where a lockfile asks for nothing else; without it `npm ci` runs. */
  readonly modules?: string | undefined;
  /** What instances that run as an account find in their environment, beside what the function sets. */
  readonly environmentOf?: ((account: string) => Readonly<Record<string, string>>) | undefined;
  /** What is asked first whether it runs a function, before that is built and started. */
  readonly host?: Host | undefined;
  /** What stands before the functions and is told of them. */
  readonly front?: Front | undefined;
};

/** The emulator while it runs. */
export type RunningCloudFunctions = Omit<RunningServer, "reset"> & {
  /** The functions that serve now. */
  readonly serving: () => readonly ServingFunction[];
  /** Whether a function has served, so that there is a service of Cloud Run behind it. It may be starting again now. */
  readonly isDeployed: (name: string) => boolean;
  /** Resolves when everything that was to be deployed is, or has failed. */
  readonly settled: () => Promise<void>;
  /** Where a function's instance listens, `127.0.0.1:PORT`; null when it serves nothing. */
  readonly addressOf: (name: string) => string | null;
  /** Ends a function's instance and starts another one from the same source, as after a crash. @throws GoogleError */
  readonly restart: (name: string) => Promise<void>;
  /** Ends every instance and forgets every function. */
  readonly reset: () => Promise<void>;
};

const PERSISTED_NAME = "cloud-functions";
const SERVICE = "google.cloud.functions.v2.FunctionService";

/** There are no functions of the first generation; gcloud lists them beside those of the second. */
const FIRST_GENERATION: RestMethod = {
  name: "google.cloud.functions.v1.CloudFunctionsService/ListFunctions",
  at: ["GET", "/v1/{parent=projects/*/locations/*}/functions"],
  needs: needs("cloudfunctions.functions.list", "parent"),
  takes: taking(
    z.strictObject({
      parent: z.string(),
      pageSize: z.int().optional(),
      pageToken: z.string().optional(),
    }),
    () => ({}),
  ),
};

/**
 * Starts an emulator of the Cloud Functions API, version 2, for gRPC and REST: it builds what is uploaded and
 * runs it in processes of its own.
 * Source: https://cloud.google.com/functions/docs/reference/rest
 * @throws Error when the port is taken.
 */
export async function startCloudFunctions(
  options: CloudFunctionsOptions = {},
): Promise<RunningCloudFunctions> {
  const { clock = realClock(), persistence, projects = {} } = options;
  const state = keepMaps(persistence, PERSISTED_NAME, emptyState());
  let url = "";
  const functions: CloudFunctions = {
    state,
    running: new Map(),
    underWay: new Set(),
    deploying: new Map(),
    builds: new Map(),
    clock,
    operations: createOperations(clock, { persistence, name: PERSISTED_NAME }),
    folder: await mkdtemp(join(tmpdir(), "slipway-functions-")),
    numberOf: (project) => projects[project] ?? numberFor(project),
    ...surroundings(options),
    baseUrl: () => url,
  };
  const server = await serve({
    ...options,
    clock,
    state,
    apis: [toApi(functions)],
    operations: functions.operations,
    hasLocations: true,
    rest: [FIRST_GENERATION],
    http: (app) => {
      addUploadRoutes(app, functions);
    },
    guard: { service: "cloudfunctions.googleapis.com", rules: RULES },
  });
  url = server.url;
  startAgain(functions);
  return { ...server, ...handle(functions), close: closing(functions, server) };
}

type Surroundings = Pick<
  CloudFunctions,
  "access" | "path" | "modules" | "environmentOf" | "host" | "front"
>;

function surroundings(options: CloudFunctionsOptions): Surroundings {
  return {
    access: options.access ?? null,
    path: options.path ?? "/usr/local/bin:/usr/bin:/bin",
    modules: options.modules ?? null,
    environmentOf: options.environmentOf ?? (() => ({})),
    host: options.host ?? null,
    front: options.front ?? null,
  };
}

function handle(
  functions: CloudFunctions,
): Omit<RunningCloudFunctions, Exclude<keyof RunningServer, "reset">> {
  const { state, running, underWay } = functions;
  return {
    isDeployed: (name) => (state.functions.get(name)?.revision ?? null) !== null,
    settled: async () => {
      await Promise.allSettled(underWay);
    },
    serving: () => [...running.keys()].flatMap((name) => servingOf(functions, name) ?? []),
    addressOf: (name) => running.get(name)?.address ?? null,
    restart: async (name) => {
      await deploy(functions, name);
    },
    reset: async () => {
      await stopAll(functions);
      functions.operations.reset();
      clearRecords(state);
    },
  };
}

function closing(functions: CloudFunctions, server: RunningServer): () => Promise<void> {
  return async () => {
    await server.close();
    await Promise.allSettled(functions.underWay);
    await stopAll(functions);
    await rm(functions.folder, { recursive: true, force: true });
  };
}

/** What was there when a persisted one stopped is built and started again; until then it does not serve. */
function startAgain(functions: CloudFunctions): void {
  for (const name of functions.state.functions.keys()) {
    const working = deploy(functions, name).catch(() => null);
    functions.underWay.add(working);
    void working.finally(() => functions.underWay.delete(working));
  }
}

async function stopAll({ running }: CloudFunctions): Promise<void> {
  const instances = [...running.values()];
  running.clear();
  await Promise.all(instances.map(async (instance) => instance.stop()));
}

function toApi(functions: CloudFunctions): Api {
  const unary = methodsOn(functions, {
    CreateFunction: createFunction,
    UpdateFunction: updateFunction,
    DeleteFunction: deleteFunction,
    GetFunction: getFunction,
    ListFunctions: listFunctions,
    GenerateUploadUrl: generateUploadUrl,
  });
  return { protos: PROTOS, service: SERVICE, unary };
}

/** Twelve digits made of a project's id. */
function numberFor(project: string): string {
  const [first = 0, second = 0] = createHash("sha256").update(project).digest();
  return String(100_000_000_000 + first * 256 + second);
}
