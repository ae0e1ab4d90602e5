import { Option } from "commander";
import type { Command } from "commander";
import { toActor } from "../../shared/app/rights.ts";
import { readConfig } from "../../shared/config.ts";
import type { Config } from "../../shared/config.ts";
import type { Actor } from "../../shared/domain/release.ts";
import type { Log } from "../../shared/ports/log.ts";
import { defaultSourcesBucket } from "../plan/installation.ts";
import type { Installation } from "../plan/installation.ts";
import { defaultDeployAccount } from "../resources/execution.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { tokenOf } from "./connection.ts";
import { readClaims } from "./id-token.ts";
import { findLocalFile } from "./local-file.ts";
import type { LocalFile } from "./local-file.ts";
import type { GlobalOptions } from "./options.ts";
import { printError } from "./output.ts";
import { readSettings, skipMetadataServer } from "./settings.ts";

/** The options of commands that reach the cloud itself. */
export type InstallationOptions = GlobalOptions & {
  readonly project?: string;
  readonly location?: string;
  readonly pipelineProject: "own" | "last-stage";
  readonly sourcesBucket?: string;
  readonly deployAccount?: string;
  readonly database?: string;
  readonly scopingProject?: string;
  readonly takeOver?: boolean;
  readonly organization?: string;
};

/** An installation, and who changes it. */
export type Access = { readonly installation: Installation; readonly by: Actor };

/** Source: https://cloud.google.com/iam/docs/service-account-overview */
const ACCOUNT = /^[a-z0-9-]+@[a-z0-9.-]+\.gserviceaccount\.com$/;

const LOCATION_DEFAULT = "us-central1";
const SCOPES = [
  "https://www.googleapis.com/auth/cloud-platform",
  "https://www.googleapis.com/auth/userinfo.email",
];

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
    .option("--sources-bucket <name>", "the bucket of archives (default: <project>-sources)")
    .option(
      "--deploy-account <email>",
      "the account as which Cloud Deploy deploys (default: slipway-deploy@<project>.iam.gserviceaccount.com)",
    )
    .option(
      "--database <id>",
      "the Firestore database of an installation on Google Cloud (default: SLIPWAY_DATABASE, or (default))",
    )
    .option(
      "--scoping-project <list>",
      "where the alerts of the environments' projects are (default: SLIPWAY_SCOPING_PROJECT, or each project itself)",
    );
}

/**
 * Reaches the installation that the options name: on Google Cloud with the credentials that are set up for it, or
 * the local cloud that runs here.
 * @throws CliError when neither is named, or nobody says who asks.
 */
export async function openInstallation(options: InstallationOptions): Promise<Access> {
  const local = options.project === undefined ? await findLocalFile(process.cwd()) : null;
  if (local === null) {
    const google = nameGoogle(options);
    const by = await whoAsks(options, local);
    const endpoints = {
      cloudDeploy: null,
      storage: null,
      cloudRun: null,
      scheduler: null,
      monitoring: null,
    };
    const environment = toGoogle(google, options);
    return { installation: await wire(options, { ...google, endpoints }, environment), by };
  }
  skipMetadataServer();
  const by = await whoAsks(options, local);
  return { installation: await wire(options, local, toLocal(local)), by };
}

type Named = Pick<Installation, "project" | "location" | "endpoints">;

async function wire(
  options: InstallationOptions,
  { project, location, endpoints }: Named,
  environment: Readonly<Record<string, string>>,
): Promise<Installation> {
  const { createWiring } = await import("../../functions/create-wiring.ts");
  const { ports, config } = createWiring(readUsable(environment));
  return {
    project,
    location: options.location ?? location,
    pipelineProject: options.pipelineProject,
    sourcesBucket: options.sourcesBucket ?? defaultSourcesBucket(project),
    deployAccount: readAccountOption(options) ?? defaultDeployAccount(project),
    scoping: config.scoping,
    ports: { ...ports, log: ERROR_LOG },
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

/** @throws CliError when an option has a form that the configuration does not take. */
function readUsable(environment: Readonly<Record<string, string>>): Config {
  try {
    return readConfig(environment);
  } catch (error) {
    throw new CliError(EXIT.usage, error instanceof Error ? error.message : String(error));
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

function nameGoogle(options: InstallationOptions): Omit<Named, "endpoints"> {
  if (options.project === undefined) {
    const message =
      "no installation is known here: start the local cloud with npm start, or name Slipway's project with --project and --location";
    throw new CliError(EXIT.usage, message);
  }
  return { project: options.project, location: options.location ?? LOCATION_DEFAULT };
}

function toGoogle(
  { project, location }: Omit<Named, "endpoints">,
  options: InstallationOptions,
): Readonly<Record<string, string>> {
  const settings = readSettings();
  const database = options.database ?? settings.database;
  const scoping = options.scopingProject ?? settings.scopingProject;
  return {
    SLIPWAY_PROJECT: project,
    SLIPWAY_LOCATION: location,
    ...(database !== null && { SLIPWAY_DATABASE: database }),
    ...(scoping !== null && { SLIPWAY_SCOPING_PROJECT: scoping }),
  };
}

function toLocal(local: LocalFile): Readonly<Record<string, string>> {
  const { project, location, database, endpoints } = local;
  return {
    SLIPWAY_PROJECT: project,
    SLIPWAY_LOCATION: location,
    SLIPWAY_DATABASE: database,
    SLIPWAY_CLOUD_DEPLOY_ENDPOINT: endpoints.cloudDeploy,
    SLIPWAY_CLOUD_RUN_ENDPOINT: endpoints.cloudRun,
    SLIPWAY_ARTIFACT_REGISTRY_ENDPOINT: endpoints.artifactRegistry,
    SLIPWAY_FIRESTORE_ENDPOINT: endpoints.firestore,
    SLIPWAY_PUBSUB_ENDPOINT: endpoints.pubsub,
    SLIPWAY_SECRET_MANAGER_ENDPOINT: endpoints.secretManager,
    SLIPWAY_CLOUD_SQL_ENDPOINT: endpoints.cloudSql,
    SLIPWAY_GKE_BACKUP_ENDPOINT: endpoints.gkeBackup,
    SLIPWAY_MONITORING_ENDPOINT: endpoints.monitoring,
    SLIPWAY_CLOUD_IDENTITY_ENDPOINT: endpoints.identity,
  };
}

/** Whoever a token names; without one, whoever the credentials of this machine belong to. */
async function whoAsks(options: InstallationOptions, local: LocalFile | null): Promise<Actor> {
  const given = options.token ?? (options.as === undefined ? readSettings().token : null);
  const token = given ?? (local === null ? null : await tokenOf(local, options));
  const email = token === null ? await readAccount() : (readClaims(token)?.email ?? null);
  if (email === null) {
    const message =
      "it is not known who you are: sign in with gcloud auth application-default login, or give an ID token with --token";
    throw new CliError(EXIT.usage, message);
  }
  return toActor({ email: email.toLowerCase() });
}

/** The account of the application default credentials; null when there are none. */
async function readAccount(): Promise<string | null> {
  const { GoogleAuth } = await import("google-auth-library");
  try {
    const auth = new GoogleAuth({ scopes: SCOPES });
    const { client_email: account } = await auth.getCredentials();
    if (account !== undefined) {
      return account;
    }
    const client = await auth.getClient();
    const { token } = await client.getAccessToken();
    const { OAuth2Client } = await import("google-auth-library");
    const found = await new OAuth2Client().getTokenInfo(token ?? "");
    return found.email ?? null;
  } catch {
    return null;
  }
}

/** Warnings go to standard error, so that the result stays readable by programs. */
const ERROR_LOG: Log = { info: () => undefined, warn: complain, error: complain };

function complain(message: string, fields: object): void {
  printError(`${message}: ${JSON.stringify(fields)}`);
}
