import { googleError } from "../google-error.ts";

/** Who has a role. */
export type Binding = {
  readonly role: string;
  readonly members: readonly string[];
};

/** An access policy of one resource. */
export type Policy = {
  readonly version?: number;
  readonly etag: string;
  readonly bindings?: readonly Binding[];
};

/** Only one that always holds is taken. */
type Condition = {
  readonly expression?: string | undefined;
  readonly title?: string | undefined;
};

/** A policy as a caller sends it. */
export type PolicyInput = {
  readonly version?: number | undefined;
  readonly etag?: string | undefined;
  readonly bindings?:
    | readonly {
        readonly role?: string | undefined;
        readonly members?: readonly string[] | undefined;
        readonly condition?: Condition | null | undefined;
      }[]
    | undefined;
};

/**
 * How many members one policy has at most.
 * Source: https://cloud.google.com/iam/quotas#limits
 */
const MEMBERS_MAX = 1500;

/** `deleted:` and the conveniences of Cloud Storage among them. */
const MEMBER =
  /^(?:allUsers|allAuthenticatedUsers|(?:deleted:)?(?:user|serviceAccount|group):[^@\s]+@[^@\s]+|domain:[^@\s]+\.[^@\s]+|project(?:Owner|Editor|Viewer):[a-z][a-z0-9:.-]+|(?:deleted:)?principal(?:Set)?:\/\/\S+)$/;

const ROLE =
  /^(?:roles\/[A-Za-z0-9_.]+|(?:projects|organizations)\/[^/\s]+\/roles\/[A-Za-z0-9_.]{3,64})$/;

/**
 * The bindings as they are kept: one for each role, its members once and in order, none without members.
 * Source: https://cloud.google.com/iam/docs/reference/rest/v1/Policy
 * @throws GoogleError INVALID_ARGUMENT for a role or member of no known form, UNIMPLEMENTED for a condition.
 */
export function toBindings(input: PolicyInput): readonly Binding[] {
  const members = new Map<string, Set<string>>();
  for (const { role = "", members: given = [], condition } of input.bindings ?? []) {
    if (!ROLE.test(role)) {
      throw googleError("INVALID_ARGUMENT", `Role ${role} is not supported for this resource.`);
    }
    refuseCondition(role, condition ?? {});
    const known = members.get(role) ?? new Set();
    given.forEach((member) => known.add(checkMember(member)));
    members.set(role, known);
  }
  const count = [...members.values()].reduce((sum, { size }) => sum + size, 0);
  if (count > MEMBERS_MAX) {
    const reason = `The number of members in the policy (${count}) is larger than the maximum allowed size ${MEMBERS_MAX}.`;
    throw googleError("INVALID_ARGUMENT", reason);
  }
  return [...members]
    .filter(([, { size }]) => size > 0)
    .map(([role, set]) => ({ role, members: [...set].toSorted() }))
    .toSorted((left, right) => (left.role < right.role ? -1 : 1));
}

function checkMember(member: string): string {
  if (MEMBER.test(member)) {
    // Google keeps addresses in lower case; what comes after `?uid=` stays.
    const address = /(?<=^(?:deleted:)?(?:user|serviceAccount|group):)[^?]+/;
    return member.replace(address, (text) => text.toLowerCase());
  }
  throw googleError(
    "INVALID_ARGUMENT",
    `The member ${member} is of an unknown type. Please set a valid type prefix for the member.`,
  );
}

function refuseCondition(role: string, { expression = "", title = "" }: Condition): void {
  if (!/^\s*(?:true)?\s*$/.test(expression)) {
    const reason = `The emulator does not evaluate conditions: "${title}" of the binding of ${role}.`;
    throw googleError("UNIMPLEMENTED", reason);
  }
}
