import type { Actor } from "../image.ts";
import type { SpecRevision } from "../ids.ts";
import type { Instant } from "../time.ts";

/** Where a revision's text is kept. The places are numbered, and the oldest is written over. */
export type KeptSpec = { readonly revision: SpecRevision; readonly place: number };

/** The service.yaml that was applied last under a revision. */
export type SpecText = {
  readonly place: number;
  readonly revision: SpecRevision;
  /** Null where the text is not known, or was too long to be kept. */
  readonly text: string | null;
  readonly at: Instant;
  readonly by: Actor;
};

/** How many revisions of a service have their text kept. */
export const SPECS_MAX = 30;

/** How long a service.yaml may be for its text to be kept, in UTF-16 code units. */
export const SPEC_TEXT_LENGTH_MAX = 65_536;

/** The kept revisions, the newest last, with one more. If all places are taken, it gets the place of the oldest. */
export function keepSpec(
  kept: readonly KeptSpec[],
  revision: SpecRevision,
): { readonly kept: readonly KeptSpec[]; readonly place: number } {
  const known = kept.find((spec) => spec.revision === revision);
  const others = kept.filter((spec) => spec !== known);
  const oldest = others.length < SPECS_MAX ? null : others[0];
  const place = known?.place ?? oldest?.place ?? others.length;
  const rest = others.filter((spec) => spec !== oldest);
  return { kept: [...rest, { revision, place }], place };
}

/** The text as it is kept: well-formed, and null rather than a part of it. */
export function textToKeep(text: string | null): string | null {
  return text === null || text.length > SPEC_TEXT_LENGTH_MAX ? null : text.toWellFormed();
}
