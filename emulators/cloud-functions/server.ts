import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { needs } from "../kit/access/rules.ts";
import { operation } from "../kit/call.ts";
import { realClock } from "../kit/clock.ts";
import { recordsOf, unaryOf } from "../kit/collection-methods.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import { createOperations } from "../kit/operation.ts";
import { numberFor } from "../kit/projects.ts";
import { type RestMethod, taking } from "../kit/rest-table.ts";
import { type Api, type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { toRules } from "./access-rules.ts";
import { deploy } from "./deploy.ts";
import type { CloudFunctions, Surroundings } from "./functions.ts";
import { openFunctions, PACKAGE, PROTOS } from "./kind.ts";
import { addUploadRoutes, generateUploadUrl } from "./uploads.ts";

/** How to start the emulator; everything may be left out. */
export type CloudFunctionsOptions = EmulatorOptions &
  Surroundings & {
    /** Project numbers by project id; one that is not here is derived from the id. */
    readonly projects?: Readonly<Record<string, string>> | undefined;
  };

/** The emulator while it runs. */
export type RunningCloudFunctions = Omit<RunningServer, "reset"> & {
  /** Whether a function has served, so that there is a service of Cloud Run behind it. It may be starting again now. */
  readonly isDeployed: (name: string) => boolean;
  /** Resolves when everything that was to be deployed is, or has failed. */
  readonly settled: () => Promise<void>;
  /** Where a function's instance listens, `127.0.0.1:PORT`; null when it serves nothing. */
  readonly addressOf: (name: string) => string | null;
  /** Ends every instance and forgets every function. */
  readonly reset: () => Promise<void>;
};

const PERSISTED_NAME = "cloud-functions";

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
  const functions = openFunctions(() => emulator);
  const uploads = new Map<string, string>();
  const state = keepMaps(persistence, PERSISTED_NAME, { ...recordsOf([functions]), uploads });
  let url = "";
  const emulator: CloudFunctions = {
    ...options,
    functions,
    uploads,
    running: new Map(),
    underWay: new Map(),
    builds: new Map(),
    clock,
    operations: createOperations(clock, { persistence, name: PERSISTED_NAME }),
    folder: await mkdtemp(join(tmpdir(), "slipway-functions-")),
    numberOf: (project) => projects[project] ?? numberFor(project),
    baseUrl: () => url,
  };
  const server = await serve({
    ...options,
    clock,
    state,
    apis: [apiOf(emulator)],
    operations: emulator.operations,
    hasLocations: true,
    rest: [FIRST_GENERATION],
    http: (app) => {
      addUploadRoutes(app, emulator);
    },
    guard: { service: "cloudfunctions.googleapis.com", rules: toRules(functions) },
  });
  url = server.url;
  // What was there when a persisted one stopped is built and started again; until then it does not serve.
  for (const name of functions.records.keys()) {
    void deploy(emulator, name).catch(() => null);
  }
  return {
    ...server,
    isDeployed: (name) => functions.records.get(name)?.serviceConfig.revision !== undefined,
    settled: async () => settle(emulator),
    addressOf: (name) => emulator.running.get(name)?.address ?? null,
    reset: async () => {
      await stopAll(emulator);
      server.reset();
    },
    close: async () => {
      await server.close();
      await settle(emulator);
      await stopAll(emulator);
      await rm(emulator.folder, { recursive: true, force: true });
    },
  };
}

function apiOf(emulator: CloudFunctions): Api {
  const GenerateUploadUrl = operation((request) => generateUploadUrl(emulator, request));
  return {
    protos: PROTOS,
    service: `${PACKAGE}.FunctionService`,
    unary: { ...unaryOf([emulator.functions]), GenerateUploadUrl },
  };
}

async function settle({ underWay }: CloudFunctions): Promise<void> {
  await Promise.allSettled(underWay.values());
}

async function stopAll({ running }: CloudFunctions): Promise<void> {
  const instances = [...running.values()];
  running.clear();
  await Promise.all(instances.map(async (instance) => instance.stop()));
}
