import { predefinedRole, predefinedRoles, type Role } from "../kit/access/roles.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { paginate } from "../kit/page.ts";
import { toCamelCase } from "../kit/field-names.ts";
import type {
  ByName,
  CreateRole,
  ListRoles,
  RoleByName,
  RoleFields,
  UpdateRole,
} from "./requests.ts";
import { etagOf, type Iam, type RoleRecord } from "./state.ts";

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

/** ListRoles: the predefined ones, or those of a project. @throws GoogleError INVALID_ARGUMENT */
export function listRoles(iam: Iam, request: ListRoles, nowMs: number): unknown {
  const { parent, view, showDeleted, ...page } = request;
  const roles =
    parent === ""
      ? predefinedRoles().map(view === "FULL" ? predefinedResource : basicResource)
      : custom(iam, nowMs)
          .filter(({ name }) => name.startsWith(`${parent}/`))
          .filter(({ deletedMs }) => deletedMs === null || showDeleted === true)
          .map((role) => toResource(role, view === "FULL"));
  const { items, nextPageToken } = paginate(roles, page, PAGE_LIMITS);
  return { roles: items, ...(nextPageToken !== "" && { nextPageToken }) };
}

/** GetRole, predefined or a project's; also one that is deleted. @throws GoogleError NOT_FOUND */
export function getRole(iam: Iam, request: ByName, nowMs: number): unknown {
  const { name } = request;
  const predefined = predefinedRole(name);
  return predefined === null
    ? toResource(requireRole(iam, name, nowMs), true)
    : predefinedResource(predefined);
}

/** CreateRole. @throws GoogleError INVALID_ARGUMENT, ALREADY_EXISTS, FAILED_PRECONDITION, RESOURCE_EXHAUSTED */
export function createRole(iam: Iam, request: CreateRole, nowMs: number): unknown {
  const { parent, roleId, role } = request;
  if (!ROLE_ID.test(roleId)) {
    throw badRequest(
      "role_id",
      `The role ID "${roleId}" must have 3 to 64 letters, digits, underscores and periods.`,
    );
  }
  const name = `${parent}/roles/${roleId}`;
  const taken = custom(iam, nowMs).find((one) => one.name === name);
  if (taken !== undefined) {
    throw taken.deletedMs === null
      ? googleError("ALREADY_EXISTS", `A role named ${roleId} in ${parent} already exists.`)
      : googleError(
          "FAILED_PRECONDITION",
          `You can't create a role_id (${roleId}) which has been marked for deletion.`,
        );
  }
  if (custom(iam, nowMs).filter((one) => one.name.startsWith(`${parent}/`)).length >= ROLES_MAX) {
    throw googleError("RESOURCE_EXHAUSTED", `Maximum number of custom roles in ${parent} reached.`);
  }
  const made: RoleRecord = {
    name,
    title: "",
    description: "",
    stage: "ALPHA",
    permissions: [],
    ...fieldsOf(role),
    revision: 1,
    visibleMs: nowMs + iam.delays().roleMs,
    deletedMs: null,
  };
  iam.state.roles.set(name, made);
  return toResource(made, true);
}

/** UpdateRole: the fields of the mask; without one those that are given. @throws GoogleError NOT_FOUND, INVALID_ARGUMENT, ABORTED */
export function updateRole(iam: Iam, request: UpdateRole, nowMs: number): unknown {
  const { name, updateMask = "", ...given } = request;
  const role = requireRole(iam, name, nowMs);
  checkEtag(role, given.etag);
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
  return keep(iam, role, fieldsOf(mask.length === 0 ? given : masked(given, mask)));
}

/** DeleteRole: it gives nothing from now on, and can be brought back for a week. @throws GoogleError NOT_FOUND, ABORTED */
export function deleteRole(iam: Iam, request: RoleByName, nowMs: number): unknown {
  const { name, etag } = request;
  const role = requireRole(iam, name, nowMs);
  checkEtag(role, etag);
  return keep(iam, role, { deletedMs: role.deletedMs ?? nowMs });
}

/** UndeleteRole. @throws GoogleError NOT_FOUND, FAILED_PRECONDITION, ABORTED */
export function undeleteRole(iam: Iam, request: RoleByName, nowMs: number): unknown {
  const { name, etag } = request;
  const role = requireRole(iam, name, nowMs);
  checkEtag(role, etag);
  if (role.deletedMs === null || role.deletedMs + RESTORABLE_MS <= nowMs) {
    throw googleError("FAILED_PRECONDITION", `The role ${name} is not in a state to be undeleted.`);
  }
  return keep(iam, role, { deletedMs: null });
}

/**
 * The permissions that a custom role gives: none when it is deleted, disabled or not seen yet. Null for one that
 * is not there at all.
 */
export function customPermissions(
  iam: Iam,
  name: string,
  nowMs: number,
): ReadonlySet<string> | null {
  const role = custom(iam, nowMs).find((one) => one.name === name);
  if (role === undefined || role.visibleMs > nowMs) {
    return null;
  }
  const isGiving = role.deletedMs === null && role.stage !== "DISABLED";
  return new Set(isGiving ? role.permissions : []);
}

function custom({ state }: Iam, nowMs: number): readonly RoleRecord[] {
  return [...state.roles.values()].filter(
    ({ deletedMs }) => deletedMs === null || nowMs < deletedMs + ID_TAKEN_MS,
  );
}

function requireRole(iam: Iam, name: string, nowMs: number): RoleRecord {
  const role = custom(iam, nowMs).find((one) => one.name === name && one.visibleMs <= nowMs);
  if (role === undefined) {
    throw googleError("NOT_FOUND", `The role named ${name} was not found.`);
  }
  return role;
}

function checkEtag({ name, revision }: RoleRecord, etag: string | undefined): void {
  if ((etag ?? "") !== "" && etag !== etagOf(name, revision)) {
    throw googleError(
      "ABORTED",
      "There were concurrent changes to the role. Read it again and retry.",
    );
  }
}

function masked(given: RoleFields, mask: readonly string[]): RoleFields {
  const empty: RoleFields = { title: "", description: "", includedPermissions: [], stage: "ALPHA" };
  const entries = Object.entries({ ...empty, ...given });
  return Object.fromEntries(entries.filter(([field]) => mask.includes(field)));
}

function fieldsOf(given: RoleFields): Partial<RoleRecord> {
  const { title, description, includedPermissions, stage } = given;
  checkFields(given);
  return {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(stage !== undefined && { stage }),
    ...(includedPermissions !== undefined && {
      permissions: [...new Set(includedPermissions)].toSorted(),
    }),
  };
}

function checkFields({ title = "", includedPermissions = [] }: RoleFields): void {
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
}

function keep(iam: Iam, role: RoleRecord, changes: Partial<RoleRecord>): unknown {
  const next = { ...role, ...changes, revision: role.revision + 1 };
  iam.state.roles.set(role.name, next);
  return toResource(next, true);
}

function toResource(role: RoleRecord, isFull: boolean): unknown {
  const { name, title, description, permissions, stage, revision, deletedMs } = role;
  return {
    name,
    ...(title !== "" && { title }),
    ...(description !== "" && { description }),
    ...(isFull && permissions.length > 0 && { includedPermissions: permissions }),
    stage,
    etag: etagOf(name, revision),
    ...(deletedMs !== null && { deleted: true }),
  };
}

function predefinedResource(role: Role): unknown {
  const { name, title, description, stage, permissions } = role;
  const includedPermissions = Array.from(permissions);
  return { name, title, description, includedPermissions, stage, etag: "AA==" };
}

function basicResource({ name, title, description, stage }: Role): unknown {
  return { name, title, description, stage, etag: "AA==" };
}
