import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makePrivateFolder, PRIVATE_FILE_MODE } from "../../emulators/kit/private-files.ts";
import type { Emulators } from "./emulators.ts";
import type { Endpoint } from "./ports.ts";
import {
  LOCAL_DATABASE,
  LOCAL_LOCATION,
  LOCAL_OWNER,
  LOCAL_PEOPLE,
  LOCAL_PROJECT,
} from "./settings.ts";
import type { LocalRole } from "./settings.ts";

/** What `.slipway/local.json` tells every client of the local cloud. */
export type LocalFile = {
  readonly project: string;
  readonly location: string;
  /** The id of the Firestore database that Slipway's documents are in. */
  readonly database: string;
  readonly audience: string;
  /** Who may do everything in its projects, and so installs there. */
  readonly owner: string;
  /** The one address that leads to every endpoint, as `http://127.0.0.1:PORT`. */
  readonly address: string;
  /** REST and registry endpoints as `http://127.0.0.1:PORT`, gRPC ones as `127.0.0.1:PORT`. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly functions: Readonly<Record<string, string>>;
  readonly api: string;
  /** The pages. */
  readonly dashboard: string;
  readonly tokens: Readonly<Record<LocalRole, string>>;
  /** The processes' ids, so that people can stop or kill them. */
  readonly pids: { readonly emulators: number; readonly functions: number | null };
};

/** The local cloud's description, with fresh tokens of one hour. */
export async function describeLocal(
  emulators: Emulators,
  ports: Readonly<Record<Endpoint, number>>,
  functionsPid: number | null,
): Promise<LocalFile> {
  const url = (endpoint: Endpoint): string => `http://127.0.0.1:${ports[endpoint]}`;
  const audience = url("api");
  const mint = async (role: LocalRole): Promise<string> =>
    emulators.identity.mint({ email: LOCAL_PEOPLE[role], audience });
  return {
    project: LOCAL_PROJECT,
    location: LOCAL_LOCATION,
    database: LOCAL_DATABASE,
    audience,
    owner: LOCAL_OWNER,
    address: url("address"),
    endpoints: {
      registry: url("address"),
      artifactRegistry: url("registry"),
      cloudDeploy: url("cloudDeploy"),
      cloudRun: url("cloudRun"),
      loadBalancer: url("loadBalancer"),
      cloudSql: url("cloudSql"),
      gkeBackup: url("gkeBackup"),
      monitoring: url("monitoring"),
      scheduler: url("scheduler"),
      secretManager: url("secretManager"),
      storage: url("storage"),
      identity: url("identity"),
      iam: url("iam"),
      resourceManager: url("resourceManager"),
      serviceUsage: url("serviceUsage"),
      cloudBilling: url("cloudBilling"),
      cloudFunctions: url("cloudFunctions"),
      slack: url("slack"),
      github: url("github"),
      firestore: `127.0.0.1:${ports.firestore}`,
      pubsub: `127.0.0.1:${ports.pubsub}`,
    },
    functions: functionsAt(url),
    api: url("api"),
    dashboard: url("web"),
    tokens: {
      viewer: await mint("viewer"),
      deployer: await mint("deployer"),
      approver: await mint("approver"),
      oncall: await mint("oncall"),
    },
    pids: { emulators: process.pid, functions: functionsPid },
  };
}

function functionsAt(url: (endpoint: Endpoint) => string): LocalFile["functions"] {
  return {
    "on-image-push": url("onImagePush"),
    "on-deploy-notification": url("onDeployNotification"),
    "on-incident": url("onIncident"),
    "on-tick": url("onTick"),
    "on-work": url("onWork"),
    "on-notice": url("onNotice"),
    api: url("api"),
    web: url("web"),
    chat: url("chat"),
  };
}

/** Writes the description to `.slipway/local.json`, whole or not at all, readable by its owner alone. */
export async function writeLocalFile(directory: string, file: LocalFile): Promise<string> {
  const folder = join(directory, ".slipway");
  makePrivateFolder(folder);
  const path = join(folder, "local.json");
  const draft = `${path}.${process.pid}.tmp`;
  await writeFile(draft, `${JSON.stringify(file, null, 2)}\n`, {
    mode: PRIVATE_FILE_MODE,
  });
  await rename(draft, path);
  return path;
}
