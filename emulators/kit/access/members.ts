/** What is asked about members. */
export type Membership = {
  /** Whether an address belongs to a group, directly or through others. */
  readonly isInGroup: (group: string, address: string) => boolean;
  /** Whether the caller has a basic role on a project, for `projectOwner:` and its like. */
  readonly hasBasicRole: (role: string, project: string) => boolean;
};

const BASIC_ROLES: ReadonlyMap<string, string> = new Map([
  ["projectOwner", "roles/owner"],
  ["projectEditor", "roles/editor"],
  ["projectViewer", "roles/viewer"],
]);

/**
 * Whether a member of a binding stands for a caller. Members of pools (`principal://`, `principalSet://`) are
 * taken and stand for nobody here, and so does what begins with `deleted:`.
 * Source: https://cloud.google.com/iam/docs/principal-identifiers
 */
export function standsFor(member: string, caller: string | null, asked: Membership): boolean {
  if (member === "allUsers") {
    return true;
  }
  if (caller === null) {
    return false;
  }
  if (member === "allAuthenticatedUsers") {
    return true;
  }
  const [kind, name] = split(member);
  const [callerKind, address] = split(caller.toLowerCase());
  switch (kind) {
    case "user":
      return callerKind === "user" && name.toLowerCase() === address;
    case "serviceAccount":
      return callerKind === "serviceaccount" && name.toLowerCase() === address;
    case "group":
      return asked.isInGroup(name, address);
    case "domain":
      return callerKind === "user" && address.endsWith(`@${name.toLowerCase()}`);
    default: {
      const role = BASIC_ROLES.get(kind);
      return role !== undefined && asked.hasBasicRole(role, name);
    }
  }
}

function split(member: string): readonly [string, string] {
  const colon = member.indexOf(":");
  return [member.slice(0, colon), member.slice(colon + 1)];
}
