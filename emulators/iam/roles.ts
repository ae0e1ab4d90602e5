import { z } from "zod";
import { predefinedRole, predefinedRoles } from "../kit/access/roles.ts";
import { anybodyKnown, needs, type Rule } from "../kit/access/rules.ts";
import { toCamelCase } from "../kit/field-names.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { paginate } from "../kit/page.ts";
import { type RestMethod, taking } from "../kit/rest-table.ts";
import { checkEtag, type CustomRole, type Iam, PAGE, SERVICE, shown } from "./state.ts";

const PAGE_LIMITS = { defaultSize: 300, maxSize: 1000 };

/** Source: https://cloud.google.com/iam/quotas#limits */
const ROLES_MAX = 300;
const PERMISSIONS_MAX = 3000;
const TITLE_BYTES_MAX = 100;

/** How long a deleted role can be brought back, and how long its id stays taken. Source: https://cloud.google.com/iam/docs/creating-custom-roles#deleting-custom-role */
const RESTORABLE_MS = 7 * 86_400_000;
const ID_TAKEN_MS = 37 * 86_400_000;

const ROLE_ID = /^[A-Za-z0-9_.]{3,64}$/;

/** Every permission that some predefined role has: a custom role may have no other. */
const PERMISSIONS: ReadonlySet<string> = new Set(
  predefinedRoles().flatMap(({ permissions }) => Array.from(permissions)),
);

/** What a predefined role always says. */
const PREDEFINED_ETAG = "AA==";

const text = z.string().optional();
const ByName = z.strictObject({ name: z.string() });
const ByNameAndEtag = ByName.extend({ etag: text });
const Said = z.strictObject({
  name: text,
  title: text,
  description: text,
  includedPermissions: z.array(z.string()).optional(),
  stage: z.enum(["ALPHA", "BETA", "GA", "DEPRECATED", "DISABLED", "EAP"]).optional(),
  etag: text,
  deleted: z.boolean().optional(),
});
const Creation = z.strictObject({
  parent: z.string(),
  roleId: z.string().default(""),
  role: Said.default({}),
});
/** The role is the body itself. */
const Update = Said.extend({ name: z.string(), updateMask: z.string().default("") });
const List = z.strictObject({
  parent: z.string().default(""),
  view: z.enum(["BASIC", "FULL"]).default("BASIC"),
  showDeleted: z.boolean().optional(),
  ...PAGE,
});

const ROLE = "/v1/{name=projects/*/roles/*}";
const ROLES = "/v1/{parent=projects/*}/roles";

/**
 * The methods on roles, with their paths and permissions.
 * Source: https://cloud.google.com/iam/docs/reference/rest/v1/projects.roles
 */
export function roleMethods(iam: Iam): readonly RestMethod[] {
  const listing = taking(List, (request, { nowMs }) => list(iam, request, nowMs));
  const getting = taking(ByName, ({ name }, { nowMs }) => get(iam, name, nowMs));
  return [
    { name: `${SERVICE}/ListRoles`, at: ["GET", "/v1/roles"], needs: anybodyKnown, takes: listing },
    {
      name: `${SERVICE}/ListRoles`,
      at: ["GET", ROLES],
      needs: on("list", "parent"),
      takes: listing,
    },
    {
      name: `${SERVICE}/GetRole`,
      at: ["GET", "/v1/{name=roles/*}"],
      needs: anybodyKnown,
      takes: getting,
    },
    { name: `${SERVICE}/GetRole`, at: ["GET", ROLE], needs: on("get"), takes: getting },
    {
      name: `${SERVICE}/CreateRole`,
      at: ["POST", ROLES],
      needs: on("create", "parent"),
      takes: taking(Creation, (request, { nowMs }) => create(iam, request, nowMs)),
    },
    {
      name: `${SERVICE}/UpdateRole`,
      at: ["PATCH", ROLE],
      needs: on("update"),
      takes: taking(Update, (request, { nowMs }) => update(iam, request, nowMs)),
    },
    {
      name: `${SERVICE}/DeleteRole`,
      at: ["DELETE", ROLE],
      needs: on("delete"),
      takes: taking(ByNameAndEtag, (request, { nowMs }) => {
        const role = requireRole(iam, request, nowMs);
        return keep(iam, { ...role, deletedMs: role.deletedMs ?? nowMs });
      }),
    },
    {
      name: `${SERVICE}/UndeleteRole`,
      at: ["POST", `${ROLE}:undelete`],
      needs: on("undelete"),
      takes: taking(ByNameAndEtag, (request, { nowMs }) => undelete(iam, request, nowMs)),
    },
  ];
}

function on(verb: string, field = "name"): Rule {
  return needs(`iam.roles.${verb}`, field);
}

/** The permissions that a custom role gives: none when it is deleted or disabled. Null for one that is not there at all. */
export function customPermissions(
  iam: Iam,
  name: string,
  nowMs: number,
): ReadonlySet<string> | null {
  const role = taken(iam, nowMs).find((one) => one.name === name);
  if (role === undefined) {
    return null;
  }
  const isGiving = role.deletedMs === null && role.stage !== "DISABLED";
  return new Set(isGiving ? role.includedPermissions : []);
}

/** The predefined roles, or those of a project. */
function list(
  iam: Iam,
  { parent, view, showDeleted = false, ...page }: z.infer<typeof List>,
  nowMs: number,
): unknown {
  const own = taken(iam, nowMs).filter(
    ({ name, deletedMs }) => name.startsWith(`${parent}/`) && (deletedMs === null || showDeleted),
  );
  const roles = parent === "" ? predefinedRoles().map(toPredefined) : own.map(toShown);
  const { items, nextPageToken } = paginate(roles, page, PAGE_LIMITS);
  return {
    roles: view === "FULL" ? items : items.map(({ includedPermissions: _all, ...role }) => role),
    ...(nextPageToken !== "" && { nextPageToken }),
  };
}

/** Predefined or a project's, also one that is deleted. */
function get(iam: Iam, name: string, nowMs: number): unknown {
  const predefined = predefinedRole(name);
  return predefined === null
    ? toShown(requireRole(iam, { name }, nowMs))
    : toPredefined(predefined);
}

function create(
  iam: Iam,
  { parent, roleId, role }: z.infer<typeof Creation>,
  nowMs: number,
): unknown {
  if (!ROLE_ID.test(roleId)) {
    throw badRequest(
      "role_id",
      `The role ID "${roleId}" must have 3 to 64 letters, digits, underscores and periods.`,
    );
  }
  const name = `${parent}/roles/${roleId}`;
  const all = taken(iam, nowMs);
  const there = all.find((one) => one.name === name);
  if (there !== undefined) {
    throw there.deletedMs === null
      ? googleError("ALREADY_EXISTS", `A role named ${roleId} in ${parent} already exists.`)
      : googleError(
          "FAILED_PRECONDITION",
          `You can't create a role_id (${roleId}) which has been marked for deletion.`,
        );
  }
  if (all.filter((one) => one.name.startsWith(`${parent}/`)).length >= ROLES_MAX) {
    throw googleError("RESOURCE_EXHAUSTED", `Maximum number of custom roles in ${parent} reached.`);
  }
  return keep(iam, { name, ...fieldsOf({ stage: "ALPHA", ...role }), deletedMs: null });
}

/** The fields of the mask; without one those that are given. */
function update(
  iam: Iam,
  { updateMask, ...given }: z.infer<typeof Update>,
  nowMs: number,
): unknown {
  const role = requireRole(iam, given, nowMs);
  const mask = updateMask
    .split(",")
    .map((field) => toCamelCase(field.trim()))
    .filter((field) => field !== "" && field !== "etag");
  const odd = mask.find(
    (field) => !["title", "description", "includedPermissions", "stage"].includes(field),
  );
  if (odd !== undefined) {
    throw badRequest("update_mask", `Field "${odd}" of a role cannot be changed.`);
  }
  const said = Object.entries(fieldsOf({ stage: "ALPHA", ...given })).filter(([field]) =>
    mask.length === 0 ? Object.hasOwn(given, field) : mask.includes(field),
  );
  return keep(iam, { ...role, ...Object.fromEntries(said) });
}

function undelete(iam: Iam, request: z.infer<typeof ByNameAndEtag>, nowMs: number): unknown {
  const role = requireRole(iam, request, nowMs);
  if (role.deletedMs === null || role.deletedMs + RESTORABLE_MS <= nowMs) {
    const reason = `The role ${role.name} is not in a state to be undeleted.`;
    throw googleError("FAILED_PRECONDITION", reason);
  }
  return keep(iam, { ...role, deletedMs: null });
}

/** Roles whose names are taken, also by one that was deleted. */
function taken({ roles }: Iam, nowMs: number): readonly CustomRole[] {
  return [...roles.values()].filter(
    ({ deletedMs }) => deletedMs === null || nowMs < deletedMs + ID_TAKEN_MS,
  );
}

/** @throws GoogleError NOT_FOUND, ABORTED for an etag of before */
function requireRole(
  iam: Iam,
  { name, etag }: { readonly name: string; readonly etag?: string | undefined },
  nowMs: number,
): CustomRole {
  const role = taken(iam, nowMs).find((one) => one.name === name);
  if (role === undefined) {
    throw googleError("NOT_FOUND", `The role named ${name} was not found.`);
  }
  checkEtag(contentOf(role), etag, "role");
  return role;
}

function fieldsOf({
  title = "",
  description = "",
  includedPermissions = [],
  stage = "ALPHA",
}: z.infer<typeof Said>): Omit<CustomRole, "name" | "deletedMs"> {
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
  return {
    title,
    description,
    includedPermissions: [...new Set(includedPermissions)].toSorted(),
    stage,
  };
}

function keep({ roles }: Iam, role: CustomRole): unknown {
  roles.set(role.name, role);
  return toShown(role);
}

type Shown = Omit<CustomRole, "deletedMs"> & { readonly deleted?: true; readonly etag: string };

function toShown(role: CustomRole): Shown {
  return shown(contentOf(role));
}

function contentOf({ deletedMs, ...role }: CustomRole): Omit<Shown, "etag"> {
  return deletedMs === null ? role : { ...role, deleted: true };
}

function toPredefined(role: ReturnType<typeof predefinedRoles>[number]): Shown {
  const { name, title, description, stage, permissions } = role;
  const includedPermissions = Array.from(permissions);
  return { name, title, description, includedPermissions, stage, etag: PREDEFINED_ETAG };
}
