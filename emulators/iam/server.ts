import { realClock } from "../kit/clock.ts";
import { policyKeeper } from "../kit/access/policy-methods.ts";
import type { Projects } from "../kit/projects.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { toMethods } from "./methods.ts";
import { living } from "./operations-accounts.ts";
import { customPermissions } from "./operations-roles.ts";
import { type Delays, emptyState, type Iam } from "./state.ts";

/** How the emulator runs. */
export type IamOptions = EmulatorOptions & {
  /** Without it every project exists. */
  readonly projects?: Projects | undefined;
};

/** The emulator while it runs. */
export type RunningIam = RunningServer & {
  /** How long accounts and roles that are made from now on take to be seen. Nothing at first. */
  readonly delay: (delays: Partial<Delays>) => void;
  /** Whether an account is there and may be used. */
  readonly isUsable: (email: string) => boolean;
};

const STORE_NAME = "iam";
const SERVICE = "iam.googleapis.com";

/**
 * Starts an emulator of IAM version 1: service accounts, roles and the policies of accounts. With `access` its
 * accounts and roles are those that policies may name.
 * @throws Error when the port is taken.
 */
export async function startIam(options: IamOptions = {}): Promise<RunningIam> {
  const { clock = realClock(), access } = options;
  const state = keepMaps(options.persistence, STORE_NAME, emptyState());
  let delays: Delays = { accountMs: 0, roleMs: 0 };
  const keeper = policyKeeper(options, STORE_NAME);
  const iam: Iam = { state, keeper, projects: options.projects ?? null, delays: () => delays };
  const others = access?.directory().memberProblem;
  access?.use({
    customRole: (name) => customPermissions(iam, name, clock.now()),
    memberProblem: (member) => accountProblem(iam, member, clock.now()) ?? others?.(member) ?? null,
  });
  const server = await serve({
    ...options,
    clock,
    state,
    rest: toMethods(iam, clock),
    guard: { service: SERVICE },
  });
  return {
    ...server,
    delay: (next) => {
      delays = { ...delays, ...next };
    },
    isUsable: (email) => living(iam).some((one) => one.email === email && !one.disabled),
    reset: () => {
      living(iam).forEach(({ name }) => keeper.forget(name));
      server.reset();
    },
  };
}

/** Only accounts of projects can be looked up here; those of Google's own services are not. */
function accountProblem(iam: Iam, member: string, nowMs: number): string | null {
  const [, email, project] =
    /^serviceAccount:([^@]+@([^@]+)\.iam\.gserviceaccount\.com)$/.exec(member) ?? [];
  if (email === undefined || project === undefined || project.startsWith("gcp-sa-")) {
    return null;
  }
  if (/^(?:gcf-admin-robot|serverless-robot-prod|containerregistry)$/.test(project)) {
    return null;
  }
  return living(iam).some((one) => one.email === email && one.visibleMs <= nowMs)
    ? null
    : `Service account ${email} does not exist.`;
}
