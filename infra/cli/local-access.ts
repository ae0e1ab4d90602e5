import type { Endpoints } from "../platform/kinds/google.ts";
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
    endpoints: endpointsOf(local),
    token: () => Promise.resolve(null),
    caller: "user:installer@example.com",
  };
}

function endpointsOf({ endpoints }: LocalFile): Endpoints {
  return {
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
