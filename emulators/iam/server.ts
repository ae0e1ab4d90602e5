import { policyKeeper } from "../kit/access/policy-methods.ts";
import { realClock } from "../kit/clock.ts";
import { recordsOf } from "../kit/collection-methods.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import { keepDues } from "../kit/pace.ts";
import type { Projects } from "../kit/projects.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import {
  accountMethods,
  accountPolicies,
  accountPolicyRules,
  accountProblem,
  openAccounts,
} from "./accounts.ts";
import { customPermissions, openRoles, roleMethods, rolesDue } from "./roles.ts";
import type { Iam } from "./state.ts";

/** How the emulator runs. */
export type IamOptions = EmulatorOptions & {
  /** Without it every project exists. */
  readonly projects?: Projects | undefined;
};

const STORE_NAME = "iam";

/**
 * Starts an emulator of IAM version 1: service accounts, roles and the policies of accounts. With `access` its
 * accounts and roles are those that policies may name.
 * @throws Error when the port is taken.
 */
export async function startIam(options: IamOptions = {}): Promise<RunningServer> {
  const { clock = realClock(), access, projects = null } = options;
  const keeper = policyKeeper(options, STORE_NAME);
  const iam: Iam = {
    accounts: openAccounts(() => iam),
    roles: openRoles(() => iam),
    counts: new Map(),
    keeper,
    projects,
  };
  const { accounts, roles, counts } = iam;
  const state = keepMaps(options.persistence, STORE_NAME, {
    ...recordsOf([accounts, roles]),
    counts,
  });
  const others = access?.directory().memberProblem;
  access?.use({
    customRole: (name) => customPermissions(iam, name),
    memberProblem: (member) => accountProblem(iam, member) ?? others?.(member) ?? null,
  });
  const server = await serve({
    ...options,
    clock,
    state,
    pace: keepDues(clock, () => rolesDue(iam)),
    apis: [accountPolicies(iam)],
    rest: [...accountMethods(iam), ...roleMethods(iam)],
    guard: { service: "iam.googleapis.com", rules: accountPolicyRules(iam) },
  });
  return {
    ...server,
    reset: () => {
      [...accounts.records.keys()].forEach(keeper.forget);
      server.reset();
    },
  };
}
