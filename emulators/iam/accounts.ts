import { z } from "zod";
import { policyApi, policyMethods } from "../kit/access/policy-methods.ts";
import { anybodyKnown, needs, type Rule, type Rules, textAt } from "../kit/access/rules.ts";
import type { Api } from "../kit/call.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { paginate } from "../kit/page.ts";
import { type RestMethod, taking } from "../kit/rest-table.ts";
import { type Account, checkEtag, type Iam, PAGE, SERVICE, uniqueIdFor, shown } from "./state.ts";

const PAGE_LIMITS = { defaultSize: 20, maxSize: 100 };

/** How many a project has, unless Google raises it. Source: https://cloud.google.com/iam/quotas#limits */
const ACCOUNTS_MAX = 100;

/** Source: https://cloud.google.com/iam/quotas#limits */
const TEXT_BYTES = { displayName: 100, description: 256 };

/** Source: https://cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts/create */
const ACCOUNT_ID = /^[a-z](?:[-a-z0-9]{4,28}[a-z0-9])$/;

const text = z.string().optional();
const ByName = z.strictObject({ name: z.string() });

/** What callers may send; all but the two texts and the etag is the service's to say. */
const Said = z
  .strictObject({
    name: text,
    email: text,
    uniqueId: text,
    projectId: text,
    oauth2ClientId: text,
    disabled: z.boolean().optional(),
    displayName: text,
    description: text,
    etag: text,
  })
  .default({});

const Creation = z.strictObject({
  name: z.string(),
  accountId: z.string().default(""),
  serviceAccount: Said,
});
const Patch = z.strictObject({
  name: z.string(),
  serviceAccount: Said,
  updateMask: z.string().default(""),
});
const List = z.strictObject({ name: z.string(), ...PAGE });

const ACCOUNTS = "/v1/{name=projects/*}/serviceAccounts";
const ACCOUNT = "/v1/{name=projects/*/serviceAccounts/*}";

/**
 * The methods on accounts, with their paths and permissions.
 * Source: https://cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts
 */
export function accountMethods(iam: Iam): readonly RestMethod[] {
  const onAccount = (verb: string): Rule => needsAccount(iam, verb, "name");
  function switching(
    verb: "enable" | "disable",
    disabled: boolean,
  ): Pick<RestMethod, "at" | "needs" | "takes"> {
    return {
      at: ["POST", `${ACCOUNT}:${verb}`],
      needs: onAccount(verb),
      takes: taking(ByName, ({ name }) => {
        keep(iam, { ...requireAccount(iam, name), disabled });
        return {};
      }),
    };
  }
  return [
    {
      name: `${SERVICE}/CreateServiceAccount`,
      at: ["POST", ACCOUNTS],
      needs: needs("iam.serviceAccounts.create", "name"),
      takes: taking(Creation, (request) => create(iam, request)),
    },
    {
      name: `${SERVICE}/ListServiceAccounts`,
      at: ["GET", ACCOUNTS],
      needs: needs("iam.serviceAccounts.list", "name"),
      takes: taking(List, (request) => list(iam, request)),
    },
    {
      name: `${SERVICE}/GetServiceAccount`,
      at: ["GET", ACCOUNT],
      needs: onAccount("get"),
      takes: taking(ByName, ({ name }) => shown(requireAccount(iam, name))),
    },
    {
      name: `${SERVICE}/PatchServiceAccount`,
      at: ["PATCH", ACCOUNT],
      needs: onAccount("update"),
      takes: taking(Patch, (request) => patch(iam, request)),
    },
    { name: `${SERVICE}/EnableServiceAccount`, ...switching("enable", false) },
    { name: `${SERVICE}/DisableServiceAccount`, ...switching("disable", true) },
    {
      name: `${SERVICE}/DeleteServiceAccount`,
      at: ["DELETE", ACCOUNT],
      needs: onAccount("delete"),
      takes: taking(ByName, ({ name }) => remove(iam, name)),
    },
  ];
}

/** The policies of accounts. */
export function accountPolicies(iam: Iam): Api {
  const methods = policyMethods(iam.keeper, (resource) => requireAccount(iam, resource).name);
  return policyApi(methods, ["/v1/{resource=projects/*/serviceAccounts/*}"], "POST");
}

/** What these take. */
export function accountPolicyRules(iam: Iam): Rules {
  return {
    GetIamPolicy: needsAccount(iam, "getIamPolicy", "resource"),
    SetIamPolicy: needsAccount(iam, "setIamPolicy", "resource"),
    TestIamPermissions: anybodyKnown,
  };
}

/** Why a member cannot be named in a policy: only accounts of projects can be looked up here, not those of Google's own services. */
export function accountProblem({ accounts }: Iam, member: string): string | null {
  const [, email, project] =
    /^serviceAccount:([^@]+@([^@]+)\.iam\.gserviceaccount\.com)$/.exec(member) ?? [];
  const isGoogles = /^(?:gcp-sa-.*|gcf-admin-robot|serverless-robot-prod|containerregistry)$/;
  if (email === undefined || project === undefined || isGoogles.test(project)) {
    return null;
  }
  return [...accounts.values()].some((one) => one.email === email)
    ? null
    : `Service account ${email} does not exist.`;
}

function create(
  iam: Iam,
  { name: parent, accountId, serviceAccount }: z.infer<typeof Creation>,
): unknown {
  const projectId = requireProject(iam, parent);
  if (!ACCOUNT_ID.test(accountId)) {
    throw badRequest(
      "account_id",
      `Account ID "${accountId}" must be 6 to 30 characters long: a lowercase letter, then lowercase letters, digits and hyphens, no hyphen last.`,
    );
  }
  const own = [...iam.accounts.values()].filter((account) => account.projectId === projectId);
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
  const count = (iam.counts.get("accounts") ?? 0) + 1;
  iam.counts.set("accounts", count);
  const uniqueId = uniqueIdFor(email, count);
  return keep(iam, {
    name: `projects/${projectId}/serviceAccounts/${email}`,
    projectId,
    uniqueId,
    email,
    oauth2ClientId: uniqueId,
    disabled: false,
    ...textsOf(serviceAccount),
  });
}

function list(iam: Iam, { name, ...page }: z.infer<typeof List>): unknown {
  const projectId = requireProject(iam, name);
  const accounts = [...iam.accounts.values()]
    .filter((account) => account.projectId === projectId)
    .toSorted((left, right) => (left.email < right.email ? -1 : 1));
  const { items, nextPageToken } = paginate(accounts, page, PAGE_LIMITS);
  return { accounts: items.map(shown), ...(nextPageToken !== "" && { nextPageToken }) };
}

function patch(iam: Iam, { name, serviceAccount, updateMask }: z.infer<typeof Patch>): unknown {
  const fields = updateMask.split(",").map((field) => field.trim());
  const odd = fields.find((field) => !/^(?:display_?name|description|etag)$/i.test(field));
  if (odd !== undefined) {
    throw badRequest("update_mask", `Field "${odd}" of a service account cannot be changed.`);
  }
  const { displayName, description } = textsOf(serviceAccount);
  const account = requireAccount(iam, name);
  checkEtag(account, serviceAccount.etag, "service account");
  return keep(iam, {
    ...account,
    ...(fields.some((field) => /^display_?name$/i.test(field)) && { displayName }),
    ...(fields.includes("description") && { description }),
  });
}

/** In policies it becomes `deleted:serviceAccount:…`. Source: https://cloud.google.com/iam/docs/principal-identifiers#deleted-principals */
function remove(iam: Iam, name: string): unknown {
  const { uniqueId, email } = requireAccount(iam, name);
  iam.accounts.delete(uniqueId);
  const member = `serviceAccount:${email}`;
  iam.keeper.policies.replaceMember(member, `deleted:${member}?uid=${uniqueId}`);
  return {};
}

function keep({ accounts }: Iam, account: Account): unknown {
  accounts.set(account.uniqueId, account);
  return shown(account);
}

/** The account that a name means, by address or unique id, in a project or in `-`. @throws GoogleError NOT_FOUND */
function requireAccount({ accounts, projects }: Iam, name: string): Account {
  const [, asked = "", id = ""] = /^projects\/([^/]+)\/serviceAccounts\/([^/]+)$/.exec(name) ?? [];
  const projectId = projects?.find(asked)?.projectId ?? asked;
  const account = [...accounts.values()].find(
    (one) =>
      (one.email === id || one.uniqueId === id) && (asked === "-" || one.projectId === projectId),
  );
  if (account === undefined) {
    const isNumber = /^\d+$/.test(id);
    throw googleError(
      "NOT_FOUND",
      isNumber ? "Unknown service account" : `Service account ${name} does not exist.`,
    );
  }
  return account;
}

function requireProject({ projects }: Iam, name: string): string {
  const id = name.replace(/^projects\//, "");
  const known = projects === null ? id : projects.find(id)?.projectId;
  if (known === undefined) {
    throw googleError("NOT_FOUND", `Unknown project id: ${id}`);
  }
  return known;
}

/** An account may be named by its unique id; its policy is kept under its address. */
function needsAccount({ accounts }: Iam, verb: string, field: string): Rule {
  return (request) => {
    const name = textAt(request, field);
    const id = name.slice(name.lastIndexOf("/") + 1);
    const resource = accounts.get(id)?.name ?? name;
    return [{ permission: `iam.serviceAccounts.${verb}`, resource }];
  };
}

/** The texts that callers say. */
function textsOf({
  displayName = "",
  description = "",
}: z.infer<typeof Said>): Pick<Account, "displayName" | "description"> {
  const texts = { displayName, description };
  for (const name of ["displayName", "description"] as const) {
    if (Buffer.byteLength(texts[name]) > TEXT_BYTES[name]) {
      throw badRequest(name, `The ${name} may have at most ${TEXT_BYTES[name]} bytes.`);
    }
  }
  return texts;
}
