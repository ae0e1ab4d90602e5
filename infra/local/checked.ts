import { createCloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import type { CloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import type { Persistence } from "../../emulators/kit/persistence.ts";
import { startMetadata } from "../../emulators/metadata/server.ts";
import { ACCOUNTS, DEVELOPER, OWNER, OWNING } from "./account-roles.ts";
import type { Emulators } from "./emulators.ts";
import { LOCAL_PROJECTS } from "./projects.ts";
import { LOCAL_PROJECT } from "./settings.ts";
import type { LocalSettings } from "./settings.ts";

/** By what the functions have their accounts. */
export type Identities = {
  /** The metadata servers of the functions' accounts, as `HOST:PORT`. */
  readonly hosts: Readonly<Record<keyof typeof ACCOUNTS, string>>;
  readonly close: () => Promise<void>;
};

/** The engine of a local cloud; until its policies are set, the owner of its projects may do everything. */
export function openAccess(persistence: Persistence | undefined): CloudAccess {
  const access = createCloudAccess(persistence);
  access.use({ anonymous: OWNER });
  const kept = new Set(access.policies.resources());
  for (const { projectId } of LOCAL_PROJECTS.all()) {
    const name = `projects/${projectId}`;
    if (!kept.has(name)) {
      const bindings = OWNING.map((role) => ({ role, members: [OWNER] }));
      access.policies.set(name, { bindings });
    }
  }
  return access;
}

/** Starts the metadata servers by which the functions have their accounts. */
export async function startIdentities({
  identity,
}: Pick<Emulators, "identity">): Promise<Identities> {
  const { accessToken, mint } = identity;
  const place = { projectId: LOCAL_PROJECT, accessToken, mint };
  const [run, api, notice] = await Promise.all([
    startMetadata({ ...place, email: ACCOUNTS.run }),
    startMetadata({ ...place, email: ACCOUNTS.api }),
    startMetadata({ ...place, email: ACCOUNTS.notice }),
  ]);
  const servers = [run, api, notice];
  return {
    hosts: { run: run.grpcAddress, api: api.grpcAddress, notice: notice.grpcAddress },
    close: async () => {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

/** Says who calls without a token: the owner, as who has signed in on a laptop, or a developer. */
export function settle(
  access: CloudAccess,
  { isSignedOut = false }: Pick<LocalSettings, "isSignedOut">,
): void {
  access.use({ anonymous: isSignedOut ? DEVELOPER : OWNER });
  // Before it was installed, whoever asked was refused.
  access.recording().forgetRefused();
}
