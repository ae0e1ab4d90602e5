import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { buildImage, pushImage } from "../../infra/local/image.ts";
import { directoryPersistence } from "../../emulators/kit/store.ts";
import { createWiring } from "../../functions/create-wiring.ts";
import { topicName } from "../../infra/local/topics.ts";
import type { LocalFile } from "../../infra/local/local-file.ts";
import { send } from "../../infra/local/rest.ts";
import { LOCAL_LOCATION, LOCAL_PROJECT, LOCAL_REPOSITORY } from "../../infra/local/settings.ts";
import type { LocalRole } from "../../infra/local/settings.ts";
import type { Official } from "../../infra/local/official/programs.ts";
import { startLocal } from "../../infra/local.ts";
import type { LocalCloud } from "../../infra/local/cloud.ts";
import { localInstallation } from "../../infra/local/installation.ts";
import { applySpec } from "../../infra/plan/apply-spec.ts";
import { readConfig } from "../../shared/config.ts";
import type { Service } from "../../shared/domain/service.ts";
import type { Ports } from "../../shared/ports/ports.ts";
import { installHere } from "./install-here.ts";
import { refusedRights } from "./rights-used.ts";
import { until } from "./until.ts";

// Without credentials Google's clients ask the metadata server for some, which is not there.
process.env["METADATA_SERVER_DETECTION"] = "none";

/** An answer of the API. */
export type LocalAnswer = { readonly status: number; readonly body: unknown };

/** The whole local cloud, as `npm start` runs it: the emulators here, the functions in a process of their own. */
export type LocalWorld = {
  readonly cloud: LocalCloud;
  readonly file: LocalFile;
  /** The product's own ports on this cloud, as `slipway apply` uses them. */
  readonly ports: Ports;
  readonly directory: string;
  /** What the local cloud told the person who started it. */
  readonly told: readonly string[];
  /** Makes a call of the API as somebody; while the functions are starting again it waits for them. */
  readonly call: (who: LocalRole, line: string, body?: unknown) => Promise<LocalAnswer>;
  /** Applies a specification as `slipway apply` does. @throws Error when it is not valid. */
  readonly apply: (text: string) => Promise<Service>;
  /** Pushes a small image that reports its tag as its version, and gives its digest. */
  readonly push: (image: string, tag: string) => Promise<string>;
  /** Publishes to a topic of the local project: an object as JSON, a text as it is. */
  readonly publish: (topic: string, data: object | string) => void;
  /** Stops all ticks but those that a test publishes; none is under way after it. */
  readonly stopTicks: () => Promise<void>;
  /** Has nothing pushed to a function any more: from then on nobody delivers but the test. */
  readonly stopDeliveries: () => Promise<void>;
  /** The process that runs the functions now. */
  readonly functionsPid: () => Promise<number>;
  /** Stops everything, when it has not been stopped; what is kept can be read then. */
  readonly stop: () => Promise<void>;
  /**
   * Stops everything and deletes what is kept.
   * @throws Error when Slipway's accounts were refused what the story does not mean them to lack.
   */
  readonly close: () => Promise<void>;
};

/** How the world differs from what `npm start` gives. */
export type LocalWorldOptions = {
  /** Whether what is in flight can be read in the data directory. */
  readonly isKept?: boolean;
  /** Whether who sends no token is a developer, and not the owner. */
  readonly isSignedOut?: boolean;
  /** Whether nothing is installed yet. */
  readonly isEmpty?: boolean;
  /** Variables that are handed on to the functions. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Google's own emulators of documents and messages, in place of ours. */
  readonly official?: Official | null;
};

/** Starts the local cloud in a folder of its own, on free ports. */
export async function openLocalWorld(options: LocalWorldOptions = {}): Promise<LocalWorld> {
  const directory = await mkdtemp(join(tmpdir(), "slipway-world-"));
  const told: string[] = [];
  const { isKept = false, isSignedOut = false, isEmpty = false } = options;
  const { variables = {}, official = null } = options;
  const settings = {
    directory,
    isKept,
    isSignedOut,
    isEmpty,
    variables,
    official,
    portFirst: null,
  };
  const cloud = await startLocal(settings, (line) => told.push(line), installHere);
  const { file, emulators } = cloud;
  // A story begins when what the installation set off is done; what was refused until everything was there says nothing.
  await emulators.pubsub.idle();
  cloud.access.recording().forgetRefused();
  const ports = portsOf(file);
  let stopping: Promise<void> | null = null;
  async function stop(): Promise<void> {
    stopping ??= cloud.close();
    return stopping;
  }
  return {
    cloud,
    file,
    ports,
    directory,
    told,
    call: async (who, line, body) => callPatiently(file, { who, line, body }),
    apply: async (text) => apply(file, ports, text),
    push: async (image, tag) => {
      const contents = { env: { VERSION: tag }, files: { "app/version.txt": `${image} ${tag}\n` } };
      return pushImage(imageUrl(file, image), await buildImage(contents), tag);
    },
    publish: (topic, data) => {
      const text = typeof data === "string" ? data : JSON.stringify(data);
      emulators.pubsub.publisher.publish(topicName(topic), {
        data: new TextEncoder().encode(text),
      });
    },
    stopTicks: async () => {
      await pauseTicks(emulators.scheduler.url);
      await cloud.beat.close();
      await emulators.pubsub.idle();
    },
    stopDeliveries: async () => stopPushes(emulators.pubsub.url),
    functionsPid: async () => readPid(directory),
    stop,
    close: async () => {
      await stop();
      await rm(directory, { recursive: true });
      expectNothingRefused(cloud);
    },
  };
}

/** An installation gives Slipway's accounts all that it takes: what is refused, the table lacks. */
function expectNothingRefused({ access }: LocalCloud): void {
  const refused = refusedRights(access);
  if (refused.length > 0) {
    throw new Error(`Slipway's accounts were refused: ${refused.join("; ")}`);
  }
}

/** Where an image of the local project is pushed to. */
export function imageUrl({ endpoints, project }: LocalFile, image: string): string {
  return `${endpoints["registry"] ?? ""}/${project}/${LOCAL_REPOSITORY}/${image}`;
}

/** Time is told no more. */
async function pauseTicks(scheduler: string): Promise<void> {
  const jobs = `${scheduler}/v1/projects/${LOCAL_PROJECT}/locations/${LOCAL_LOCATION}/jobs`;
  await Promise.all(
    ["minute", "hour", "day"].map(async (kind) =>
      send("POST", `${jobs}/slipway-${kind}:pause`, {}),
    ),
  );
}

const Subscriptions = z.object({ subscriptions: z.array(z.object({ name: z.string() })) });

async function stopPushes(pubsub: string): Promise<void> {
  const list = await send("GET", `${pubsub}/v1/projects/${LOCAL_PROJECT}/subscriptions`);
  await Promise.all(
    Subscriptions.parse(list).subscriptions.map(async ({ name }) =>
      send("POST", `${pubsub}/v1/${name}:modifyPushConfig`, { pushConfig: {} }),
    ),
  );
}

function portsOf({ endpoints, project, database }: LocalFile): Ports {
  const address = (name: string): string => (endpoints[name] ?? "").replace("http://", "");
  const config = readConfig({
    SLIPWAY_PROJECT: project,
    SLIPWAY_DATABASE: database,
    SLIPWAY_CLOUD_DEPLOY_ENDPOINT: address("cloudDeploy"),
    SLIPWAY_ARTIFACT_REGISTRY_ENDPOINT: address("artifactRegistry"),
    SLIPWAY_CLOUD_RUN_ENDPOINT: address("cloudRun"),
    SLIPWAY_FIRESTORE_ENDPOINT: address("firestore"),
    SLIPWAY_PUBSUB_ENDPOINT: address("pubsub"),
    SLIPWAY_SECRET_MANAGER_ENDPOINT: address("secretManager"),
    SLIPWAY_CLOUD_SQL_ENDPOINT: endpoints["cloudSql"],
    SLIPWAY_GKE_BACKUP_ENDPOINT: endpoints["gkeBackup"],
    SLIPWAY_MONITORING_ENDPOINT: endpoints["monitoring"],
  });
  return createWiring(config).ports;
}

async function apply({ endpoints }: LocalFile, ports: Ports, text: string): Promise<Service> {
  const cloud = {
    cloudDeploy: (endpoints["cloudDeploy"] ?? "").replace("http://", ""),
    storage: endpoints["storage"] ?? "",
    cloudRun: (endpoints["cloudRun"] ?? "").replace("http://", ""),
    monitoring: endpoints["monitoring"] ?? "",
    scheduler: (endpoints["scheduler"] ?? "").replace("http://", ""),
  };
  const installation = localInstallation(ports, cloud, "user:tester@example.com");
  const outcome = await applySpec(installation, text);
  if (outcome.kind === "invalid") {
    throw new Error(`the specification is not valid: ${JSON.stringify(outcome.problems)}`);
  }
  const { id } = outcome.service;
  await until(
    `what comes of applying ${id} is done`,
    async () => ports.store.read(id),
    (seen) => seen !== null && seen.chain.published === seen.chain.head.sequence,
  );
  return outcome.service;
}

type LocalCall = { readonly who: LocalRole; readonly line: string; readonly body: unknown };

/** A call that meets no process, or one that dies, is made again: every call of the API may be repeated. */
async function callPatiently(file: LocalFile, call: LocalCall): Promise<LocalAnswer> {
  const answer = await until(
    `${call.line} is answered`,
    async () => callOnce(file, call),
    (given) => given !== null,
  );
  return answer ?? { status: 0, body: null };
}

async function callOnce(
  { api, tokens }: LocalFile,
  { who, line, body }: LocalCall,
): Promise<LocalAnswer | null> {
  const [method = "GET", path = "/"] = line.split(" ");
  try {
    const response = await fetch(`${api}${path}`, {
      method,
      headers: { authorization: `Bearer ${tokens[who]}`, "content-type": "application/json" },
      ...(body === undefined
        ? {}
        : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return isFronts(response) ? null : { status: response.status, body: toBody(text) };
  } catch {
    return null;
  }
}

/** Whether the front answered in place of functions that are not there, or have just gone. */
function isFronts({ status, headers }: Response): boolean {
  return (
    [429, 503].includes(status) && headers.get("content-type")?.startsWith("text/html") === true
  );
}

/** What is not JSON stays a text. */
function toBody(text: string): unknown {
  try {
    const body: unknown = JSON.parse(text);
    return body;
  } catch {
    return text;
  }
}

const Pushed = z.object({
  config: z.object({ pushConfig: z.object({ pushEndpoint: z.string() }) }),
});
const Left = z.object({ message: z.object({ data: z.string() }) });

/** The messages that no function took, by subscription, of a kept world that has been stopped. */
export async function undelivered({ directory }: LocalWorld): Promise<readonly string[]> {
  const kept = directoryPersistence(join(directory, ".slipway", "data"));
  const rows = [...kept.table("pubsub-subscriptions", () => []).rows()];
  await kept.close();
  const pushed = new Set(
    rows.flatMap(({ path: [name = ""], value }) => (Pushed.safeParse(value).success ? [name] : [])),
  );
  return rows.flatMap(({ path: [name = "", kind], value }) => {
    const left = kind === "backlog" && pushed.has(name) ? Left.parse(value) : null;
    return left === null
      ? []
      : [`${name}: ${Buffer.from(left.message.data, "base64").toString("utf8")}`];
  });
}

const Pids = z.object({ pids: z.object({ functions: z.number() }) });

async function readPid(directory: string): Promise<number> {
  const text = await readFile(join(directory, ".slipway", "local.json"), "utf8");
  return Pids.parse(JSON.parse(text)).pids.functions;
}
