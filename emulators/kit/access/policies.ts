import { createHash } from "node:crypto";
import { googleError } from "../google-error.ts";
import { keepMaps } from "../kept-maps.ts";
import type { Persistence } from "../persistence.ts";

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

/** The policies of resources, by full name. */
export type Policies = {
  /** The policy as it was set last; an empty one where none was. */
  readonly get: (resource: string) => Policy;
  /**
   * Replaces a policy.
   * @throws GoogleError ABORTED for an etag that is out of date, INVALID_ARGUMENT, UNIMPLEMENTED
   */
  readonly set: (resource: string, input: PolicyInput) => Policy;
  readonly bindings: (resource: string) => readonly Binding[];
  /** The resources that have a policy. */
  readonly resources: () => readonly string[];
  /** Puts another member in the place of one, everywhere. */
  readonly replaceMember: (member: string, replacement: string) => void;
  /** For a resource that is gone. */
  readonly forget: (resource: string) => void;
};

/** Looks at bindings before they are kept, and throws a GoogleError for what may not be. */
type Check = (bindings: readonly Binding[]) => void;

type Kept = { readonly bindings: readonly Binding[]; readonly edition: number };

/** The etag of a policy that was never set, as Google's APIs give it. */
const EMPTY_ETAG = "ACAB";

/** Keeps policies under a name. */
export function createPolicies(
  persistence: Persistence | undefined,
  name: string,
  check: Check = () => undefined,
): Policies {
  const { kept } = keepMaps(persistence, name, { kept: new Map<string, Kept>() });
  return {
    get: (resource) => toPolicy(resource, kept.get(resource)),
    set: (resource, input) => {
      checkEtag(input.etag, toPolicy(resource, kept.get(resource)).etag);
      const bindings = toBindings(input);
      check(bindings);
      const edition = (kept.get(resource)?.edition ?? 0) + 1;
      kept.set(resource, { bindings, edition });
      return toPolicy(resource, kept.get(resource));
    },
    bindings: (resource) => kept.get(resource)?.bindings ?? [],
    resources: () => [...kept.keys()],
    replaceMember: (member, replacement) => {
      for (const [resource, policy] of kept) {
        const bindings = policy.bindings.map(({ role, members }) => ({
          role,
          members: members.map((each) => (each === member ? replacement : each)),
        }));
        kept.set(resource, { ...policy, bindings });
      }
    },
    forget: (resource) => void kept.delete(resource),
  };
}

function toPolicy(resource: string, kept: Kept | undefined): Policy {
  if (kept === undefined) {
    return { etag: EMPTY_ETAG };
  }
  const { bindings, edition } = kept;
  const digest = createHash("sha256").update(`${resource}@${edition}`).digest();
  // Google's begin with the bytes 7 and 6 and are eight long.
  const etag = Buffer.concat([Buffer.from([7, 6]), digest.subarray(0, 6)]).toString("base64");
  return { version: 1, etag, ...(bindings.length > 0 ? { bindings } : {}) };
}

/** It is bytes, of which gcloud writes the base64 for URLs. Source: https://cloud.google.com/iam/docs/policies#etag */
function checkEtag(given: string | undefined, current: string): void {
  const etag = (given ?? "").replaceAll("-", "+").replaceAll("_", "/");
  if (etag !== "" && etag !== current) {
    throw googleError(
      "ABORTED",
      "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff.",
    );
  }
}

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
function toBindings(input: PolicyInput): readonly Binding[] {
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
