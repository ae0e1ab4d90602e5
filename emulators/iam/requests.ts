import { z } from "zod";

const PageFields = { pageSize: z.int().optional(), pageToken: z.string().optional() };

const Name = z.string();

/** A request that only names something. */
export const ByName = z.strictObject({ name: Name });
/** A request that only names something. */
export type ByName = z.infer<typeof ByName>;

/** ListServiceAccounts */
export const ListAccounts = z.strictObject({ name: Name, ...PageFields });
/** ListServiceAccounts */
export type ListAccounts = z.infer<typeof ListAccounts>;

const AccountFields = z.strictObject({
  name: z.string().optional(),
  email: z.string().optional(),
  uniqueId: z.string().optional(),
  projectId: z.string().optional(),
  oauth2ClientId: z.string().optional(),
  disabled: z.boolean().optional(),
  displayName: z.string().optional(),
  description: z.string().optional(),
  etag: z.string().optional(),
});

/** CreateServiceAccount */
export const CreateAccount = z.strictObject({
  name: Name,
  accountId: z.string().default(""),
  serviceAccount: AccountFields.default({}),
});
/** CreateServiceAccount */
export type CreateAccount = z.infer<typeof CreateAccount>;

/** PatchServiceAccount */
export const PatchAccount = z.strictObject({
  name: Name,
  serviceAccount: AccountFields.default({}),
  updateMask: z.string().default(""),
});
/** PatchServiceAccount */
export type PatchAccount = z.infer<typeof PatchAccount>;

const RoleFields = z.strictObject({
  name: z.string().optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  includedPermissions: z.array(z.string()).optional(),
  stage: z.enum(["ALPHA", "BETA", "GA", "DEPRECATED", "DISABLED", "EAP"]).optional(),
  etag: z.string().optional(),
  deleted: z.boolean().optional(),
});

/** What a caller says of a role. */
export type RoleFields = z.infer<typeof RoleFields>;

/** CreateRole */
export const CreateRole = z.strictObject({
  parent: z.string(),
  roleId: z.string().default(""),
  role: RoleFields.default({}),
});
/** CreateRole */
export type CreateRole = z.infer<typeof CreateRole>;

/** UpdateRole: the role is the body itself. */
export const UpdateRole = RoleFields.extend({ name: Name, updateMask: z.string().optional() });
/** UpdateRole: the role is the body itself. */
export type UpdateRole = z.infer<typeof UpdateRole>;

/** DeleteRole and UndeleteRole */
export const RoleByName = z.strictObject({ name: Name, etag: z.string().optional() });
/** DeleteRole and UndeleteRole */
export type RoleByName = z.infer<typeof RoleByName>;

/** ListRoles, of a project or the predefined ones. */
export const ListRoles = z.strictObject({
  parent: z.string().default(""),
  view: z.enum(["BASIC", "FULL"]).default("BASIC"),
  showDeleted: z.boolean().optional(),
  ...PageFields,
});
/** ListRoles, of a project or the predefined ones. */
export type ListRoles = z.infer<typeof ListRoles>;
