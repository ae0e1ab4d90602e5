import { isTrusting, verdictBy } from "../provenance.ts";
import { after } from "../time.ts";
import type { GateContext } from "./context.ts";
import { closed, OPEN, opened } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Open once the image was verified by the policy's own trust, where the policy asks for that. A signature
 * may be pushed after the image: within the grace period it is waited for, after that missed.
 */
export function judgeProvenance({ environment, release, now }: GateContext): Verdict {
  const { required, grace, trust } = environment.policy.provenance;
  if (!required) {
    return OPEN;
  }
  if (!isTrusting(trust)) {
    return closed("the specification names no key and no identity whose signature counts");
  }
  const verdict = verdictBy(release.image.provenance, trust);
  switch (verdict?.kind) {
    case "verified":
      return opened(`signed by ${verdict.by}`);
    case undefined:
      return closed("the image's signatures are being verified");
    case "unreadable":
      return closed(`the image's signatures cannot be verified now: ${verdict.reason}`);
    case "unverified":
      return now < after(release.createdAt, grace)
        ? closed(`waits for a signature that counts: ${verdict.reason}`)
        : closed(`no signature counts: ${verdict.reason}`);
  }
}
