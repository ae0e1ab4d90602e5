import { createCloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import type { CloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import { realClock } from "../../emulators/kit/clock.ts";
import { startMetadata } from "../../emulators/metadata/server.ts";
import { ACCOUNTS, DEVELOPER, OWNER } from "./account-roles.ts";
import type { Emulators } from "./emulators.ts";
import { LOCAL_PROJECTS } from "./projects.ts";
import { LOCAL_LOCATION, LOCAL_PROJECT, LOCAL_PROJECT_NUMBER } from "./settings.ts";
import type { LocalSettings } from "./settings.ts";

/** What a local cloud that checks its callers has beside the others. */
export type CheckedCloud = {
  readonly access: CloudAccess;
  /** The metadata servers of the functions' accounts, as `HOST:PORT`. */
  readonly hosts: { readonly run: string; readonly api: string };
  readonly close: () => Promise<void>;
};

/** An owner lacks the policies of buckets. Source: https://cloud.google.com/storage/docs/access-control/iam-roles */
const OWNING = ["roles/owner", "roles/storage.admin"];

/** The engine of a local cloud that checks its callers; until its policies are set, the owner may do everything. */
export function openAccess(): CloudAccess {
  const access = createCloudAccess({ clock: realClock() });
  access.use({ anonymous: OWNER });
  for (const { projectId } of LOCAL_PROJECTS.all()) {
    const bindings = OWNING.map((role) => ({ role, members: [OWNER] }));
    access.policies.set(`projects/${projectId}`, { bindings });
  }
  return access;
}

/** Starts the metadata servers by which the functions have their accounts. */
export async function startChecked(
  access: CloudAccess,
  { identity }: Pick<Emulators, "identity">,
): Promise<CheckedCloud> {
  const { accessToken, mint } = identity;
  const project = { projectId: LOCAL_PROJECT, number: LOCAL_PROJECT_NUMBER };
  const place = { project, region: LOCAL_LOCATION, accessToken, mint };
  const [run, api] = await Promise.all([
    startMetadata({ ...place, email: ACCOUNTS.run }),
    startMetadata({ ...place, email: ACCOUNTS.api }),
  ]);
  const servers = [run, api];
  return {
    access,
    hosts: { run: run.grpcAddress, api: api.grpcAddress },
    close: async () => {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

/** Nobody is the owner any more without a token, unless that is assumed: who sends none may push images, as a developer. */
export function enforce(
  { access }: Pick<CheckedCloud, "access">,
  { isOwnerAssumed = false }: Pick<LocalSettings, "isOwnerAssumed">,
): void {
  access.use({ anonymous: isOwnerAssumed ? OWNER : DEVELOPER });
  access.recording().reset();
}
