import type { z } from "zod";
import { anybodyKnown, needs, type Need, type Rule, textAt } from "../kit/access/rules.ts";
import { policyTable } from "../kit/access/policy-methods.ts";
import { type RestMethod, type Taking, taking } from "../kit/rest-table.ts";
import {
  createAccount,
  deleteAccount,
  getAccount,
  listAccounts,
  patchAccount,
  requireAccount,
  setDisabled,
  undeleteAccount,
} from "./operations-accounts.ts";
import {
  createRole,
  deleteRole,
  getRole,
  listRoles,
  undeleteRole,
  updateRole,
} from "./operations-roles.ts";
import {
  ByName,
  CreateAccount,
  CreateRole,
  ListAccounts,
  ListRoles,
  PatchAccount,
  RoleByName,
  UpdateRole,
} from "./requests.ts";
import type { Iam } from "./state.ts";

type Row = readonly [name: string, at: RestMethod["at"], needs: Rule, taking: Taking];

const ACCOUNT = "/v1/{name=projects/*/serviceAccounts/*}";
const ROLE = "/v1/{name=projects/*/roles/*}";

function takes<Schema extends z.ZodObject>(
  iam: Iam,
  schema: Schema,
  run: (iam: Iam, request: z.infer<Schema>, nowMs: number) => unknown,
): Taking {
  return taking(schema, (request, { nowMs }) => run(iam, request, nowMs));
}

/** The methods of google.iam.admin.v1.IAM on accounts, with their paths and permissions. */
function accountRows(iam: Iam): readonly Row[] {
  return [
    [
      "CreateServiceAccount",
      ["POST", "/v1/{name=projects/*}/serviceAccounts"],
      on("serviceAccounts.create"),
      takes(iam, CreateAccount, createAccount),
    ],
    [
      "ListServiceAccounts",
      ["GET", "/v1/{name=projects/*}/serviceAccounts"],
      on("serviceAccounts.list"),
      takes(iam, ListAccounts, listAccounts),
    ],
    ["GetServiceAccount", ["GET", ACCOUNT], onAccount(iam, "get"), takes(iam, ByName, getAccount)],
    [
      "PatchServiceAccount",
      ["PATCH", ACCOUNT],
      onAccount(iam, "update"),
      takes(iam, PatchAccount, patchAccount),
    ],
    [
      "EnableServiceAccount",
      ["POST", `${ACCOUNT}:enable`],
      onAccount(iam, "enable"),
      takes(iam, ByName, setDisabled(false)),
    ],
    [
      "DisableServiceAccount",
      ["POST", `${ACCOUNT}:disable`],
      onAccount(iam, "disable"),
      takes(iam, ByName, setDisabled(true)),
    ],
    [
      "DeleteServiceAccount",
      ["DELETE", ACCOUNT],
      onAccount(iam, "delete"),
      takes(iam, ByName, deleteAccount),
    ],
    [
      "UndeleteServiceAccount",
      ["POST", `${ACCOUNT}:undelete`],
      onAccount(iam, "undelete"),
      takes(iam, ByName, undeleteAccount),
    ],
  ];
}

/** The methods of google.iam.admin.v1.IAM on roles. */
function roleRows(iam: Iam): readonly Row[] {
  return [
    ["ListRoles", ["GET", "/v1/roles"], anybodyKnown, takes(iam, ListRoles, listRoles)],
    ["GetRole", ["GET", "/v1/{name=roles/*}"], anybodyKnown, takes(iam, ByName, getRole)],
    ["GetRole", ["GET", ROLE], on("roles.get"), takes(iam, ByName, getRole)],
    [
      "ListRoles",
      ["GET", "/v1/{parent=projects/*}/roles"],
      on("roles.list", "parent"),
      takes(iam, ListRoles, listRoles),
    ],
    [
      "CreateRole",
      ["POST", "/v1/{parent=projects/*}/roles"],
      on("roles.create", "parent"),
      takes(iam, CreateRole, createRole),
    ],
    ["UpdateRole", ["PATCH", ROLE], on("roles.update"), takes(iam, UpdateRole, updateRole)],
    ["DeleteRole", ["DELETE", ROLE], on("roles.delete"), takes(iam, RoleByName, deleteRole)],
    [
      "UndeleteRole",
      ["POST", `${ROLE}:undelete`],
      on("roles.undelete"),
      takes(iam, RoleByName, undeleteRole),
    ],
  ];
}

/** Every method, as the kit serves it. */
export function toMethods(iam: Iam, clock: { readonly now: () => number }): readonly RestMethod[] {
  const own = [...accountRows(iam), ...roleRows(iam)].map(
    ([name, at, rule, taken]): RestMethod => ({
      name: `google.iam.admin.v1.IAM/${name}`,
      at,
      needs: rule,
      takes: taken,
    }),
  );
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
