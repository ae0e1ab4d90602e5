import { z } from "zod";
import type { PolicyKeeper } from "../kit/access/policy-methods.ts";
import type { Collection, Resource } from "../kit/collection.ts";
import type { Projects } from "../kit/projects.ts";

/** What the names of the methods begin with. */
export const SERVICE = "google.iam.admin.v1.IAM";

/** The two fields of a list that say which page is meant. */
export const PAGE = { pageSize: z.int().optional(), pageToken: z.string().optional() };

/** What a caller says of a service account, `projects/P/serviceAccounts/EMAIL`. */
export type AccountDraft = { readonly displayName?: string; readonly description?: string };

/** What the service says of it. */
export type AccountOwn = {
  readonly projectId: string;
  readonly uniqueId: string;
  readonly email: string;
  readonly disabled?: boolean;
};

/** What a caller says of a custom role. */
export type RoleDraft = {
  readonly title?: string;
  readonly description?: string;
  readonly includedPermissions?: readonly string[];
  readonly stage?: string;
};

/** What the service says of it; one that was deleted is there for a while. */
export type RoleOwn = RoleDraft & {
  readonly deleted?: true;
  readonly hidden?: { readonly deletedMs: number };
};

/** A custom role, `projects/P/roles/ID`. */
export type Role = Resource<RoleDraft, RoleOwn>;

/** Everything that the emulator knows, with what surrounds it. */
export type Iam = {
  readonly accounts: Collection<AccountDraft, AccountOwn>;
  readonly roles: Collection<RoleDraft, RoleOwn>;
  /** Counts accounts, so that each gets an id of its own. */
  readonly counts: Map<string, number>;
  readonly keeper: PolicyKeeper;
  /** Null takes every project for one that is there. */
  readonly projects: Projects | null;
};
