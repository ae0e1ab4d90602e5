import type { Category } from "../service.ts";
import type { Relation } from "./relation.ts";

/** What may be done in an environment: the rows of the table of rights. */
export const RIGHTS = [
  "read",
  "make-release",
  "promote",
  "cancel",
  "roll-back",
  "break-glass",
  "approve",
  "restore",
  "copy",
  "stop",
  "overrule",
  "apply",
] as const;

/** A right in an environment; see `RIGHTS`. */
export type Right = (typeof RIGHTS)[number];

/** Gives a right to a relation, unless one of the relations in `unless` names somebody. */
export type Grant = { readonly to: Relation; readonly unless: readonly Relation[] };

type Row = Readonly<Record<Category, readonly Grant[]>>;

/**
 * Who promotes. In `external` the service's owners, if they are known, take the place of the installation's
 * deployers.
 */
const PROMOTE: Row = {
  test: [to("oncall"), to("owner"), to("promoter"), to("deployer", ["promoter"])],
  internal: [to("oncall"), to("owner"), to("promoter"), to("deployer", ["promoter"])],
  external: [to("oncall"), to("owner"), to("promoter"), to("deployer", ["promoter", "owner"])],
};

/**
 * Who counts as on-call. Nobody else undoes what on-call stopped, not even where every deployer may break the glass.
 */
const ON_CALL = inAll([to("oncall"), to("glass-breaker")]);

/** In `test` whoever may promote may break the glass as well: nothing there is worth waking somebody up. */
const BREAK_GLASS: Row = { ...ON_CALL, test: [...PROMOTE.test, to("glass-breaker")] };

const APPROVE = inAll([to("named-approver"), to("approver", ["named-approver"])]);

const ACT = either(PROMOTE, APPROVE, BREAK_GLASS);

const READ = inAll([
  ...(["viewer", "deployer", "approver", "oncall"] as const).map((role) => to(role)),
  ...(["owner", "releaser"] as const).map((relation) => to(relation)),
  ...(["promoter", "named-approver", "glass-breaker", "named-elsewhere"] as const).map((relation) =>
    to(relation),
  ),
]);

const TABLE: Readonly<Record<Right, Row>> = {
  read: READ,
  "make-release": either(PROMOTE, inAll([to("releaser")])),
  promote: PROMOTE,
  cancel: either(PROMOTE, BREAK_GLASS),
  "roll-back": either(PROMOTE, BREAK_GLASS),
  "break-glass": BREAK_GLASS,
  approve: APPROVE,
  restore: { ...either(BREAK_GLASS, APPROVE), test: BREAK_GLASS.test },
  copy: ACT,
  stop: ACT,
  overrule: ON_CALL,
  apply: inAll(
    (["oncall", "owner", "releaser", "promoter", "deployer"] as const).map((relation) =>
      to(relation),
    ),
  ),
};

/** Who has a right in an environment of a category. */
export function grantsOf(right: Right, category: Category): readonly Grant[] {
  return TABLE[right][category];
}

/** The grants that hold in an environment, given which relations name somebody there. */
export function openGrants(
  right: Right,
  category: Category,
  isNamed: (relation: Relation) => boolean,
): readonly Grant[] {
  return grantsOf(right, category).filter(({ unless }) => !unless.some(isNamed));
}

/** What may be done with the whole installation. */
export const INSTALLATION_RIGHTS = [
  "read-all",
  "stop-all",
  "overrule-all",
  "govern",
  "add-service",
] as const;

/** A right over the whole installation; see `INSTALLATION_RIGHTS`. */
export type InstallationRight = (typeof INSTALLATION_RIGHTS)[number];

const INSTALLATION_TABLE = {
  "read-all": ["viewer", "deployer", "approver", "oncall"],
  "stop-all": ["deployer", "oncall"],
  "overrule-all": ["oncall"],
  govern: ["deployer", "oncall"],
  "add-service": ["deployer"],
} as const;

/** The roles that have a right over the whole installation. */
export function rolesOf(
  right: InstallationRight,
): readonly ("viewer" | "deployer" | "approver" | "oncall")[] {
  return INSTALLATION_TABLE[right];
}

function to(relation: Relation, unless: readonly Relation[] = []): Grant {
  return { to: relation, unless };
}

function inAll(grants: readonly Grant[]): Row {
  return { test: grants, internal: grants, external: grants };
}

/** Grants to whoever has one of the rights. A relation must have the same condition in each of them. */
function either(...rows: readonly Row[]): Row {
  const merge = (category: Category): readonly Grant[] => [
    ...new Map(
      rows.flatMap((row) => row[category]).map((grant) => [grant.to, grant] as const),
    ).values(),
  ];
  return { test: merge("test"), internal: merge("internal"), external: merge("external") };
}
