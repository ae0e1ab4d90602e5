import type { Message } from "../kit/call.ts";
import { anybodyKnown, needs, type Need, type Rule, textAt } from "../kit/access/rules.ts";
import { policyTable } from "../kit/access/policy-table.ts";
import type { RestMethod } from "../kit/rest-table.ts";
import {
  createAccount,
  deleteAccount,
  getAccount,
  listAccounts,
  patchAccount,
  requireAccount,
  setDisabled,
  undeleteAccount,
  updateAccount,
} from "./operations-accounts.ts";
import {
  createRole,
  deleteRole,
  getRole,
  listRoles,
  undeleteRole,
  updateRole,
} from "./operations-roles.ts";
import type { Iam } from "./state.ts";

type Operation = (iam: Iam, request: Message, nowMs: number) => unknown;

type Row = readonly [name: string, at: RestMethod["at"], needs: Rule, run: Operation];

const ACCOUNT = "/v1/{name=projects/*/serviceAccounts/*}";
const ROLE = "/v1/{name=projects/*/roles/*}";

/** The methods of google.iam.admin.v1.IAM with their paths and permissions. */
function rows(iam: Iam): readonly Row[] {
  return [
    [
      "CreateServiceAccount",
      ["POST", "/v1/{name=projects/*}/serviceAccounts"],
      on("serviceAccounts.create"),
      createAccount,
    ],
    [
      "ListServiceAccounts",
      ["GET", "/v1/{name=projects/*}/serviceAccounts"],
      on("serviceAccounts.list"),
      listAccounts,
    ],
    ["GetServiceAccount", ["GET", ACCOUNT], onAccount(iam, "get"), getAccount],
    ["PatchServiceAccount", ["PATCH", ACCOUNT], onAccount(iam, "update"), patchAccount],
    ["UpdateServiceAccount", ["PUT", ACCOUNT], onAccount(iam, "update"), updateAccount],
    [
      "EnableServiceAccount",
      ["POST", `${ACCOUNT}:enable`],
      onAccount(iam, "enable"),
      setDisabled(false),
    ],
    [
      "DisableServiceAccount",
      ["POST", `${ACCOUNT}:disable`],
      onAccount(iam, "disable"),
      setDisabled(true),
    ],
    ["DeleteServiceAccount", ["DELETE", ACCOUNT], onAccount(iam, "delete"), deleteAccount],
    [
      "UndeleteServiceAccount",
      ["POST", `${ACCOUNT}:undelete`],
      onAccount(iam, "undelete"),
      undeleteAccount,
    ],
    ["ListRoles", ["GET", "/v1/roles"], anybodyKnown, listRoles],
    ["GetRole", ["GET", "/v1/{name=roles/*}"], anybodyKnown, getRole],
    ["GetRole", ["GET", ROLE], on("roles.get"), getRole],
    ["ListRoles", ["GET", "/v1/{parent=projects/*}/roles"], on("roles.list", "parent"), listRoles],
    [
      "CreateRole",
      ["POST", "/v1/{parent=projects/*}/roles"],
      on("roles.create", "parent"),
      createRole,
    ],
    ["UpdateRole", ["PATCH", ROLE], on("roles.update"), updateRole],
    ["DeleteRole", ["DELETE", ROLE], on("roles.delete"), deleteRole],
    ["UndeleteRole", ["POST", `${ROLE}:undelete`], on("roles.undelete"), undeleteRole],
  ];
}

/** Every method, as the kit serves it. */
export function toMethods(iam: Iam, clock: { readonly now: () => number }): readonly RestMethod[] {
  const own = rows(iam).map(([name, at, rule, run]): RestMethod => ({
    name: `google.iam.admin.v1.IAM/${name}`,
    at,
    needs: rule,
    run: (request, { nowMs }) => run(iam, request, nowMs),
  }));
  const policies = policyTable(iam.keeper, {
    service: "google.iam.admin.v1.IAM",
    paths: ["/v1/{resource=projects/*/serviceAccounts/*}"],
    locate: (resource) => requireAccount(iam, resource, clock.now()).name,
    needs: (verb) => (request) => accountNeed(iam, verb, textAt(request, "resource")),
  });
  return [...own, ...policies];
}

function on(permission: string, field = "name"): Rule {
  return needs(`iam.${permission}`, field);
}

function onAccount(iam: Iam, verb: string): Rule {
  return (request) => accountNeed(iam, verb, textAt(request, "name"));
}

/** An account may be named by its unique id; its policy is kept under its address. */
function accountNeed(iam: Iam, verb: string, name: string): readonly Need[] {
  const id = name.slice(name.lastIndexOf("/") + 1);
  const resource = iam.state.accounts.get(id)?.name ?? name;
  return [{ permission: `iam.serviceAccounts.${verb}`, resource }];
}
