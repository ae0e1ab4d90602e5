import { nameSome } from "../text.ts";
import type { ChangedRelease, Changes } from "./changes.ts";
import type { SpecChange } from "./spec-change.ts";

/** How many of the releases of which something is not known are named. */
const NAMED_MAX = 5;

type Told = Omit<Changes, "unknown">;

/** What cannot be told of changes, in sentences for a person. */
export function unknownOf(changes: Told, running: string | null): readonly string[] {
  const { releases, isCut } = changes;
  const cut = `more than ${releases.length} releases lie in between; the older ones are left out`;
  const drift = `${running ?? ""} runs there now instead of the recorded release; the changes shown start from the recorded one`;
  return [
    ...aboutImages(changes),
    ...(isCut ? [cut] : []),
    ...(changes.from === null ? [] : aboutBoth(changes)),
    ...(running === null ? [] : [drift]),
  ];
}

function aboutImages({ from, releases }: Told): readonly string[] {
  const all = from === null ? releases : [...releases, from];
  const images = [...new Map(all.map((release) => [release.digest, release])).values()];
  const withoutCommit = images.filter(({ commit }) => commit === null);
  const withoutAuthor = releases.filter(({ authors }) => authors.length === 0);
  return [
    ...(withoutCommit.length === 0
      ? []
      : [
          `the commit of ${named(withoutCommit)} is not known: name the commit in the label org.opencontainers.image.revision, or in a tag by delivery.tags`,
        ]),
    ...(withoutAuthor.length === 0
      ? []
      : [
          `the author of ${named(withoutAuthor)} is not known: name the author in the label org.opencontainers.image.authors`,
        ]),
  ];
}

/** What cannot be told of the difference between the two releases. */
function aboutBoth({ comparison, specification, direction }: Told): readonly string[] {
  const page = comparison.kind === "none" && direction !== "none" ? [comparison.reason] : [];
  return [...page, ...aboutSpecification(specification)];
}

function aboutSpecification(specification: SpecChange): readonly string[] {
  if (specification.kind === "unknown") {
    return [specification.reason];
  }
  const leftOut = specification.kind === "same" ? 0 : specification.difference.leftOut;
  return leftOut === 0 ? [] : [`${leftOut} further lines of the specification are not shown`];
}

function named(releases: readonly ChangedRelease[]): string {
  return nameSome(
    releases.map(({ tag, id }) => tag ?? id),
    NAMED_MAX,
  );
}
