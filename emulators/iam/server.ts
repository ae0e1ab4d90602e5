import { realClock } from "../kit/clock.ts";
import { policyKeeper } from "../kit/access/policy-methods.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import type { Projects } from "../kit/projects.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { accountMethods, accountPolicies, accountPolicyRules, accountProblem } from "./accounts.ts";
import { customPermissions, roleMethods } from "./roles.ts";
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
  const { clock = realClock(), access } = options;
  const keeper = policyKeeper(options, STORE_NAME);
  const iam: Iam = {
    accounts: new Map(),
    roles: new Map(),
    counts: new Map(),
    keeper,
    projects: options.projects ?? null,
  };
  const { accounts, roles, counts } = iam;
  const state = { serviceAccounts: accounts, customRoles: roles, counts };
  keepMaps(options.persistence, STORE_NAME, state);
  const others = access?.directory().memberProblem;
  access?.use({
    customRole: (name) => customPermissions(iam, name, clock.now()),
    memberProblem: (member) => accountProblem(iam, member) ?? others?.(member) ?? null,
  });
  const server = await serve({
    ...options,
    clock,
    state,
    apis: [accountPolicies(iam)],
    rest: [...accountMethods(iam), ...roleMethods(iam)],
    guard: { service: "iam.googleapis.com", rules: accountPolicyRules(iam) },
  });
  return {
    ...server,
    reset: () => {
      accounts.forEach(({ name }) => keeper.forget(name));
      server.reset();
    },
  };
}
