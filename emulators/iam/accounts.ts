import { createHash } from "node:crypto";
import { z } from "zod";
import { policyApi, policyMethods } from "../kit/access/policy-methods.ts";
import { anybodyKnown, needs, type Rule, type Rules, textAt } from "../kit/access/rules.ts";
import type { Api } from "../kit/call.ts";
import { collection } from "../kit/collection.ts";
import { saidFields } from "../kit/collection-fields.ts";
import { idOf } from "../kit/collection-names.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { type RestMethod, restMethods, taking } from "../kit/rest-table.ts";
import { type AccountDraft, type AccountOwn, type Iam, PAGE, SERVICE } from "./state.ts";

/** How many a project has, unless Google raises it. Source: https://cloud.google.com/iam/quotas#limits */
const ACCOUNTS_MAX = 100;

/** Source: https://cloud.google.com/iam/quotas#limits */
const TEXT_BYTES = { displayName: 100, description: 256 };

/** The id of an account and its domain. Source: https://cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts/create */
const ADDRESS = /^[a-z](?:[-a-z0-9]{4,28}[a-z0-9])@[^/]+$/;

const ACCOUNT = "projects/*/serviceAccounts/*";

const text = z.string().optional();
const ByName = z.strictObject({ name: z.string() });

/** Callers may say two texts and the etag; the rest is the service's to say. */
const FIELDS = saidFields(
  { displayName: text, description: text },
  {
    outputOnly: ["email", "uniqueId", "projectId", "oauth2ClientId", "disabled"],
    stamps: ["etag"],
  },
);

const Creation = z.strictObject({
  name: z.string(),
  accountId: z.string().default(""),
  serviceAccount: FIELDS.schema.default({}),
});
const Patch = z.strictObject({
  name: z.string(),
  serviceAccount: FIELDS.schema.default({}),
  updateMask: z.string().default(""),
});
const List = z.strictObject({ name: z.string(), ...PAGE });

/** Opens the accounts of projects. */
export function openAccounts(iam: () => Iam): Iam["accounts"] {
  return collection<AccountDraft, AccountOwn>({
    type: "ServiceAccount",
    pattern: ACCOUNT,
    permission: "iam.serviceAccounts",
    verbs: [],
    fields: FIELDS,
    ids: {
      pattern: ADDRESS,
      rule: "6 to 30 characters long: a lowercase letter, then lowercase letters, digits and hyphens, no hyphen last",
    },
    pages: { defaultSize: 20, maxSize: 100 },
    refusals: {
      notFound: (name) => googleError("NOT_FOUND", `Service account ${name} does not exist.`),
      taken: (name) => googleError("ALREADY_EXISTS", `Service account ${name} already exists.`),
    },
    create: (draft, { name, parent }) => {
      const { accounts, counts } = iam();
      checkTexts(draft);
      const own = [...accounts.records.keys()].filter((one) => one.startsWith(`${parent}/`));
      if (own.length >= ACCOUNTS_MAX) {
        throw googleError(
          "RESOURCE_EXHAUSTED",
          "Maximum number of service accounts on project reached.",
        );
      }
      const count = (counts.get("accounts") ?? 0) + 1;
      counts.set("accounts", count);
      const email = idOf(name);
      return { projectId: idOf(parent), uniqueId: uniqueIdFor(email, count), email };
    },
    update: checkTexts,
    // Source: https://cloud.google.com/iam/docs/principal-identifiers#deleted-principals
    remove: ({ name, email, uniqueId }) => {
      const { policies, forget } = iam().keeper;
      const member = `serviceAccount:${email}`;
      policies.replaceMember(member, `deleted:${member}?uid=${uniqueId}`);
      forget(name);
      return null;
    },
  });
}

/**
 * The methods on accounts, with their paths and permissions.
 * Source: https://cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts
 */
export function accountMethods(iam: Iam): readonly RestMethod[] {
  const { accounts } = iam;
  const { run, find, change } = accounts;
  const all = "/v1/{name=projects/*}/serviceAccounts";
  const one = `/v1/{name=${ACCOUNT}}`;
  const on = (verb: string): Rule => needsAccount(iam, verb, "name");
  function switching(disabled: boolean): RestMethod["takes"] {
    return taking(ByName, ({ name }) => {
      change(find(fullName(iam, name)), { disabled });
      return {};
    });
  }
  const creating = taking(Creation, ({ name, accountId, serviceAccount }, { nowMs }) => {
    const projectId = requireProject(iam, name);
    const serviceAccountId = `${accountId}@${projectId}.iam.gserviceaccount.com`;
    return run.create({ parent: `projects/${projectId}`, serviceAccountId, serviceAccount }, nowMs);
  });
  const listing = taking(List, ({ name, ...page }, { nowMs }) => {
    const parent = `projects/${requireProject(iam, name)}`;
    const listed: { readonly serviceAccounts?: unknown } = run.list({ parent, ...page }, nowMs);
    const { serviceAccounts, ...rest } = listed;
    return { accounts: serviceAccounts, ...rest };
  });
  const patching = taking(Patch, (request, { nowMs }) =>
    run.update({ ...request, name: fullName(iam, request.name) }, nowMs),
  );
  const getting = taking(ByName, ({ name }, { nowMs }) =>
    run.get({ name: fullName(iam, name) }, nowMs),
  );
  const deleting = taking(ByName, ({ name }, { nowMs }) =>
    run.delete({ name: fullName(iam, name) }, nowMs),
  );
  return restMethods(SERVICE, [
    ["CreateServiceAccount", "POST", all, needs("iam.serviceAccounts.create", "name"), creating],
    ["ListServiceAccounts", "GET", all, needs("iam.serviceAccounts.list", "name"), listing],
    ["GetServiceAccount", "GET", one, on("get"), getting],
    ["PatchServiceAccount", "PATCH", one, on("update"), patching],
    ["EnableServiceAccount", "POST", `${one}:enable`, on("enable"), switching(false)],
    ["DisableServiceAccount", "POST", `${one}:disable`, on("disable"), switching(true)],
    ["DeleteServiceAccount", "DELETE", one, on("delete"), deleting],
  ]);
}

/** The policies of accounts. */
export function accountPolicies(iam: Iam): Api {
  const methods = policyMethods(
    iam.keeper,
    (resource) => iam.accounts.find(fullName(iam, resource)).name,
  );
  return policyApi(methods, [`/v1/{resource=${ACCOUNT}}`], "POST");
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
  return [...accounts.records.values()].some((one) => one.email === email)
    ? null
    : `Service account ${email} does not exist.`;
}

/** The name of an account as it is held, whose project may be given by its number or as `-`. */
function fullName({ projects }: Iam, name: string): string {
  const [, asked = "", , email = ""] = name.split("/");
  const [, ofEmail = ""] = /@([^.]+)\./.exec(email) ?? [];
  const project = asked === "-" ? ofEmail : (projects?.find(asked)?.projectId ?? asked);
  return `projects/${project}/serviceAccounts/${email}`;
}

function requireProject({ projects }: Iam, name: string): string {
  const id = idOf(name);
  const known = projects === null ? id : projects.find(id)?.projectId;
  if (known === undefined) {
    throw googleError("NOT_FOUND", `Unknown project id: ${id}`);
  }
  return known;
}

function needsAccount(iam: Iam, verb: string, field: string): Rule {
  return (request) => [
    {
      permission: `iam.serviceAccounts.${verb}`,
      resource: fullName(iam, textAt(request, field)),
    },
  ];
}

/** @throws GoogleError INVALID_ARGUMENT */
function checkTexts(said: AccountDraft): AccountDraft {
  for (const name of ["displayName", "description"] as const) {
    if (Buffer.byteLength(said[name] ?? "") > TEXT_BYTES[name]) {
      throw badRequest(name, `The ${name} may have at most ${TEXT_BYTES[name]} bytes.`);
    }
  }
  return {};
}

/** The number by which an account is known for ever: 21 digits, another for each that is made. */
function uniqueIdFor(email: string, count: number): string {
  const digest = createHash("sha256").update(`${email}#${count}`).digest("hex");
  return `1${(BigInt(`0x${digest}`) % 10n ** 20n).toString().padStart(20, "0")}`;
}
