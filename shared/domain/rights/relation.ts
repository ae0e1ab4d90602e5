import { toOwnerKey } from "../owner-key.ts";
import type { Principal } from "../policy.ts";
import type { Environment, Service } from "../service.ts";

/** What a caller may be to an installation, a service or an environment: the columns of the table of rights. */
export const RELATIONS = [
  "viewer",
  "deployer",
  "approver",
  "oncall",
  "owner",
  "releaser",
  "promoter",
  "named-approver",
  "glass-breaker",
  "named-elsewhere",
] as const;

/** What a caller may be; see `RELATIONS`. */
export type Relation = (typeof RELATIONS)[number];

/** The relations that an installation gives. */
export const ROLES = ["viewer", "deployer", "approver", "oncall"] as const;

/** A relation that the installation gives. */
export type Role = (typeof ROLES)[number];

/** The people behind the name of an owner, as specifications give it. */
export type OwnerMapping = { readonly owner: string; readonly principals: readonly Principal[] };

/** What an installation's configuration says of people. */
export type InstallationAccess = Readonly<Record<Role, readonly Principal[]>> & {
  readonly owners: readonly OwnerMapping[];
};

/** An environment of a service, in an installation. */
export type Place = {
  readonly access: InstallationAccess;
  readonly service: Service;
  readonly environment: Environment;
};

/** Whom a relation to an environment names. */
export function namedIn(place: Place, relation: Relation): readonly Principal[] {
  const { access, service, environment } = place;
  switch (relation) {
    case "viewer":
    case "deployer":
    case "approver":
    case "oncall":
      return access[relation];
    case "owner":
      return ownersOf(access, service);
    case "releaser":
      return service.releaser === null ? [] : [service.releaser];
    case "promoter":
      return environment.policy.access.promote;
    case "named-approver":
      return approversOf(environment);
    case "glass-breaker":
      return environment.policy.access.breakGlass;
    case "named-elsewhere":
      return service.environments
        .filter((other) => other !== environment)
        .flatMap((other) => everybodyIn(other));
  }
}

/** Whom the installation's configuration knows as owners of a service. Names are compared without case. */
export function ownersOf(access: InstallationAccess, service: Service): readonly Principal[] {
  const names = new Set(service.owners.map(toOwnerKey));
  return access.owners
    .filter(({ owner }) => names.has(toOwnerKey(owner)))
    .flatMap(({ principals }) => principals);
}

/** The named approvers of an environment: if `approvals.from` names somebody, nobody else. */
function approversOf({ policy }: Environment): readonly Principal[] {
  const from = policy.approvals?.from ?? [];
  return from.length === 0 ? policy.access.approve : from;
}

function everybodyIn({ policy }: Environment): readonly Principal[] {
  const { promote, approve, breakGlass } = policy.access;
  return [...promote, ...approve, ...breakGlass, ...(policy.approvals?.from ?? [])];
}
