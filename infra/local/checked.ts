import { createCloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import type { CloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import { realClock } from "../../emulators/kit/clock.ts";
import { startMetadata } from "../../emulators/metadata/server.ts";
import { ACCOUNTS, CUSTOM_ROLES, DEVELOPER, grantAll, OWNER } from "./account-roles.ts";
import type { Emulators } from "./emulators.ts";
import { LOCAL_PROJECTS } from "./projects.ts";
import { create } from "./rest.ts";
import { LOCAL_LOCATION, LOCAL_PROJECT, LOCAL_PROJECT_NUMBER } from "./settings.ts";

/** What a local cloud that checks its callers has beside the others. */
export type CheckedCloud = {
  readonly access: CloudAccess;
  /** The metadata servers of the functions' accounts, as `HOST:PORT`. */
  readonly hosts: { readonly run: string; readonly api: string };
  readonly close: () => Promise<void>;
};

/** The engine of a local cloud that checks its callers; until its policies are set, the owner may do everything. */
export function openAccess(): CloudAccess {
  const access = createCloudAccess({ clock: realClock() });
  access.use({ anonymous: OWNER });
  for (const { projectId } of LOCAL_PROJECTS.all()) {
    const bindings = [{ role: "roles/owner", members: [OWNER] }];
    access.policies.set(`projects/${projectId}`, { bindings });
  }
  return access;
}

/** Makes the accounts, roles and policies of what is installed. */
export async function grantRights(
  access: CloudAccess,
  { iam }: Pick<Emulators, "iam">,
): Promise<void> {
  await makeAccounts(iam.url);
  grantAll(access.policies);
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

/** Nobody is the owner any more without a token: who sends none is a developer, who may push images. */
export function enforce({ access }: Pick<CheckedCloud, "access">): void {
  access.use({ anonymous: DEVELOPER });
  access.recording().reset();
}

async function makeAccounts(iam: string): Promise<void> {
  for (const email of Object.values(ACCOUNTS)) {
    const [accountId = ""] = email.split("@");
    const path = `${iam}/v1/projects/${LOCAL_PROJECT}/serviceAccounts`;
    await create(path, { accountId, serviceAccount: {} });
  }
  for (const { project, id, permissions } of CUSTOM_ROLES) {
    const role = { title: id, stage: "GA", includedPermissions: permissions };
    await create(`${iam}/v1/projects/${project}/roles`, { roleId: id, role });
  }
}
