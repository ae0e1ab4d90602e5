import { createHash } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { googleError } from "../kit/google-error.ts";
import { checkBuilder } from "./as-builder.ts";
import { buildFunction } from "./build.ts";
import type { Build } from "./build.ts";
import type { CloudFunctions, FunctionRecord, Hosted } from "./functions.ts";
import { startInstance } from "./instance.ts";
import type { Instance } from "./instance.ts";
import { lettersOf, partsOf } from "./names.ts";
import { servingOf } from "./view.ts";
import { plainEnvironment, StepFailed } from "./steps.ts";
import type { StorageSource } from "./wire.ts";

/**
 * Builds and starts a function that is DEPLOYING, after a deployment of it that is under way. When that fails the
 * revision before goes on.
 * @throws GoogleError INVALID_ARGUMENT with the build's or the start's failure, as the operation's error.
 */
export async function deploy(functions: CloudFunctions, name: string): Promise<FunctionRecord> {
  const before = functions.deploying.get(name) ?? Promise.resolve();
  const deployed = before.then(async () => deployNext(functions, name));
  functions.deploying.set(
    name,
    deployed.catch(() => null),
  );
  return deployed;
}

async function deployNext(functions: CloudFunctions, name: string): Promise<FunctionRecord> {
  const record = functions.state.functions.get(name);
  if (record === undefined) {
    throw googleError("NOT_FOUND", `Resource '${name}' was not found`);
  }
  const deployments = record.deployments + 1;
  const revision = revisionOf(name, deployments);
  try {
    const instance = await startOf(functions, record, revision);
    const before = functions.running.get(name);
    functions.running.set(name, instance);
    const serving = servingOf(functions, name);
    if (serving !== null) {
      await functions.front?.serve(serving);
    }
    await before?.stop();
    return end(functions, { ...record, state: "ACTIVE", deployments, revision, failure: null });
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    const state = record.revision === null ? "FAILED" : "ACTIVE";
    end(functions, { ...record, state, deployments, failure });
    throw error;
  }
}

function end(functions: CloudFunctions, record: FunctionRecord): FunctionRecord {
  const ended = { ...record, updateTimeMs: functions.clock.now() };
  functions.state.functions.set(record.name, ended);
  return ended;
}

/** An instance by the host, if that knows the archive; otherwise one of its own, of what was built. */
async function startOf(
  functions: CloudFunctions,
  record: FunctionRecord,
  revision: string,
): Promise<Instance> {
  checkBuilder(functions.access, record);
  const { source } = record.spec.buildConfig ?? {};
  const archive = readSource(functions, source?.storageSource ?? {});
  const hosted = await startHosted(functions, record, { archive, revision });
  if (hosted !== null) {
    return hosted;
  }
  const folder = await build(functions, record, archive);
  return start(functions, record, { folder, revision });
}

async function startHosted(
  functions: CloudFunctions,
  record: FunctionRecord,
  { archive, revision }: { readonly archive: Uint8Array; readonly revision: string },
): Promise<Instance | null> {
  const { name } = record;
  try {
    return (await functions.host?.start({ name, archive, ...toRun(functions, record) })) ?? null;
  } catch {
    throw googleError("INVALID_ARGUMENT", notListening(partsOf(name).id, revision));
  }
}

/** One archive is built once, for however many functions: what they load is the same. */
async function build(
  functions: CloudFunctions,
  { spec }: FunctionRecord,
  archive: Uint8Array,
): Promise<string> {
  const { environmentVariables = {}, runtime = "" } = spec.buildConfig ?? {};
  const key = createHash("sha256")
    .update(JSON.stringify([runtime, environmentVariables]))
    .update(archive)
    .digest("hex");
  const known = functions.builds.get(key);
  if (known !== undefined) {
    return known;
  }
  const building = buildIn(functions, join(functions.folder, key, "workspace"), {
    archive,
    runtime,
    environment: { ...plainEnvironment(functions), ...environmentVariables },
  });
  functions.builds.set(key, building);
  // One that failed is tried again when somebody asks again.
  void building.catch(() => functions.builds.delete(key));
  return building;
}

async function buildIn(
  { modules }: CloudFunctions,
  folder: string,
  input: Pick<Build, "archive" | "runtime" | "environment">,
): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  try {
    await buildFunction({ ...input, folder, modules });
  } catch (error) {
    if (error instanceof StepFailed) {
      const told = `Build failed with status: FAILURE and message: ${error.message}`;
      throw googleError("INVALID_ARGUMENT", told);
    }
    throw error;
  }
  return folder;
}

async function start(
  functions: CloudFunctions,
  record: FunctionRecord,
  { folder, revision }: { readonly folder: string; readonly revision: string },
): Promise<Instance> {
  const { id } = partsOf(record.name);
  const { environment, target } = toRun(functions, record);
  const instance = await startInstance({
    folder,
    target,
    signature: record.spec.eventTrigger === undefined ? "http" : "cloudevent",
    logFile: join(functions.folder, `${id}.log`),
    environment: {
      ...environment,
      K_SERVICE: id,
      K_CONFIGURATION: id,
      K_REVISION: revision,
      LOG_EXECUTION_ID: "true",
    },
  });
  if (instance === null) {
    throw googleError("INVALID_ARGUMENT", notListening(id, revision));
  }
  return instance;
}

/** As what a function runs, and what it finds in its environment. */
function toRun(
  functions: CloudFunctions,
  { name, spec }: FunctionRecord,
): Pick<Hosted, "account" | "environment" | "target"> {
  const { id, project } = partsOf(name);
  const { serviceConfig = {}, buildConfig = {} } = spec;
  const account = serviceConfig.serviceAccountEmail ?? defaultAccount(functions.numberOf(project));
  return {
    account,
    target: buildConfig.entryPoint ?? id,
    environment: {
      ...plainEnvironment(functions),
      ...functions.environmentOf(account),
      ...serviceConfig.environmentVariables,
    },
  };
}

/** Source: https://github.com/firebase/firebase-tools/issues/6465 */
function notListening(id: string, revision: string): string {
  return `Could not create or update Cloud Run service ${id}, Container Healthcheck failed. Revision '${revision}' is not ready and cannot serve traffic. The user-provided container failed to start and listen on the port defined provided by the PORT=8080 environment variable within the allocated timeout.`;
}

function defaultAccount(number: string): string {
  return `${number}-compute@developer.gserviceaccount.com`;
}

function revisionOf(name: string, deployments: number): string {
  const number = String(deployments).padStart(5, "0");
  return `${partsOf(name).id}-${number}-${lettersOf(`${name} ${number}`, 3)}`;
}

function readSource(
  { state }: CloudFunctions,
  { bucket = "", object = "" }: StorageSource,
): Uint8Array {
  const uploaded = state.uploads.get(`${bucket}/${object}`) ?? "";
  if (uploaded === "") {
    throw googleError("NOT_FOUND", `The source gs://${bucket}/${object} does not exist`);
  }
  return Buffer.from(uploaded, "base64");
}
