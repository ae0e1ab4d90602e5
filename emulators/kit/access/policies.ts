import { createHash } from "node:crypto";
import type { Clock } from "../clock.ts";
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
  /** The bindings that count already. */
  readonly bindings: (resource: string) => readonly Binding[];
  /** The resources that have a policy. */
  readonly resources: () => readonly string[];
  /** Puts another member in the place of one, everywhere. */
  readonly replaceMember: (member: string, replacement: string) => void;
  /** For a resource that is gone. */
  readonly forget: (resource: string) => void;
  /** How long a policy takes to count after it was set. Zero at first. */
  readonly delay: (milliseconds: number) => void;
  /** What is asked of roles and members before a policy is kept; nothing at first. */
  readonly check: (check: Check) => void;
};

/** Looks at bindings before they are kept, and throws a GoogleError for what may not be. */
type Check = (bindings: readonly Binding[]) => void;

function takeAll(): void {}

type Kept = {
  readonly bindings: readonly Binding[];
  readonly edition: number;
  readonly countsMs: number;
  readonly before: readonly Binding[];
};

/** The etag of a policy that was never set, as Google's APIs give it. */
const EMPTY_ETAG = "ACAB";

/** Keeps policies under a name, on a clock. */
export function createPolicies(options: {
  readonly clock: Clock;
  readonly persistence: Persistence | undefined;
  readonly name: string;
}): Policies {
  const { clock, persistence, name } = options;
  const kept = new Map<string, Kept>();
  let delayMs = 0;
  let check: Check = takeAll;
  keepMaps(persistence, name, { kept });
  function effective(resource: string): readonly Binding[] {
    const policy = kept.get(resource);
    if (policy === undefined) {
      return [];
    }
    return clock.now() < policy.countsMs ? policy.before : policy.bindings;
  }
  return {
    get: (resource) => toPolicy(resource, kept.get(resource)),
    set: (resource, input) => {
      checkEtag(input.etag, toPolicy(resource, kept.get(resource)).etag);
      const bindings = toBindings(input);
      check(bindings);
      const edition = (kept.get(resource)?.edition ?? 0) + 1;
      const countsMs = clock.now() + delayMs;
      kept.set(resource, { bindings, edition, countsMs, before: effective(resource) });
      return toPolicy(resource, kept.get(resource));
    },
    bindings: effective,
    resources: () => [...kept.keys()],
    replaceMember: (member, replacement) => replaceEverywhere(kept, member, replacement),
    forget: (resource) => void kept.delete(resource),
    delay: (milliseconds) => {
      delayMs = milliseconds;
    },
    check: (next) => {
      check = next;
    },
  };
}

function replaceEverywhere(kept: Map<string, Kept>, member: string, replacement: string): void {
  for (const [resource, policy] of kept) {
    kept.set(resource, {
      ...policy,
      bindings: replaceIn(policy.bindings, member, replacement),
      before: replaceIn(policy.before, member, replacement),
    });
  }
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

function replaceIn(
  bindings: readonly Binding[],
  member: string,
  replacement: string,
): readonly Binding[] {
  return bindings.map((binding) => ({
    ...binding,
    members: binding.members.map((each) => (each === member ? replacement : each)),
  }));
}
