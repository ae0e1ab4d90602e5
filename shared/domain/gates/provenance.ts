import { isTrusting, verdictBy } from "../provenance.ts";
import { after } from "../time.ts";
import type { GateContext } from "./context.ts";
import { closed, OPEN, opened } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Open once the image has a signature that the policy trusts, if the policy asks for one. A signature may be pushed
 * after its image: the reason says whether the grace period for that is over.
 */
export function judgeProvenance({ environment, release, now }: GateContext): Verdict {
  const { required, grace, trust } = environment.policy.provenance;
  if (!required) {
    return OPEN;
  }
  if (!isTrusting(trust)) {
    return closed(
      `nobody is trusted to sign: name keys or identities under delivery.environments.${environment.id}.provenance, and apply the specification`,
    );
  }
  const verdict = verdictBy(release.image.provenance, trust);
  switch (verdict?.kind) {
    case "verified":
      return opened(`signed by ${verdict.by}`);
    case undefined:
      return closed(
        "the image's signatures are not verified yet; Slipway does that once a promotion is requested",
      );
    case "unreadable":
      return closed(`the image's signatures cannot be verified now: ${verdict.reason}`);
    case "unverified":
      return now < after(release.createdAt, grace)
        ? closed(`waits for a trusted signature: ${verdict.reason}`)
        : closed(`there is no trusted signature: ${verdict.reason}`);
  }
}
