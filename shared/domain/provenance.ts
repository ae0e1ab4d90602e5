import { shorten } from "./text.ts";

/** A signer that a certificate of Sigstore's names: who vouched for it, and for whom. */
export type TrustedIdentity = {
  /** The issuer of the signer's token, in full. */
  readonly issuer: string;
  /** The signer; as a pattern it has to match from the first character to the last. */
  readonly subject: string;
  readonly isPattern: boolean;
};

/** Whose word on an image counts, and what that word has to say. */
export type ProvenanceTrust = {
  /** Names it: equal trust has equal names, so that what was verified holds while it stays the same. */
  readonly id: string;
  /** Public keys as PEM, or `gcpkms://` and the resource name of a key's version. */
  readonly keys: readonly string[];
  readonly identities: readonly TrustedIdentity[];
  /** With one of them, SLSA provenance is asked for, and it names that builder. */
  readonly builders: readonly string[];
  /** The repository that SLSA provenance has to name; null asks for none. */
  readonly source: string | null;
};

/** What came of verifying an image. That nobody could look is never the image's fault. */
export type ProvenanceVerdict =
  | { readonly kind: "verified"; readonly by: string }
  | { readonly kind: "unverified"; readonly reason: string }
  | { readonly kind: "unreadable"; readonly reason: string };

/** A verdict under the trust by which it was found. */
export type ProvenanceReading = { readonly trust: string; readonly verdict: ProvenanceVerdict };

/** How many readings of a release are kept: one for each trust that its environments ask for. */
export const READINGS_MAX = 10;

/** Nobody is trusted. */
export const NO_TRUST: ProvenanceTrust = {
  id: "none",
  keys: [],
  identities: [],
  builders: [],
  source: null,
};

/** Whether anybody's word counts. */
export function isTrusting({ keys, identities }: ProvenanceTrust): boolean {
  return keys.length > 0 || identities.length > 0;
}

/** What was found by that trust, or null before anybody looked. */
export function verdictBy(
  readings: readonly ProvenanceReading[],
  trust: ProvenanceTrust,
): ProvenanceVerdict | null {
  return readings.find((reading) => reading.trust === trust.id)?.verdict ?? null;
}

/** How much of what a reading says is kept. */
const WORDS_LENGTH_MAX = 300;

/** The readings with a new one; the very same ones when it says nothing new. What was verified stays so. */
export function withReading(
  readings: readonly ProvenanceReading[],
  { trust: by, verdict }: ProvenanceReading,
): readonly ProvenanceReading[] {
  const reading = { trust: by, verdict: bounded(verdict) };
  const before = readings.find(({ trust }) => trust === reading.trust);
  if (before !== undefined && (before.verdict.kind === "verified" || isSame(before, reading))) {
    return readings;
  }
  const others = readings.filter(({ trust }) => trust !== reading.trust);
  return [...others, reading].slice(-READINGS_MAX);
}

function bounded(verdict: ProvenanceVerdict): ProvenanceVerdict {
  return verdict.kind === "verified"
    ? { ...verdict, by: shorten(verdict.by, WORDS_LENGTH_MAX) }
    : { ...verdict, reason: shorten(verdict.reason, WORDS_LENGTH_MAX) };
}

function isSame(
  { verdict: one }: ProvenanceReading,
  { verdict: other }: ProvenanceReading,
): boolean {
  return one.kind === other.kind && wordsOf(one) === wordsOf(other);
}

function wordsOf(verdict: ProvenanceVerdict): string {
  return verdict.kind === "verified" ? verdict.by : verdict.reason;
}
