import { badRequest, googleError, type GoogleError } from "../kit/google-error.ts";
import { paginate } from "../kit/page.ts";
import type { ByName, CreateAccount, ListAccounts, PatchAccount } from "./requests.ts";
import { type AccountRecord, etagOf, type Iam, uniqueIdFor } from "./state.ts";

const PAGE_LIMITS = { defaultSize: 20, maxSize: 100 };

/** How many a project has, unless Google raises it. Source: https://cloud.google.com/iam/quotas#limits */
const ACCOUNTS_MAX = 100;

/** Source: https://cloud.google.com/iam/quotas#limits */
const TEXT_BYTES = { displayName: 100, description: 256 };

/** Source: https://cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts/undelete */
const KEPT_MS = 30 * 86_400_000;

/** Source: https://cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts/create */
const ACCOUNT_ID = /^[a-z](?:[-a-z0-9]{4,28}[a-z0-9])$/;

/** CreateServiceAccount. @throws GoogleError INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, RESOURCE_EXHAUSTED */
export function createAccount(iam: Iam, request: CreateAccount, nowMs: number): unknown {
  const { name: parent, accountId, serviceAccount } = request;
  const projectId = requireProject(iam, parent);
  if (!ACCOUNT_ID.test(accountId)) {
    throw badRequest(
      "account_id",
      `Account ID "${accountId}" must be 6 to 30 characters long: a lowercase letter, then lowercase letters, digits and hyphens, no hyphen last.`,
    );
  }
  const own = living(iam).filter((account) => account.projectId === projectId);
  const email = `${accountId}@${projectId}.iam.gserviceaccount.com`;
  if (own.some((account) => account.email === email)) {
    const reason = `Service account ${accountId} already exists within project projects/${projectId}.`;
    throw googleError("ALREADY_EXISTS", reason);
  }
  if (own.length >= ACCOUNTS_MAX) {
    throw googleError(
      "RESOURCE_EXHAUSTED",
      "Maximum number of service accounts on project reached.",
    );
  }
  const { displayName = "", description = "" } = checkTexts(serviceAccount);
  const count = (iam.state.counts.get("accounts") ?? 0) + 1;
  iam.state.counts.set("accounts", count);
  const account: AccountRecord = {
    name: `projects/${projectId}/serviceAccounts/${email}`,
    projectId,
    email,
    uniqueId: uniqueIdFor(email, count),
    displayName,
    description,
    disabled: false,
    revision: 1,
    visibleMs: nowMs + iam.delays().accountMs,
    deletedMs: null,
  };
  iam.state.accounts.set(account.uniqueId, account);
  return toResource(account);
}

/** GetServiceAccount. @throws GoogleError NOT_FOUND */
export function getAccount(iam: Iam, request: ByName, nowMs: number): unknown {
  return toResource(requireAccount(iam, request.name, nowMs));
}

/** ListServiceAccounts. @throws GoogleError NOT_FOUND */
export function listAccounts(iam: Iam, request: ListAccounts, nowMs: number): unknown {
  const { name, ...page } = request;
  const projectId = requireProject(iam, name);
  const accounts = living(iam)
    .filter((account) => account.projectId === projectId && account.visibleMs <= nowMs)
    .toSorted((left, right) => (left.email < right.email ? -1 : 1));
  const { items, nextPageToken } = paginate(accounts, page, PAGE_LIMITS);
  return { accounts: items.map(toResource), ...(nextPageToken !== "" && { nextPageToken }) };
}

/** PatchServiceAccount: the display name and the description. @throws GoogleError NOT_FOUND, INVALID_ARGUMENT, ABORTED */
export function patchAccount(iam: Iam, request: PatchAccount, nowMs: number): unknown {
  const { name, serviceAccount, updateMask } = request;
  const fields = updateMask.split(",").map((field) => field.trim());
  const odd = fields.find((field) => !/^(?:display_?name|description|etag)$/i.test(field));
  if (odd !== undefined) {
    throw badRequest("update_mask", `Field "${odd}" of a service account cannot be changed.`);
  }
  const given = checkTexts(serviceAccount);
  const account = requireAccount(iam, name, nowMs);
  checkEtag(account, given.etag);
  return change(iam, account, {
    ...(fields.some((field) => /^display_?name$/i.test(field)) && {
      displayName: given.displayName ?? "",
    }),
    ...(fields.includes("description") && { description: given.description ?? "" }),
  });
}

/** EnableServiceAccount and DisableServiceAccount. @throws GoogleError NOT_FOUND */
export function setDisabled(
  disabled: boolean,
): (iam: Iam, request: ByName, nowMs: number) => unknown {
  return (iam, request, nowMs) => {
    change(iam, requireAccount(iam, request.name, nowMs), { disabled });
    return {};
  };
}

/** DeleteServiceAccount: in policies it becomes `deleted:serviceAccount:…`. @throws GoogleError NOT_FOUND */
export function deleteAccount(iam: Iam, request: ByName, nowMs: number): unknown {
  const account = requireAccount(iam, request.name, nowMs);
  iam.state.accounts.set(account.uniqueId, { ...account, deletedMs: nowMs });
  iam.keeper.policies.replaceMember(memberOf(account), deletedMember(account));
  return {};
}

/**
 * UndeleteServiceAccount, by its unique id, within 30 days, unless its name is taken again.
 * Source: https://cloud.google.com/iam/docs/service-accounts-delete-undelete
 * @throws GoogleError NOT_FOUND, FAILED_PRECONDITION
 */
export function undeleteAccount(iam: Iam, request: ByName, nowMs: number): unknown {
  const { name } = request;
  const id = name.slice(name.lastIndexOf("/") + 1);
  const account = iam.state.accounts.get(id);
  if (account === undefined || account.deletedMs === null || account.deletedMs + KEPT_MS <= nowMs) {
    throw googleError("NOT_FOUND", `Unknown service account ${id}.`);
  }
  if (living(iam).some(({ email }) => email === account.email)) {
    const reason = `Service account ${account.email} exists again; the deleted one cannot be restored.`;
    throw googleError("FAILED_PRECONDITION", reason);
  }
  const restored = { ...account, deletedMs: null };
  iam.state.accounts.set(id, restored);
  iam.keeper.policies.replaceMember(deletedMember(account), memberOf(account));
  return { restoredAccount: toResource(restored) };
}

/**
 * The account that a name means: by address or unique id, in a project or in `-`.
 * @throws GoogleError NOT_FOUND, also while it is not seen yet
 */
export function requireAccount(iam: Iam, name: string, nowMs: number): AccountRecord {
  const [, project = "", id = ""] =
    /^projects\/([^/]+)\/serviceAccounts\/([^/]+)$/.exec(name) ?? [];
  const account = living(iam).find(({ email, uniqueId }) => email === id || uniqueId === id);
  const isThere = account !== undefined && isMeant(iam, project, account.projectId);
  if (!isThere || account.visibleMs > nowMs) {
    throw unknownAccount(name, id);
  }
  return account;
}

/** Accounts that are not deleted. */
export function living(iam: Iam): readonly AccountRecord[] {
  return [...iam.state.accounts.values()].filter(({ deletedMs }) => deletedMs === null);
}

function isMeant({ projects }: Iam, asked: string, projectId: string): boolean {
  return asked === "-" || asked === projectId || projects?.find(asked)?.projectId === projectId;
}

function requireProject({ projects }: Iam, name: string): string {
  const id = name.replace(/^projects\//, "");
  const known = projects === null ? id : projects.find(id)?.projectId;
  if (known === undefined) {
    throw googleError("NOT_FOUND", `Unknown project id: ${id}`);
  }
  return known;
}

function checkEtag({ name, revision }: AccountRecord, etag: string | undefined): void {
  if ((etag ?? "") !== "" && etag !== etagOf(name, revision)) {
    throw googleError(
      "ABORTED",
      "There were concurrent changes to the service account. Read it again and retry.",
    );
  }
}

function change(iam: Iam, account: AccountRecord, changes: Partial<AccountRecord>): unknown {
  const next = { ...account, ...changes, revision: account.revision + 1 };
  iam.state.accounts.set(account.uniqueId, next);
  return toResource(next);
}

function checkTexts<
  Fields extends { readonly [name in keyof typeof TEXT_BYTES]?: string | undefined },
>(fields: Fields): Fields {
  for (const name of ["displayName", "description"] as const) {
    if (Buffer.byteLength(fields[name] ?? "") > TEXT_BYTES[name]) {
      throw badRequest(name, `The ${name} may have at most ${TEXT_BYTES[name]} bytes.`);
    }
  }
  return fields;
}

function memberOf({ email }: AccountRecord): string {
  return `serviceAccount:${email}`;
}

/** Source: https://cloud.google.com/iam/docs/principal-identifiers#deleted-principals */
function deletedMember({ email, uniqueId }: AccountRecord): string {
  return `deleted:serviceAccount:${email}?uid=${uniqueId}`;
}

function unknownAccount(name: string, id: string): GoogleError {
  return /^\d+$/.test(id)
    ? googleError("NOT_FOUND", "Unknown service account")
    : googleError("NOT_FOUND", `Service account ${name} does not exist.`);
}

function toResource(account: AccountRecord): unknown {
  const { name, projectId, uniqueId, email, displayName, description, disabled } = account;
  return {
    name,
    projectId,
    uniqueId,
    email,
    ...(displayName !== "" && { displayName }),
    etag: etagOf(name, account.revision),
    ...(description !== "" && { description }),
    oauth2ClientId: uniqueId,
    ...(disabled && { disabled }),
  };
}
