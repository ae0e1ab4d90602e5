import { shorten } from "./text.ts";

/** A signer as a certificate of Sigstore names it: the issuer of the signer's token, and the signer. */
export type TrustedIdentity = {
  /** The issuer of the signer's token, in full. */
  readonly issuer: string;
  /** The signer, or a pattern that has to match all of it. */
  readonly subject: string;
  readonly isPattern: boolean;
};

/** Who is trusted to sign an image, and what the signature has to say. */
export type ProvenanceTrust = {
  /** Names the trust. Equal trust has an equal name, so that a verdict holds while the trust stays the same. */
  readonly id: string;
  /** Public keys as PEM, or `gcpkms://` and the resource name of a key's version. */
  readonly keys: readonly string[];
  readonly identities: readonly TrustedIdentity[];
  /** If not empty, SLSA provenance is asked for, and it must name one of these builders. */
  readonly builders: readonly string[];
  /** The repository that SLSA provenance must name; null does not ask for provenance. */
  readonly source: string | null;
};

/** What came of verifying an image. `unreadable` means that nobody could look, which is not the image's fault. */
export type ProvenanceVerdict =
  | { readonly kind: "verified"; readonly by: string }
  | { readonly kind: "unverified"; readonly reason: string }
  | { readonly kind: "unreadable"; readonly reason: string };

/** A verdict, and the name of the trust by which it was found. */
export type ProvenanceReading = { readonly trust: string; readonly verdict: ProvenanceVerdict };

/** How many readings of an image are kept: there is one for each trust that environments ask for. */
export const READINGS_MAX = 10;

/** Nobody is trusted. */
export const NO_TRUST: ProvenanceTrust = {
  id: "none",
  keys: [],
  identities: [],
  builders: [],
  source: null,
};

/** Whether anybody is trusted. */
export function isTrusting({ keys, identities }: ProvenanceTrust): boolean {
  return keys.length > 0 || identities.length > 0;
}

/** The verdict under a trust, or null before anybody has looked. */
export function verdictBy(
  readings: readonly ProvenanceReading[],
  trust: ProvenanceTrust,
): ProvenanceVerdict | null {
  return readings.find((reading) => reading.trust === trust.id)?.verdict ?? null;
}

/** How much of a reading's words is kept. */
const WORDS_LENGTH_MAX = 300;

/** The readings with a new one; the same list when it says nothing new. An image that was verified stays verified. */
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
