import type { Digest } from "../domain/ids.ts";
import type { ProvenanceTrust } from "../domain/provenance.ts";
import { toRepository } from "../wire/image-signature.ts";
import type { Claim } from "../wire/image-signature.ts";
import { oneLine } from "./one-line.ts";

/** Why a claim is not what is asked for, whoever made it; null when it is. */
export function judgeClaim(claim: Claim, digest: Digest, trust: ProvenanceTrust): string | null {
  if (!claim.digests.includes(digest)) {
    const [other = "no image"] = claim.digests;
    return `a signature is of another image: ${oneLine(other)}`;
  }
  if (claim.kind === "other") {
    return `a statement of the type ${oneLine(claim.type)} is neither a signature nor provenance`;
  }
  const { builders, source } = trust;
  const isProvenanceAsked = builders.length > 0 || source !== null;
  if (!isProvenanceAsked) {
    return null;
  }
  return claim.kind === "signature"
    ? "a signature alone does not say how the image was built, and the specification asks for SLSA provenance"
    : (judgeBuilder(claim.builder, builders) ?? judgeSource(claim.sources, source));
}

/** The version that a builder's id has after `@` need not be named. */
function judgeBuilder(builder: string | null, builders: readonly string[]): string | null {
  const id = builder ?? "";
  const isKnown = builders.some((known) => id === known || id.startsWith(`${known}@`));
  return builders.length === 0 || isKnown
    ? null
    : `it was built by ${builder === null ? "nobody named" : oneLine(builder)}, which is not among builders`;
}

function judgeSource(sources: readonly string[], source: string | null): string | null {
  return source === null || sources.includes(toRepository(source))
    ? null
    : `it was built from ${sources.length === 0 ? "no named source" : oneLine(sources.join(", "))}, not from ${source}`;
}
