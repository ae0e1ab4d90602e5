import { createHash } from "node:crypto";
import { googleError } from "../google-error.ts";
import { keepMaps } from "../kept-maps.ts";
import type { Persistence } from "../persistence.ts";
import { type Binding, type Policy, type PolicyInput, toBindings } from "./policy.ts";

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
