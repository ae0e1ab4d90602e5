import { z } from "zod";
import type { Message } from "../kit/call.ts";
import { badRequest } from "../kit/google-error.ts";

const PageFields = { pageSize: z.coerce.number().optional(), pageToken: z.string().optional() };

const Name = z.string();

/** A request that only names something. */
export const ByName = z.looseObject({ name: Name });

/** ListServiceAccounts */
export const ListAccounts = z.strictObject({ name: Name, ...PageFields });

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

/** PatchServiceAccount */
export const PatchAccount = z.strictObject({
  name: Name,
  serviceAccount: AccountFields.default({}),
  updateMask: z.string().default(""),
});

/** UpdateServiceAccount: the account is the body itself. */
export const UpdateAccount = AccountFields.extend({ name: Name });

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

/** UpdateRole: the role is the body itself. */
export const UpdateRole = RoleFields.extend({ name: Name, updateMask: z.string().optional() });

/** DeleteRole and UndeleteRole */
export const RoleByName = z.strictObject({ name: Name, etag: z.string().optional() });

/** ListRoles, of a project or the predefined ones. */
export const ListRoles = z.strictObject({
  parent: z.string().default(""),
  view: z.enum(["BASIC", "FULL"]).default("BASIC"),
  showDeleted: z.coerce.string().optional(),
  ...PageFields,
});

/**
 * A request in its form.
 * @throws GoogleError INVALID_ARGUMENT that names the field at fault
 */
export function parse<Schema extends z.ZodType>(schema: Schema, request: Message): z.infer<Schema> {
  const parsed = schema.safeParse(request);
  if (parsed.success) {
    return parsed.data;
  }
  const issue = parsed.error.issues[0];
  const field = issue?.path.join(".") ?? "";
  throw badRequest(field, `Invalid JSON payload received. ${field}: ${issue?.message ?? ""}`);
}
