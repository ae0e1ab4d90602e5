import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { afterEach, beforeAll, beforeEach } from "vitest";

import { buildImage, pushImage } from "../../infra/local/image.ts";
import type { Image } from "../../infra/local/image.ts";
import { startArtifactRegistry } from "../../emulators/artifact-registry/server.ts";
import { newAuthoritySeed, openAuthority } from "../../emulators/sigstore/authority.ts";
import type { Authority } from "../../emulators/sigstore/authority.ts";
import { identitySigner } from "../../infra/local/signer.ts";
import type { Signer } from "../../infra/local/signer.ts";
import { sigstoreProvenance } from "../../shared/adapters/sigstore-provenance.ts";
import { digest } from "../../shared/domain/ids.ts";
import type { Digest } from "../../shared/domain/ids.ts";
import { NO_TRUST } from "../../shared/domain/provenance.ts";
import type { ProvenanceTrust, ProvenanceVerdict } from "../../shared/domain/provenance.ts";
import { aService, START } from "./builders.ts";
import { present } from "./present.ts";

/** Where the images are. */
export const REPOSITORY = aService().image;
/** When everything is signed. */
export const SIGNED_AT = new Date(START);
/** The issuer and the subject of whoever signs. */
export const ISSUER = "https://token.actions.githubusercontent.com";
/** The subject of whoever signs. */
export const SUBJECT =
  "https://github.com/example/web/.github/workflows/build.yaml@refs/heads/main";
/** The trust in that signer. */
export const identities = [{ issuer: ISSUER, subject: SUBJECT, isPattern: false }];
/** How that signer is named. */
export const BY = `${SUBJECT} (${ISSUER})`;

/** An image in a registry, and those who sign it. */
export type SignedSetting = {
  readonly registry: () => string;
  readonly authority: () => Authority;
  readonly image: () => Image;
  readonly digest: () => Digest;
  readonly push: (pushed: Image, tag?: string) => Promise<string>;
  /** Puts something under the tag of the image's signatures, or another ending. */
  readonly putBeside: (pushed: Image, ending?: string) => Promise<void>;
  readonly theImage: (of?: Digest) => { readonly repository: string; readonly digest: string };
  readonly someone: (parts?: {
    readonly issuer?: string;
    readonly subject?: string;
    readonly by?: Authority;
  }) => Promise<Signer>;
  readonly verify: (trust: Partial<ProvenanceTrust>, at?: Place) => Promise<ProvenanceVerdict>;
};

type Place = {
  readonly registry?: string;
  readonly kms?: string | null;
  readonly trustedRoot?: string | null;
};

/** A private key, PKCS#8 as PEM. */
export function newKey(curve = "P-256"): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: curve });
  return privateKey.export({ format: "pem", type: "pkcs8" }).toString();
}

/** Its public half as PEM. */
export function publicOf(privateKey: string): string {
  return createPublicKey(privateKey).export({ format: "pem", type: "spki" }).toString();
}

/** An authority that nobody else has. */
export async function newAuthority(): Promise<Authority> {
  return openAuthority(await newAuthoritySeed());
}

/** A registry with one image for each test, and an authority for all of them. */
export function useSignedImage(): SignedSetting {
  let opened: Authority | null = null;
  let server: Awaited<ReturnType<typeof startArtifactRegistry>> | null = null;
  let pushed: { readonly image: Image; readonly digest: Digest } | null = null;
  const authority = (): Authority => present(opened, "the authority");
  const registry = (): string => present(server, "the registry").grpcAddress;
  const theDigest = (): Digest => present(pushed, "the image").digest;
  const push = async (image: Image, tag?: string): Promise<string> =>
    pushImage(`${present(server, "the registry").url}/slipway/apps/web`, image, tag);

  beforeAll(async () => {
    opened = await newAuthority();
  });
  beforeEach(async () => {
    const name = "projects/slipway/locations/us-central1/repositories/apps";
    server = await startArtifactRegistry({ repositories: [{ name }] });
    const image = await buildImage();
    pushed = { image, digest: digest(await push(image, "v1")) };
  });
  afterEach(async () => server?.close());

  return {
    registry,
    authority,
    image: () => present(pushed, "the image").image,
    digest: theDigest,
    push,
    putBeside: async (image, ending = ".sig") => {
      await push(image, `${theDigest().replace(":", "-")}${ending}`);
    },
    theImage: (of = theDigest()) => ({ repository: REPOSITORY, digest: of }),
    someone: async ({ issuer = ISSUER, subject = SUBJECT, by = authority() } = {}) =>
      identitySigner(by, { issuer, subject }, SIGNED_AT),
    verify: async (trust, at = {}) => {
      const trustedRoot = JSON.stringify(authority().trustedRoot);
      const place = { registry: registry(), kms: null, trustedRoot, ...at };
      const image = { repository: REPOSITORY, digest: theDigest() };
      return sigstoreProvenance(place).verify(image, { ...NO_TRUST, ...trust });
    },
  };
}
