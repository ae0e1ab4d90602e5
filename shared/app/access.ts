import type { Principal } from "../domain/policy.ts";
import type { Actor } from "../domain/release.ts";
import type { Environment, Service } from "../domain/service.ts";
import type { Ports } from "../ports/ports.ts";

/** What an installation lets its people do, wherever a specification does not say otherwise. */
export type InstallationAccess = {
  /** May read everything. Everybody named below may too. */
  readonly viewer: readonly Principal[];
  /** May promote, make releases, mark them bad, and place and lift holds. */
  readonly deployer: readonly Principal[];
  /** May approve. */
  readonly approver: readonly Principal[];
  /** May do what deployers may, and break the glass. */
  readonly oncall: readonly Principal[];
};

/** Something that takes a right. */
export type Action =
  | { readonly kind: "view" }
  | { readonly kind: "promote"; readonly environment: Environment }
  | { readonly kind: "break-glass"; readonly environment: Environment }
  | { readonly kind: "approve"; readonly environment: Environment }
  | { readonly kind: "restore-data"; readonly environment: Environment }
  | { readonly kind: "create-release"; readonly service: Service }
  | { readonly kind: "hold" }
  | { readonly kind: "be-oncall" }
  | { readonly kind: "mark-releases" };

/** The e-mail address of a caller whose identity has been verified, lower case. */
export type Caller = { readonly email: string };

/** The caller as a record names them. */
export function toActor(caller: Caller): Actor {
  const kind = caller.email.endsWith(".gserviceaccount.com") ? "serviceAccount" : "user";
  return `${kind}:${caller.email}`;
}

/**
 * Whether a caller may do something. Memberships that cannot be read count as absent only after the
 * failure was thrown: nothing is allowed by accident.
 * @throws TransientError or PermanentError when a group's members cannot be read.
 */
export async function isAllowed(
  ports: Ports,
  access: InstallationAccess,
  request: { readonly caller: Caller; readonly action: Action },
): Promise<boolean> {
  for (const principal of principalsFor(access, request.action)) {
    if (await matches(ports, principal, request.caller)) {
      return true;
    }
  }
  return false;
}

function principalsFor(access: InstallationAccess, action: Action): readonly Principal[] {
  const { viewer, deployer, oncall, approver } = access;
  switch (action.kind) {
    case "view":
      return [...viewer, ...deployer, ...approver, ...oncall];
    case "promote":
      return promoters(access, action.environment);
    case "break-glass":
      return glassBreakers(access, action.environment);
    case "approve":
      return approvers(access, action.environment);
    case "restore-data":
      return action.environment.category === "test"
        ? promoters(access, action.environment)
        : [...glassBreakers(access, action.environment), ...approvers(access, action.environment)];
    case "create-release": {
      const { releaser } = action.service;
      return releaser === null ? [...deployer, ...oncall] : [releaser, ...deployer, ...oncall];
    }
    case "be-oncall":
      return oncall;
    case "hold":
    case "mark-releases":
      return [...deployer, ...oncall];
  }
}

function promoters(
  { deployer, oncall }: InstallationAccess,
  { policy }: Environment,
): readonly Principal[] {
  return orElse(policy.access.promote, [...deployer, ...oncall]);
}

function glassBreakers(
  { oncall }: InstallationAccess,
  { policy }: Environment,
): readonly Principal[] {
  return orElse(policy.access.breakGlass, oncall);
}

function approvers(
  { approver }: InstallationAccess,
  { policy }: Environment,
): readonly Principal[] {
  return orElse(policy.approvals?.from ?? [], orElse(policy.access.approve, approver));
}

function orElse(
  named: readonly Principal[],
  otherwise: readonly Principal[],
): readonly Principal[] {
  return named.length === 0 ? otherwise : named;
}

async function matches(ports: Ports, principal: Principal, caller: Caller): Promise<boolean> {
  const separator = principal.indexOf(":");
  const kind = principal.slice(0, separator);
  const name = principal.slice(separator + 1);
  if (kind === "group") {
    return ports.directory.isMember(name, caller.email);
  }
  return kind === "domain" ? caller.email.endsWith(`@${name}`) : caller.email === name;
}
