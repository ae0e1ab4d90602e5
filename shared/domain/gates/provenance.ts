import { after } from "../time.ts";
import type { GateContext } from "./context.ts";
import { closed, OPEN } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Open once a signature or attestation of the image was seen in the registry, where the policy asks for
 * one. It may be pushed after the image: within the grace period it is waited for, after that missed.
 */
export function judgeProvenance({ environment, release, now }: GateContext): Verdict {
  const { required, grace } = environment.policy.provenance;
  if (!required || release.isAttested === true) {
    return OPEN;
  }
  return now < after(release.createdAt, grace)
    ? closed("waits for the image's signature or attestation to be pushed")
    : closed("the image is unsigned: no signature or attestation lies beside it in the registry");
}
