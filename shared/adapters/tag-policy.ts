import semver from "semver";

import type { TagPolicy } from "../domain/service.ts";
import type { TagReader, TagReading } from "../ports/tag-reader.ts";

/**
 * A tag's greatest length; what is longer is no tag.
 * Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
 */
const TAG_LENGTH_MAX = 128;

/** Tags that tools give to what belongs to an image: signatures, attestations, bills of materials. */
const ATTACHMENT = /^sha256-[0-9a-f]{64}|\.(?:sig|att|sbom)$/;

/** Reads tags by a service's tag policy. A pattern's group `commit` names the commit. */
export function tagPolicy(): TagReader {
  return {
    read: (policy, tag) => {
      if (tag.length > TAG_LENGTH_MAX) {
        return refusedTag(`a tag has at most ${TAG_LENGTH_MAX} characters`);
      }
      return ATTACHMENT.test(tag)
        ? refusedTag(`${tag} belongs to another image: a signature, attestation or the like`)
        : readBy(policy, tag);
    },
  };
}

function readBy(policy: TagPolicy, tag: string): TagReading {
  switch (policy.kind) {
    case "any":
      return { kind: "accepted", commit: null };
    case "pattern":
      return readByPattern(policy.pattern, tag);
    case "semver":
      return semver.satisfies(tag, policy.range)
        ? { kind: "accepted", commit: null }
        : refusedTag(`${tag} is not a version in ${policy.range}`);
  }
}

function readByPattern(pattern: string, tag: string): TagReading {
  const expression = compile(pattern);
  if (expression === null) {
    return refusedTag(`the service's tag pattern ${pattern} is not a regular expression`);
  }
  const match = expression.exec(tag);
  return match === null
    ? refusedTag(`${tag} does not match ${pattern}`)
    : { kind: "accepted", commit: match.groups?.["commit"] ?? null };
}

/** The specification is checked when it is applied; a pattern that got past that must let nothing through. */
function compile(pattern: string): RegExp | null {
  try {
    return new RegExp(pattern, "u");
  } catch {
    return null;
  }
}

function refusedTag(reason: string): TagReading {
  return { kind: "refused", reason };
}
