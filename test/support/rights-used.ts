import type { CloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import { lineage } from "../../emulators/kit/access/resource-tree.ts";
import { predefinedRole } from "../../emulators/kit/access/roles.ts";
import { LOCAL_PROJECT } from "../../infra/local/settings.ts";

/** Slipway's own accounts, as members of policies. */
const OWN = new RegExp(
  `^serviceAccount:(slipway-[a-z]+)@${LOCAL_PROJECT}\\.iam\\.gserviceaccount\\.com$`,
);

/**
 * What an installation gives its accounts and nobody used since the recording began. Of a role of its own that is each
 * permission: `ACCOUNT slipwayState PERMISSION`. A role of Google's is taken whole, so it is used if one of its
 * permissions is: `ACCOUNT roles/R on WHAT`. All projects of environments count as one.
 */
export function unusedRights(access: CloudAccess): readonly string[] {
  const { policies } = access;
  const unused = new Set(
    unusedGrants(access).map(({ member, role, resource, permission }) =>
      [member, role, resource, permission].join(" "),
    ),
  );
  // What the local cloud gives in projects that no installation names is not of an installation.
  const installed = policies.resources().filter((name) => !name.startsWith("organizations/"));
  const rights = installed.flatMap((resource) =>
    policies.bindings(resource).flatMap(({ role, members }) =>
      members.flatMap((member) => {
        const account = OWN.exec(member)?.[1];
        const all = [...permissionsOf(access, role)];
        const used = all.filter((one) => !unused.has([member, role, resource, one].join(" ")));
        return account === undefined ? [] : rightsOf({ account, role, resource, all, used });
      }),
    ),
  );
  const byText = Map.groupBy(rights, ({ text }) => text);
  return [...byText]
    .filter(([, same]) => !same.some(({ isUsed }) => isUsed))
    .map(([text]) => text)
    .toSorted();
}

/** What a binding gives to a member, and nobody used: of users and service accounts that are named themselves. */
export function unusedGrants(access: CloudAccess): readonly Grant[] {
  const { policies } = access;
  const seen = new Set(
    access
      .recording()
      .used.flatMap(({ member, permission, resource }) =>
        lineage(resource, access.directory()).map(
          (name) => `${member ?? ""} ${permission} ${name}`,
        ),
      ),
  );
  return policies
    .resources()
    .flatMap((resource) =>
      policies
        .bindings(resource)
        .flatMap(({ role, members }) =>
          members
            .filter((member) => /^(?:user|serviceAccount):/.test(member))
            .flatMap((member) =>
              [...permissionsOf(access, role)]
                .filter((permission) => !seen.has(`${member} ${permission} ${resource}`))
                .map((permission) => ({ member, role, resource, permission })),
            ),
        ),
    );
}

/** What Slipway's accounts were refused: `ACCOUNT PERMISSION on WHAT`. */
export function refusedRights(access: CloudAccess): readonly string[] {
  const refused = access.recording().refused.flatMap(({ member, permission, resource }) => {
    const account = OWN.exec(member ?? "")?.[1];
    return account === undefined ? [] : [`${account} ${permission} on ${resource}`];
  });
  return [...new Set(refused)].toSorted();
}

type Grant = Readonly<Record<"member" | "role" | "resource" | "permission", string>>;

type Right = { readonly text: string; readonly isUsed: boolean };

function rightsOf(granted: {
  readonly account: string;
  readonly role: string;
  readonly resource: string;
  readonly all: readonly string[];
  readonly used: readonly string[];
}): readonly Right[] {
  const { account, role, resource, all, used } = granted;
  if (role.startsWith("projects/")) {
    const id = role.split("/").at(-1) ?? "";
    return all.map((one) => ({ text: `${account} ${id} ${one}`, isUsed: used.includes(one) }));
  }
  const [, project = "", ...rest] = resource.split("/");
  const where = project === LOCAL_PROJECT || project === "_" ? project : "ENVIRONMENT";
  // The name of an account or a job says nothing beside its kind where there are several.
  const what = where === "ENVIRONMENT" ? rest.slice(0, -1) : rest;
  const text = `${account} ${role} on ${[where, ...what].join("/")}`;
  return [{ text, isUsed: used.length > 0 }];
}

function permissionsOf(access: CloudAccess, role: string): ReadonlySet<string> {
  return predefinedRole(role)?.permissions ?? access.directory().customRole(role) ?? new Set();
}
