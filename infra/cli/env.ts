import { Command } from "commander";
import { dirname, join } from "node:path";
import { CliError, EXIT } from "./cli-error.ts";
import { findLocalFile, findLocalPath } from "./local-file.ts";
import type { LocalFile } from "./local-file.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";

/** gcloud's names of the APIs, and the prefixes under which the one address has them. */
const GCLOUD_APIS = {
  ARTIFACTREGISTRY: "registry",
  CLOUDBILLING: "cloudBilling",
  CLOUDDEPLOY: "cloudDeploy",
  CLOUDFUNCTIONS: "cloudFunctions",
  CLOUDRESOURCEMANAGER: "resourceManager",
  CLOUDSCHEDULER: "scheduler",
  FIRESTORE: "firestore",
  GKEBACKUP: "gkeBackup",
  IAM: "iam",
  MONITORING: "monitoring",
  PUBSUB: "pubsub",
  RUN: "cloudRun",
  SECRETMANAGER: "secretManager",
  SERVICEUSAGE: "serviceUsage",
  SQL: "cloudSql",
  STORAGE: "storage/storage/v1",
} as const;

/** APIs that people may try and the local cloud does not have: asked here, each is refused by its name. */
const NOT_THERE = [
  "BIGQUERY",
  "CLOUDBUILD",
  "CLOUDKMS",
  "COMPUTE",
  "CONTAINER",
  "DNS",
  "EVENTARC",
  "LOGGING",
  "REDIS",
];

/** `slipway env`: what a shell needs so that other clients talk to the local cloud. */
export function envCommand(): Command {
  return new Command("env")
    .summary("variables that point other clients at the local cloud")
    .description(
      [
        "Print the variables by which gcloud, Google's client libraries, skopeo and curl talk to the local cloud.",
        "gcloud gets a configuration folder of its own in .slipway, so yours stays as it is.",
      ].join("\n"),
    )
    .addHelpText("after", '\nExamples:\n  $ eval "$(npx slipway env)"\n  $ slipway env --json')
    .action(async (_: unknown, command: Command) => {
      const { json } = command.optsWithGlobals<GlobalOptions>();
      const path = await findLocalPath(process.cwd());
      const local = await findLocalFile(process.cwd());
      if (local === null || path === null) {
        const message = "no local cloud runs here or in a folder above: start it with npm start";
        throw new CliError(EXIT.usage, message);
      }
      const variables = variablesOf(local, dirname(path));
      if (json === true) {
        printJson(variables);
      } else {
        Object.entries(variables).forEach(([name, value]) => {
          print(`export ${name}=${quote(value)}`);
        });
      }
    });
}

function variablesOf(local: LocalFile, folder: string): Readonly<Record<string, string>> {
  const { address, project, location } = local;
  const { host, hostname, port } = new URL(address);
  return {
    ...overrides(Object.entries(GCLOUD_APIS), address),
    ...overrides(
      NOT_THERE.map((name) => [name, `absent/${name.toLowerCase()}`]),
      address,
    ),
    CLOUDSDK_CONFIG: join(folder, "gcloud"),
    CLOUDSDK_CORE_PROJECT: project,
    CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: "true",
    CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: "true",
    CLOUDSDK_AUTH_DISABLE_CREDENTIALS: "true",
    CLOUDSDK_ARTIFACTS_LOCATION: location,
    CLOUDSDK_DEPLOY_REGION: location,
    CLOUDSDK_FUNCTIONS_REGION: location,
    CLOUDSDK_RUN_REGION: location,
    // gcloud writes a region before the host of some APIs. No resolver knows such a name, but the proxy does.
    CLOUDSDK_PROXY_TYPE: "http",
    CLOUDSDK_PROXY_ADDRESS: hostname,
    CLOUDSDK_PROXY_PORT: port,
    GOOGLE_CLOUD_PROJECT: project,
    FIRESTORE_EMULATOR_HOST: host,
    PUBSUB_EMULATOR_HOST: host,
    STORAGE_EMULATOR_HOST: address,
    METADATA_SERVER_DETECTION: "none",
    SLIPWAY_API: local.api,
    SLIPWAY_REGISTRY: host,
  };
}

function overrides(
  apis: readonly (readonly [string, string])[],
  address: string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    apis.map(([name, prefix]) => [
      `CLOUDSDK_API_ENDPOINT_OVERRIDES_${name}`,
      `${address}/${prefix}/`,
    ]),
  );
}

/** As a POSIX shell reads it: whatever it is, one word. */
function quote(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
