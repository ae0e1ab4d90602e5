import type { CloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import { accountAddress } from "../resources/account-address.ts";
import {
  DEPLOY_PERMISSIONS,
  environmentPermissions,
  lookPermissions,
} from "../platform/table/permissions.ts";
import { ACCOUNTS, OWNER, OWNING } from "./account-roles.ts";
import { LOCAL_PROJECTS } from "./projects.ts";
import { LOCAL_PROJECT } from "./settings.ts";

/** What every project is in that the local cloud does not know by name. */
const ORGANIZATION = "organizations/100000000000";

const EVERYTHING = { cloudSql: true, gkeBackup: true };

/** The roles of an environment as the table has them, for all projects of the organization at once. */
const ROLES: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [`${ORGANIZATION}/roles/slipwayEnvironment`, new Set(environmentPermissions(EVERYTHING))],
  [`${ORGANIZATION}/roles/slipwayDeploy`, new Set(DEPLOY_PERMISSIONS)],
  [`${ORGANIZATION}/roles/slipwayLook`, new Set(lookPermissions(EVERYTHING))],
]);

const run = `serviceAccount:${ACCOUNTS.run}`;
const api = `serviceAccount:${ACCOUNTS.api}`;
const deploy = `serviceAccount:${accountAddress(LOCAL_PROJECT, "slipway-deploy")}`;

/** What Slipway's accounts are given in an environment, each with the role that the table gives there. */
const ENVIRONMENT_BINDINGS = [
  { role: `${ORGANIZATION}/roles/slipwayEnvironment`, members: [run] },
  { role: `${ORGANIZATION}/roles/slipwayDeploy`, members: [deploy] },
  { role: `${ORGANIZATION}/roles/slipwayLook`, members: [api] },
  { role: "roles/iam.serviceAccountUser", members: [run, deploy] },
  { role: "roles/secretmanager.secretAccessor", members: [run] },
  { role: "roles/artifactregistry.reader", members: [run, api, deploy] },
] as const;

/**
 * Puts the projects that nobody named into an organization, which the owner of the local cloud owns: whoever tries a
 * service of their own need not make its projects first. To be called when every emulator has told what it knows.
 */
export function openAnywhere(access: CloudAccess): void {
  const { parentOf, customRole } = access.directory();
  access.use({
    parentOf: (resource) => parentOf(resource) ?? (isUnnamed(resource) ? ORGANIZATION : null),
    customRole: (name) => ROLES.get(name) ?? customRole(name),
  });
  bind(access, []);
}

/** Gives Slipway's accounts, which must be there, the rights of an environment in all those projects. */
export function deliverAnywhere(access: CloudAccess): void {
  bind(access, ENVIRONMENT_BINDINGS);
}

type Bindings = readonly { readonly role: string; readonly members: readonly string[] }[];

function bind(access: CloudAccess, others: Bindings): void {
  const owning = OWNING.map((role) => ({ role, members: [OWNER] }));
  access.policies.set(ORGANIZATION, { bindings: [...owning, ...others] });
}

function isUnnamed(resource: string): boolean {
  const project = /^projects\/(?<id>[^/]+)$/.exec(resource)?.groups?.["id"];
  return project !== undefined && project !== "_" && LOCAL_PROJECTS.find(project) === null;
}
