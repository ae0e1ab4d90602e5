// oxlint-disable-next-line import/no-unassigned-import -- the library of certificates needs what it adds to the language
import "reflect-metadata";
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import type { KeyObject, webcrypto } from "node:crypto";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

import { certificateTimestamps, derText } from "./certificate-log.ts";
import { transparencyLog } from "./transparency-log.ts";
import type { TransparencyLog } from "./transparency-log.ts";

/** What an authority is made of, to be kept: whoever has it signs as anybody. */
export type AuthoritySeed = {
  /** Private keys, PKCS#8 as PEM. */
  readonly certificateKey: string;
  readonly timestampKey: string;
  readonly logKey: string;
  /** The root certificate, DER in base64. */
  readonly root: string;
};

/** Whom a certificate is for, as a token says it. */
export type Identity = { readonly issuer: string; readonly subject: string };

/** Gives certificates to whoever asks, and keeps a log of signatures. */
export type Authority = {
  /** A certificate for a signer's public key, valid for ten minutes; DER. */
  readonly certify: (identity: Identity, publicKey: KeyObject, at: Date) => Promise<Buffer>;
  readonly log: TransparencyLog;
  /** The JSON by which its certificates and its log are known. */
  readonly trustedRoot: object;
};

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNING = { ...CURVE, hash: "SHA-256" };
const NAME = "CN=local,O=slipway-local";
const ALWAYS = { from: new Date("2020-01-01T00:00:00Z"), to: new Date("2099-01-01T00:00:00Z") };
const LIFETIME_MS = 600_000;

/** Source: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md */
const ISSUER = "1.3.6.1.4.1.57264.1.8";
/** Source: https://www.rfc-editor.org/rfc/rfc6962#section-3.3 */
const TIMESTAMPS = "1.3.6.1.4.1.11129.2.4.2";

/** Makes an authority that nobody has had before. */
export async function newAuthoritySeed(): Promise<AuthoritySeed> {
  const [certificateKey, timestampKey, logKey] = [newKey(), newKey(), newKey()];
  const keys = toPair(certificateKey);
  const root = await X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: NAME,
    notBefore: ALWAYS.from,
    notAfter: ALWAYS.to,
    signingAlgorithm: SIGNING,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.cRLSign | KeyUsageFlags.keyCertSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    certificateKey,
    timestampKey,
    logKey,
    root: Buffer.from(root.rawData).toString("base64"),
  };
}

/** Opens an authority from what it is made of. */
export async function openAuthority(seed: AuthoritySeed): Promise<Authority> {
  const keys = toPair(seed.certificateKey);
  const issuerKey = publicDer(seed.certificateKey);
  return {
    certify: async ({ issuer, subject }, publicKey, at) => {
      const extensions = [
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.codeSigning]),
        new SubjectAlternativeNameExtension([toName(subject)], true),
        await AuthorityKeyIdentifierExtension.create(keys.publicKey),
        new Extension(ISSUER, false, derText(issuer)),
      ];
      const parts = {
        serialNumber: createHash("sha256")
          .update(`${subject} ${at.getTime()}`)
          .digest("hex")
          .slice(0, 30),
        issuer: NAME,
        notBefore: at,
        notAfter: new Date(at.getTime() + LIFETIME_MS),
        publicKey: publicKey.toCryptoKey(CURVE, true, ["verify"]),
        signingAlgorithm: SIGNING,
        signingKey: keys.privateKey,
      };
      const before = await X509CertificateGenerator.create({ ...parts, extensions });
      const stamped = certificateTimestamps(seed.timestampKey, {
        certificate: Buffer.from(before.rawData),
        issuerKey,
        at,
      });
      const certificate = await X509CertificateGenerator.create({
        ...parts,
        extensions: [...extensions, new Extension(TIMESTAMPS, false, stamped)],
      });
      return Buffer.from(certificate.rawData);
    },
    log: transparencyLog(seed.logKey),
    trustedRoot: toTrustedRoot(seed),
  };
}

/** Source: https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto */
function toTrustedRoot({ timestampKey, logKey, root }: AuthoritySeed): object {
  const validFor = { start: ALWAYS.from.toISOString() };
  return {
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    tlogs: [toLog("https://rekor.slipway.local", logKey)],
    certificateAuthorities: [
      {
        subject: { organization: "slipway-local", commonName: "local" },
        uri: "https://fulcio.slipway.local",
        certChain: { certificates: [{ rawBytes: root }] },
        validFor,
      },
    ],
    ctlogs: [toLog("https://ctfe.slipway.local", timestampKey)],
    timestampAuthorities: [],
  };
}

function toLog(baseUrl: string, key: string): object {
  const der = publicDer(key);
  return {
    baseUrl,
    hashAlgorithm: "SHA2_256",
    publicKey: {
      rawBytes: der.toString("base64"),
      keyDetails: "PKIX_ECDSA_P256_SHA_256",
      validFor: { start: ALWAYS.from.toISOString() },
    },
    logId: { keyId: createHash("sha256").update(der).digest("base64") },
  };
}

function toName(subject: string): { readonly type: "email" | "url"; readonly value: string } {
  return { type: subject.includes("://") ? "url" : "email", value: subject };
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: CURVE.namedCurve });
  return privateKey.export({ format: "pem", type: "pkcs8" }).toString();
}

function publicDer(key: string): Buffer {
  return createPublicKey(key).export({ format: "der", type: "spki" });
}

function toPair(key: string): webcrypto.CryptoKeyPair {
  const privateKey = createPrivateKey(key).toCryptoKey(CURVE, true, ["sign"]);
  return { privateKey, publicKey: createPublicKey(key).toCryptoKey(CURVE, true, ["verify"]) };
}
