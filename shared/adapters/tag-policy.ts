import semver from "semver";

import type { Service, TagPolicy } from "../domain/service.ts";
import type { TagReader, TagReading } from "../ports/tag-reader.ts";
import { buildRank, versionRank } from "./tag-rank.ts";
import { compileTagPattern } from "../wire/spec/tag-pattern.ts";

/**
 * A tag's greatest length; what is longer is no tag.
 * Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
 */
const TAG_LENGTH_MAX = 128;

/** Tags that tools give to what belongs to an image: signatures, attestations, bills of materials. */
const ATTACHMENT = /^sha256-[0-9a-f]{64}|\.(?:sig|att|sbom)$/;

type Pattern = ReturnType<typeof compileTagPattern>;

/** How many compiled patterns are kept: one a service, and an instance sees a few services at a time. */
const PATTERNS_MAX = 100;

/** Reads tags by a service's tag policy. A pattern's groups `commit` and `build` name the commit and the build. */
export function tagPolicy(): TagReader {
  const patterns = new Map<string, Pattern>();
  function read(policy: TagPolicy, tag: string): TagReading {
    if (tag.length > TAG_LENGTH_MAX) {
      return refusedTag(`a tag has at most ${TAG_LENGTH_MAX} characters`);
    }
    return ATTACHMENT.test(tag)
      ? refusedTag(`${tag} belongs to another image: a signature, attestation or the like`)
      : readBy(patterns, policy, tag);
  }
  return {
    read,
    rank: (service, tag) => rankOf(service, tag, read(service.tags, tag)),
  };
}

function rankOf(
  { order }: Pick<Service, "order">,
  tag: string,
  reading: TagReading,
): string | null {
  if (reading.kind === "refused") {
    return null;
  }
  switch (order) {
    case "pushed":
      return null;
    case "semver":
      return versionRank(tag);
    case "build":
      return reading.build === null ? null : buildRank(reading.build);
  }
}

function readBy(patterns: Map<string, Pattern>, policy: TagPolicy, tag: string): TagReading {
  switch (policy.kind) {
    case "any":
      return { kind: "accepted", commit: null, build: null };
    case "pattern":
      return readByPattern(compiled(patterns, policy.pattern), policy.pattern, tag);
    case "semver":
      return semver.satisfies(tag, policy.range)
        ? { kind: "accepted", commit: null, build: null }
        : refusedTag(`${tag} is not a version in ${policy.range}`);
  }
}

/** The specification is checked when it is applied; a pattern that got past that lets nothing through. */
function readByPattern(pattern: Pattern, written: string, tag: string): TagReading {
  if (!pattern.ok) {
    return refusedTag(`the service's tag pattern ${written} ${pattern.refusal}`);
  }
  const groups = pattern.value.match(tag);
  return groups === null
    ? refusedTag(`${tag} does not match ${written}`)
    : { kind: "accepted", commit: groups["commit"] ?? null, build: groups["build"] ?? null };
}

function compiled(patterns: Map<string, Pattern>, pattern: string): Pattern {
  const known = patterns.get(pattern);
  if (known !== undefined) {
    return known;
  }
  if (patterns.size >= PATTERNS_MAX) {
    patterns.clear();
  }
  const made = compileTagPattern(pattern);
  patterns.set(pattern, made);
  return made;
}

function refusedTag(reason: string): TagReading {
  return { kind: "refused", reason };
}
