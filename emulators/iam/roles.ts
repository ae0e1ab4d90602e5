import { z } from "zod";
import { predefinedRole, predefinedRoles } from "../kit/access/roles.ts";
import { anybodyKnown, needs, type Rule } from "../kit/access/rules.ts";
import { collection } from "../kit/collection.ts";
import { saidFields } from "../kit/collection-fields.ts";
import { rowsOf } from "../kit/collection-methods.ts";
import { badRequest, googleError, type GoogleError } from "../kit/google-error.ts";
import { paginate } from "../kit/page.ts";
import type { Due } from "../kit/pace.ts";
import { type RestMethod, restMethods, taking } from "../kit/rest-table.ts";
import { type Iam, PAGE, type Role, type RoleDraft, type RoleOwn, SERVICE } from "./state.ts";

const PAGE_LIMITS = { defaultSize: 300, maxSize: 1000 };

/** Source: https://cloud.google.com/iam/quotas#limits */
const ROLES_MAX = 300;
const PERMISSIONS_MAX = 3000;
const TITLE_BYTES_MAX = 100;

/** How long a deleted role can be brought back, and how long its id stays taken. Source: https://cloud.google.com/iam/docs/creating-custom-roles#deleting-custom-role */
const RESTORABLE_MS = 7 * 86_400_000;
const ID_TAKEN_MS = 37 * 86_400_000;

/** Every permission that some predefined role has: a custom role may have no other. */
const PERMISSIONS: ReadonlySet<string> = new Set(
  predefinedRoles().flatMap(({ permissions }) => Array.from(permissions)),
);

const ROLE = "projects/*/roles/*";

const text = z.string().optional();
const ByName = z.strictObject({ name: z.string() });
const FIELDS = saidFields(
  {
    title: text,
    description: text,
    includedPermissions: z.array(z.string()).optional(),
    stage: z.enum(["ALPHA", "BETA", "GA", "DEPRECATED", "DISABLED", "EAP"]).optional(),
  },
  { outputOnly: ["deleted"], stamps: ["etag"] },
);
const Creation = z.strictObject({
  parent: z.string(),
  roleId: z.string().default(""),
  role: FIELDS.schema.default({}),
});
const List = z.strictObject({
  parent: z.string().default(""),
  view: z.enum(["BASIC", "FULL"]).default("BASIC"),
  showDeleted: z.boolean().optional(),
  ...PAGE,
});

/** Opens the custom roles of projects. */
export function openRoles(iam: () => Iam): Iam["roles"] {
  return collection<RoleDraft, RoleOwn>({
    type: "Role",
    pattern: ROLE,
    permission: "iam.roles",
    verbs: ["update", "delete"],
    fields: FIELDS,
    ids: {
      pattern: /^[A-Za-z0-9_.]{3,64}$/,
      rule: "3 to 64 letters, digits, underscores and periods",
    },
    pages: PAGE_LIMITS,
    refusals: {
      notFound,
      taken: (name) =>
        iam().roles.find(name).deleted === true
          ? googleError(
              "FAILED_PRECONDITION",
              `You can't create a role_id (${name}) which has been marked for deletion.`,
            )
          : googleError("ALREADY_EXISTS", `A role named ${name} already exists.`),
    },
    // Every method answers with the role, also the one that deletes it.
    begin: ({ target }) => iam().roles.show(iam().roles.find(target)),
    create: (draft, { parent }) => {
      const names = [...iam().roles.records.keys()];
      if (names.filter((name) => name.startsWith(`${parent}/`)).length >= ROLES_MAX) {
        const reason = `Maximum number of custom roles in ${parent} reached.`;
        throw googleError("RESOURCE_EXHAUSTED", reason);
      }
      return { stage: "ALPHA", ...draft, ...checked(draft) };
    },
    update: checked,
    remove: (role, _, nowMs) => ({
      ...role,
      deleted: true,
      hidden: { deletedMs: role.hidden?.deletedMs ?? nowMs },
    }),
  });
}

function notFound(name: string): GoogleError {
  return googleError("NOT_FOUND", `The role named ${name} was not found.`);
}

/** The ids of deleted roles, which become free. */
export function* rolesDue({ roles: { records } }: Iam): Generator<Due> {
  for (const { name, hidden } of records.values()) {
    if (hidden !== undefined) {
      yield { atMs: hidden.deletedMs + ID_TAKEN_MS, happen: () => records.delete(name) };
    }
  }
}

/**
 * The methods on roles, with their paths and permissions.
 * Source: https://cloud.google.com/iam/docs/reference/rest/v1/projects.roles
 */
export function roleMethods({ roles }: Iam): readonly RestMethod[] {
  const inProject = "/v1/{parent=projects/*}/roles";
  const one = `/v1/{name=${ROLE}}`;
  const listing = taking(List, (request) => list(roles, request));
  const getting = taking(ByName, ({ name }) => {
    const predefined = predefinedRole(name);
    if (predefined !== null) {
      return toPredefined(predefined);
    }
    const own = roles.records.get(name);
    if (own === undefined) {
      throw notFound(name);
    }
    return roles.show(own);
  });
  const creating = taking(Creation, (request, { nowMs }) => roles.run.create(request, nowMs));
  const undeleting = taking(ByName.extend({ etag: text }), ({ name }, { nowMs }) =>
    undelete(roles, name, nowMs),
  );
  return [
    ...rowsOf([roles], SERVICE),
    ...restMethods(SERVICE, [
      ["ListRoles", "GET", "/v1/roles", anybodyKnown, listing],
      ["ListRoles", "GET", inProject, on("list", "parent"), listing],
      ["GetRole", "GET", "/v1/{name=roles/*}", anybodyKnown, getting],
      ["GetRole", "GET", one, on("get"), getting],
      ["CreateRole", "POST", inProject, on("create", "parent"), creating],
      ["UndeleteRole", "POST", `${one}:undelete`, on("undelete"), undeleting],
    ]),
  ];
}

function on(verb: string, field = "name"): Rule {
  return needs(`iam.roles.${verb}`, field);
}

/** The permissions that a custom role gives: none when it is deleted or disabled. Null for one that is not there at all. */
export function customPermissions({ roles }: Iam, name: string): ReadonlySet<string> | null {
  const role = roles.records.get(name);
  if (role === undefined) {
    return null;
  }
  const isGiving = role.deleted !== true && role.stage !== "DISABLED";
  return new Set(isGiving ? role.includedPermissions : []);
}

/** The predefined roles, or those of a project. */
function list(
  { records, show }: Iam["roles"],
  { parent, view, showDeleted = false, ...page }: z.infer<typeof List>,
): unknown {
  const own = [...records.values()].filter(
    ({ name, deleted }) => name.startsWith(`${parent}/`) && (deleted !== true || showDeleted),
  );
  const all = parent === "" ? predefinedRoles().map(toPredefined) : own.map(show);
  const { items, nextPageToken } = paginate<Partial<Role>>(all, page, PAGE_LIMITS);
  return {
    roles: view === "FULL" ? items : items.map(({ includedPermissions: _all, ...role }) => role),
    ...(nextPageToken !== "" && { nextPageToken }),
  };
}

function undelete({ find, records, show }: Iam["roles"], name: string, nowMs: number): unknown {
  const { deleted: _gone, hidden, ...role } = find(name);
  if (hidden === undefined || hidden.deletedMs + RESTORABLE_MS <= nowMs) {
    const reason = `The role ${name} is not in a state to be undeleted.`;
    throw googleError("FAILED_PRECONDITION", reason);
  }
  records.set(name, role);
  return show(role);
}

/** A role's permissions as it has them: each once, in order. @throws GoogleError INVALID_ARGUMENT */
function checked({ title = "", includedPermissions = [] }: RoleDraft): RoleDraft {
  if (Buffer.byteLength(title) > TITLE_BYTES_MAX) {
    throw badRequest("role.title", `The title may have at most ${TITLE_BYTES_MAX} bytes.`);
  }
  const odd = includedPermissions.find((permission) => !PERMISSIONS.has(permission));
  if (odd !== undefined) {
    throw badRequest("role.included_permissions", `Permission ${odd} is not valid.`);
  }
  if (includedPermissions.length > PERMISSIONS_MAX) {
    const reason = `A role has at most ${PERMISSIONS_MAX} permissions.`;
    throw badRequest("role.included_permissions", reason);
  }
  return { includedPermissions: [...new Set(includedPermissions)].toSorted() };
}

function toPredefined({
  permissions,
  ...role
}: ReturnType<typeof predefinedRoles>[number]): object {
  return { ...role, includedPermissions: Array.from(permissions) };
}
