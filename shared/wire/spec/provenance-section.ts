import { createPublicKey } from "node:crypto";
import { z } from "zod";

import { flag, lengthOfTime, prose, text } from "./fields.ts";
import { show } from "./explain-issue.ts";
import { complainAboutSubjectPattern } from "./subject-pattern.ts";

const TRUSTED_MAX = 10;
const TEXT_LENGTH_MAX = 2000;

/**
 * A version of a key in Cloud KMS, as cosign writes it.
 * Source: https://docs.sigstore.dev/cosign/key_management/overview/
 */
const KMS_KEY =
  /^gcpkms:\/\/projects\/[a-z0-9.:-]+\/locations\/[a-z0-9-]+\/keyRings\/[\w-]+\/cryptoKeys\/[\w-]+\/(?:cryptoKeyVersions|versions)\/\d+$/;

/** The kinds of keys that are verified. Source: https://nodejs.org/api/crypto.html#keyobjectasymmetrickeytype */
const KEY_TYPES: ReadonlySet<string | undefined> = new Set(["ec", "rsa", "ed25519"]);

function complainAboutKey(key: string): string | null {
  if (key.length > TEXT_LENGTH_MAX) {
    return `must have at most ${TEXT_LENGTH_MAX} characters`;
  }
  if (key.startsWith("gcpkms:")) {
    return KMS_KEY.test(key)
      ? null
      : `must name a version: gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/1, not ${show(key)}`;
  }
  return isPublicKey(key)
    ? null
    : "must be a public key as PEM (ECDSA, RSA or Ed25519), or gcpkms:// and a version of a key";
}

function isPublicKey(pem: string): boolean {
  try {
    const isPublic = pem.trim().startsWith("-----BEGIN PUBLIC KEY-----");
    return isPublic && KEY_TYPES.has(createPublicKey(pem).asymmetricKeyType);
  } catch {
    // The library is the only judge of a key; it answers by throwing.
    return false;
  }
}

function complainAboutUrl(url: string): string | null {
  return url.length <= TEXT_LENGTH_MAX && /^https:\/\/[^\s/]+(?:\/\S*)?$/.test(url)
    ? null
    : `must be an https:// address, not ${show(url)}`;
}

function complainAboutSubject(subject: string): string | null {
  return subject !== "" && subject.length <= TEXT_LENGTH_MAX
    ? null
    : `must have 1 to ${TEXT_LENGTH_MAX} characters`;
}

const Identity = z
  .strictObject({
    issuer: text("The issuer of the signer's token, in full.", complainAboutUrl).meta({
      examples: ["https://token.actions.githubusercontent.com"],
    }),
    subject: text("The signer, in full.", complainAboutSubject).optional(),
    subjectPattern: text(
      "A regular expression in RE2's syntax that the whole of the signer matches.",
      complainAboutSubjectPattern,
    ).optional(),
  })
  .meta({ title: "Identity", description: "A signer as Sigstore's certificates name it." });

/** Whether images must be signed, and by whom. */
export const Provenance = z
  .strictObject({
    required: flag("Whether an image needs a trusted signature.").default(false),
    grace: lengthOfTime("How long a release waits for a trusted signature.", {
      min: "0m",
      max: "1d",
    }).prefault("0m"),
    keys: z
      .array(prose("A public key as PEM, or gcpkms:// and a key's version.", complainAboutKey))
      .max(TRUSTED_MAX)
      .default([])
      .describe("The trusted keys."),
    identities: z
      .array(Identity)
      .max(TRUSTED_MAX)
      .default([])
      .describe("The trusted signers that sign without keys."),
    builders: z
      .array(text("A builder's id, with or without its version after @.", complainAboutUrl))
      .max(TRUSTED_MAX)
      .default([])
      .describe("Asks for SLSA provenance that names one of these builders."),
    source: text("Asks for SLSA provenance that names this repository.", complainAboutUrl)
      .meta({ examples: ["https://github.com/example/web"] })
      .optional(),
  })
  .meta({ title: "Provenance", description: "Whether images must be signed, and by whom." });
