import { z } from "zod";
import { lazily } from "../../shared/adapters/grpc-endpoint.ts";
import type { Api, Endpoints } from "../platform/kinds/google.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { findLocalFile } from "./local-file.ts";
import type { LocalFile } from "./local-file.ts";
import { skipMetadataServer } from "./settings.ts";

/** How the local cloud is reached by who installs there. */
export type LocalAccess = {
  readonly endpoints: Endpoints;
  readonly token: () => Promise<string | null>;
  /** Whoever that is, as a member of policies. */
  readonly caller: string;
};

/** The local cloud that runs here, if the project is its own; null otherwise: then Google Cloud is meant. */
export async function localAccess(project: string): Promise<LocalAccess | null> {
  const local = await findLocalFile(process.cwd());
  if (local === null || local.project !== project) {
    return null;
  }
  skipMetadataServer();
  return {
    endpoints: localEndpoints(local),
    token: lazily(async () => ownerToken(local)),
    caller: `user:${local.owner}`,
  };
}

const Granted = z.object({ access_token: z.string() });

/** An access token of whoever owns the local cloud's projects. @throws CliError when it does not run any more. */
export async function ownerToken({ endpoints, owner }: LocalFile): Promise<string> {
  const answer = await fetch(`${endpoints.identity}/accessToken`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: owner }),
  }).catch(() => null);
  if (answer?.ok !== true) {
    throw new CliError(EXIT.usage, "the local cloud does not answer: start it with npm start");
  }
  return Granted.parse(await answer.json()).access_token;
}

/** Where every API is there, so that nothing of the local cloud asks Google. */
export function localEndpoints({ endpoints }: LocalFile): Readonly<Record<Api, string>> {
  return {
    billing: endpoints.cloudBilling,
    gkebackup: endpoints.gkeBackup,
    functions: endpoints.cloudFunctions,
    iam: endpoints.iam,
    // What an organization forbids is not here: it is answered as to somebody who may not read it.
    orgpolicy: endpoints.resourceManager,
    resourcemanager: endpoints.resourceManager,
    serviceusage: endpoints.serviceUsage,
    sqladmin: endpoints.cloudSql,
    artifactregistry: `http://${endpoints.artifactRegistry}`,
    firestore: `http://${endpoints.firestore}`,
    identity: endpoints.identity,
    monitoring: endpoints.monitoring,
    pubsub: `http://${endpoints.pubsub}`,
    run: `http://${endpoints.cloudRun}`,
    scheduler: `http://${endpoints.scheduler}`,
    secretmanager: `http://${endpoints.secretManager}`,
    storage: endpoints.storage,
  };
}
