import predefined from "./predefined-roles.json" with { type: "json" };

/** A role as IAM knows it. */
export type Role = {
  /** `roles/run.invoker` or `projects/p/roles/custom` */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly stage: string;
  readonly permissions: ReadonlySet<string>;
};

type Written = Omit<Role, "name" | "permissions"> & {
  readonly permissions: Readonly<Record<string, string | undefined>>;
};

const ROLES: ReadonlyMap<string, Role> = new Map(
  Object.entries<Written>(predefined.roles).map(([name, written]) => [name, toRole(name, written)]),
);

/** Where the predefined roles were read, and when. */
export const ROLES_SOURCE = { source: predefined.source, date: predefined.date };

/** A predefined role; null for one that the emulators do not know. */
export function predefinedRole(name: string): Role | null {
  return ROLES.get(name) ?? null;
}

/** Every predefined role that the emulators know. */
export function predefinedRoles(): readonly Role[] {
  return [...ROLES.values()];
}

function toRole(name: string, { permissions, ...written }: Written): Role {
  const names = Object.entries(permissions).flatMap(([resource, verbs = ""]) =>
    verbs.split(" ").map((verb) => `${resource}.${verb}`),
  );
  return { name, ...written, permissions: new Set(names) };
}
