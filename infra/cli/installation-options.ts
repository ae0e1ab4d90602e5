import { setTimeout as sleep } from "node:timers/promises";
import { Option } from "commander";
import type { Command } from "commander";
import { readConfig } from "../../shared/config.ts";
import { defaultSourcesBucket } from "../plan/installation.ts";
import type { Installation } from "../plan/installation.ts";
import type { CloudEndpoints } from "../resources/cloud.ts";
import { apiRecords } from "./api-records.ts";
import { openApi } from "./api.ts";
import { defaultDeployAccount } from "../resources/execution.ts";
import { REGIONS } from "../platform/preflight/regions.ts";
import { defaultProbeAccount } from "../resources/invoker.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { localEndpoints } from "./local-access.ts";
import { findLocalFile } from "./local-file.ts";
import type { GlobalOptions } from "./options.ts";
import { readSettings, skipMetadataServer } from "./settings.ts";

/** The options of commands that reach the cloud itself. */
export type InstallationOptions = GlobalOptions & {
  readonly project?: string;
  readonly location?: string;
  readonly pipelineProject: "own" | "last-stage";
  readonly sourcesBucket?: string;
  readonly deployAccount?: string;
  readonly scopingProject?: string;
  readonly takeOver?: boolean;
  readonly allowMissing?: boolean;
  readonly organization?: string;
};

/** Source: https://cloud.google.com/iam/docs/service-account-overview */
const ACCOUNT = /^[a-z0-9-]+@[a-z0-9.-]+\.gserviceaccount\.com$/;

const LOCATION_DEFAULT = "us-central1";

/** Adds the options that say where Slipway is installed. */
export function addInstallationOptions(command: Command): Command {
  return command
    .option("--project <id>", "Slipway's project on Google Cloud; if left out, the local cloud")
    .option("--location <region>", `Slipway's location (default: ${LOCATION_DEFAULT})`)
    .addOption(
      new Option(
        "--pipeline-project <which>",
        "whose project has the pipelines: Slipway's own, or that of the last stage",
      )
        .choices(["own", "last-stage"])
        .default("own"),
    )
    .option("--organization <domain>", "the organization's domain, for authentication.sourcegraph")
    .option("--take-over", "take over running services even if they lose something")
    .option(
      "--allow-missing",
      "only warn of projects, accounts, secrets, jobs and the like that are not there yet",
    )
    .option("--sources-bucket <name>", "the bucket of archives (default: <project>-sources)")
    .option(
      "--deploy-account <email>",
      "the account as which Cloud Deploy deploys (default: slipway-deploy@<project>.iam.gserviceaccount.com)",
    )
    .option(
      "--scoping-project <list>",
      "where the alerts of the environments' projects are (default: SLIPWAY_SCOPING_PROJECT, or each project itself)",
    );
}

/**
 * Reaches the installation that the options name: on Google Cloud with the credentials that are set up for it, or
 * the local cloud that runs here. What is recorded goes through its API, by the token of whoever asks.
 * @throws CliError when neither is named, or nobody says who asks.
 */
export async function openInstallation(options: InstallationOptions): Promise<Installation> {
  const local = options.project === undefined ? await findLocalFile(process.cwd()) : null;
  if (local !== null) {
    skipMetadataServer();
  }
  const { project, location, endpoints } = local ?? nameGoogle(options);
  const deployAccount = readAccountOption(options) ?? defaultDeployAccount(project);
  checkLocation(options);
  const { openLooks } = await import("../plan/named/looks.ts");
  return {
    project,
    location: options.location ?? location,
    pipelineProject: options.pipelineProject,
    sourcesBucket: options.sourcesBucket ?? defaultSourcesBucket(project),
    deployAccount,
    probeAccount: defaultProbeAccount(project),
    scoping: readScoping(project, options),
    records: apiRecords(await openApi(options)),
    looks: openLooks({
      endpoints: local === null ? {} : localEndpoints(local),
      // Whoever brings no token there is the one who calls everything else.
      localToken: async () => Promise.resolve(null),
      pause: async (ms) => sleep(ms),
      isLocal: local !== null,
      allowsMissing: options.allowMissing === true,
    }),
    organization: options.organization ?? null,
    takesOver: options.takeOver === true,
    endpoints: {
      cloudDeploy: endpoints.cloudDeploy,
      storage: endpoints.storage,
      cloudRun: endpoints.cloudRun,
      scheduler: endpoints.scheduler,
      monitoring: endpoints.monitoring,
    },
  };
}

/** Where alerts are, as the functions read it. @throws CliError when the list has a form that they do not take. */
function readScoping(project: string, options: InstallationOptions): Installation["scoping"] {
  const named = options.scopingProject ?? readSettings().scopingProject;
  try {
    return readConfig({
      SLIPWAY_PROJECT: project,
      ...(named !== null && { SLIPWAY_SCOPING_PROJECT: named }),
    }).scoping;
  } catch (error) {
    throw new CliError(EXIT.usage, error instanceof Error ? error.message : String(error));
  }
}

/** @throws CliError when there is no such region: Cloud Deploy says so only after the first archive is stored. */
function checkLocation({ location }: InstallationOptions): void {
  if (location !== undefined && !REGIONS.includes(location)) {
    const message = `--location ${location}: it is not a region in which Slipway can be; gcloud functions regions list shows them, such as europe-west3`;
    throw new CliError(EXIT.usage, message);
  }
}

/** @throws CliError when it is no service account's address. */
function readAccountOption({ deployAccount }: InstallationOptions): string | undefined {
  if (deployAccount !== undefined && !ACCOUNT.test(deployAccount)) {
    const message = `--deploy-account ${deployAccount}: it must be a service account's address such as deployer@acme-slipway.iam.gserviceaccount.com`;
    throw new CliError(EXIT.usage, message);
  }
  return deployAccount;
}

type Named = {
  readonly project: string;
  readonly location: string;
  readonly endpoints: CloudEndpoints;
};

/** Google's own addresses. */
const GOOGLE: Named["endpoints"] = {
  cloudDeploy: null,
  storage: null,
  cloudRun: null,
  scheduler: null,
  monitoring: null,
};

function nameGoogle(options: InstallationOptions): Named {
  if (options.project === undefined) {
    const message =
      "no installation is known here: start the local cloud with npm start, or name Slipway's project with --project and --location";
    throw new CliError(EXIT.usage, message);
  }
  if (options.api === undefined && readSettings().api === null) {
    const message = `name the API of the installation in ${options.project} with --api URL, or SLIPWAY_API: it decides and records`;
    throw new CliError(EXIT.usage, message);
  }
  const location = options.location ?? LOCATION_DEFAULT;
  return { project: options.project, location, endpoints: GOOGLE };
}
