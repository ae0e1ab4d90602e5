import { createHash } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { googleError } from "../kit/google-error.ts";
import { checkBuilder } from "./as-builder.ts";
import { buildFunction } from "./build.ts";
import type { CloudFunctions, FunctionRecord, Hosted } from "./functions.ts";
import { type Instance, startInstance } from "./instance.ts";
import { partsOf, revisionOf, serviceUrls, urlOf } from "./names.ts";
import { plainEnvironment } from "./steps.ts";

/**
 * Builds and starts a function that is DEPLOYING. When that fails the revision before goes on.
 * @throws GoogleError INVALID_ARGUMENT with the build's or the start's failure, as the operation's error.
 */
export async function deploy(emulator: CloudFunctions, name: string): Promise<void> {
  await whileUnderWay(emulator, name, async () => deployNow(emulator, name));
}

/** Ends a function and its instance. */
export async function endFunction(emulator: CloudFunctions, name: string): Promise<void> {
  const { functions, running, front } = emulator;
  await whileUnderWay(emulator, name, async () => {
    await front?.end(name);
    const instance = running.get(name);
    running.delete(name);
    await instance?.stop();
    functions.records.delete(name);
  });
}

async function whileUnderWay(
  { underWay }: CloudFunctions,
  name: string,
  work: () => Promise<void>,
): Promise<void> {
  const working = work();
  underWay.set(name, working);
  await working.finally(() => underWay.delete(name));
}

async function deployNow(emulator: CloudFunctions, name: string): Promise<void> {
  const { functions, running, front, clock, numberOf } = emulator;
  const { stateMessages: _before, ...record } = functions.find(name);
  const { serviceConfig } = record;
  const { id, project, location } = partsOf(name);
  const hidden = { deployments: record.hidden.deployments + 1 };
  const revision = revisionOf(name, hidden.deployments);
  const urls = serviceUrls(name, numberOf(project));
  try {
    const instance = await start(emulator, record, revision);
    const before = running.get(name);
    running.set(name, instance);
    const { address } = instance;
    await front?.serve({ name, urls: [urlOf(name), ...urls], address, config: serviceConfig });
    await before?.stop();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const state = serviceConfig.revision === undefined ? "FAILED" : "ACTIVE";
    const stateMessages = [{ severity: "ERROR", type: "DeploymentFailed", message }] as const;
    functions.change(record, { state, stateMessages, hidden }, clock.now());
    throw error;
  }
  const service = `projects/${project}/locations/${location}/services/${id}`;
  const next = { ...serviceConfig, service, uri: urls[0], revision };
  functions.change(record, { state: "ACTIVE", serviceConfig: next, hidden }, clock.now());
}

/** An instance by the host, if that knows the archive; otherwise one of its own, of what was built. */
async function start(
  emulator: CloudFunctions,
  record: FunctionRecord,
  revision: string,
): Promise<Instance> {
  checkBuilder(emulator.access, record);
  const { id } = partsOf(record.name);
  const hosted = toHosted(emulator, record);
  const refusal = googleError("INVALID_ARGUMENT", notListening(id, revision));
  const byHost = await emulator.host?.start(hosted).catch(() => {
    throw refusal;
  });
  const instance =
    byHost ??
    (await startInstance({
      folder: await build(emulator, record, hosted.archive),
      target: hosted.target,
      signature: record.eventTrigger === undefined ? "http" : "cloudevent",
      logFile: join(emulator.folder, `${id}.log`),
      environment: {
        ...hosted.environment,
        K_SERVICE: id,
        K_CONFIGURATION: id,
        K_REVISION: revision,
        LOG_EXECUTION_ID: "true",
      },
    }));
  if (instance === null) {
    throw refusal;
  }
  return instance;
}

/** What a function is made of, as what it runs, and what it finds in its environment. */
function toHosted(
  emulator: CloudFunctions,
  { name, serviceConfig, buildConfig }: FunctionRecord,
): Hosted {
  const { id, project } = partsOf(name);
  const { bucket = "", object = "" } = buildConfig.source?.storageSource ?? {};
  const uploaded = emulator.uploads.get(`${bucket}/${object}`) ?? "";
  if (uploaded === "") {
    throw googleError("NOT_FOUND", `The source gs://${bucket}/${object} does not exist`);
  }
  const byDefault = `${emulator.numberOf(project)}-compute@developer.gserviceaccount.com`;
  const account = serviceConfig.serviceAccountEmail ?? byDefault;
  return {
    name,
    archive: Buffer.from(uploaded, "base64"),
    account,
    target: buildConfig.entryPoint ?? id,
    environment: {
      ...plainEnvironment(emulator),
      ...emulator.environmentOf?.(account),
      ...serviceConfig.environmentVariables,
    },
  };
}

/** The folder of what was built. One archive is built once, for however many functions: what they load is the same. */
async function build(
  emulator: CloudFunctions,
  { buildConfig }: FunctionRecord,
  archive: Uint8Array,
): Promise<string> {
  const { environmentVariables = {} } = buildConfig;
  const key = createHash("sha256")
    .update(JSON.stringify(environmentVariables))
    .update(archive)
    .digest("hex");
  const known = emulator.builds.get(key);
  if (known !== undefined) {
    return known;
  }
  const building = buildIn(emulator, join(emulator.folder, key, "workspace"), {
    archive,
    environment: { ...plainEnvironment(emulator), ...environmentVariables },
  });
  emulator.builds.set(key, building);
  // One that failed is tried again when somebody asks again.
  void building.catch(() => emulator.builds.delete(key));
  return building;
}

async function buildIn(
  { modules }: CloudFunctions,
  folder: string,
  input: Pick<Parameters<typeof buildFunction>[0], "archive" | "environment">,
): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await buildFunction({ ...input, folder, modules });
  return folder;
}

/** Source: https://github.com/firebase/firebase-tools/issues/6465 */
function notListening(id: string, revision: string): string {
  return `Could not create or update Cloud Run service ${id}, Container Healthcheck failed. Revision '${revision}' is not ready and cannot serve traffic. The user-provided container failed to start and listen on the port defined provided by the PORT=8080 environment variable within the allocated timeout.`;
}
