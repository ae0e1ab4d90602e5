import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";

import { openAuthority } from "../../emulators/sigstore/authority.ts";
import type { Identity } from "../../emulators/sigstore/authority.ts";
import {
  attestationManifest,
  builtBy,
  bundleManifest,
  SIGNED,
  signatureManifest,
} from "./signatures.ts";
import { identitySigner, keySigner } from "./signer.ts";
import type { Signer } from "./signer.ts";
import { readAuthority } from "./authority.ts";
import { type Content, pushImage } from "./image.ts";

/** What is signed, by whom, and how. */
export type SignRequest = {
  /** The folder with `.slipway`. */
  readonly directory: string;
  /** `http://127.0.0.1:PORT/<name>`, as images are pushed. */
  readonly imageUrl: string;
  /** A tag or a digest. */
  readonly reference: string;
  /** The image's own name, without tag or digest. */
  readonly repository: string;
  readonly by: { readonly keyFile: string } | Identity;
  /** Says how it was built instead of only signing it. */
  readonly provenance: { readonly builder: string; readonly source: string } | null;
  /** As a bundle that refers to the image, not under a tag. */
  readonly isBundle: boolean;
};

/** What was signed, and whom a specification has to name for it to count. */
export type Signed = { readonly digest: string; readonly trust: string };

const OWNER_ONLY = 0o600;

/**
 * Signs an image of the local cloud and pushes the signature beside it.
 * @throws Error when the image is not there, or the local cloud has no authority.
 */
export async function signImage(request: SignRequest): Promise<Signed> {
  const { imageUrl, repository, provenance } = request;
  const subject = await readManifest(imageUrl, request.reference);
  const { digest } = subject;
  const { signer, trust } = await toSigner(request);
  const statement = provenance === null ? SIGNED : builtBy(provenance.builder, provenance.source);
  const image = { repository, digest };
  const name = digest.replace(":", "-");
  if (request.isBundle) {
    await pushImage(imageUrl, bundleManifest(signer, { digest, subject }, statement));
  } else if (provenance === null) {
    await pushImage(imageUrl, signatureManifest(signer, image), `${name}.sig`);
  } else {
    const attested = attestationManifest(signer, image, statement);
    await pushImage(imageUrl, attested, `${name}.att`);
  }
  return { digest, trust };
}

async function toSigner({
  directory,
  by,
}: SignRequest): Promise<{ readonly signer: Signer; readonly trust: string }> {
  if ("keyFile" in by) {
    const key = await readKey(by.keyFile);
    const pem = createPublicKey(key).export({ format: "pem", type: "spki" }).toString();
    return { signer: keySigner(key), trust: `keys: [${JSON.stringify(pem)}]` };
  }
  const seed = await readAuthority(directory);
  if (seed === null) {
    throw new Error("the local cloud has no authority: start it again with npm start");
  }
  const signer = await identitySigner(await openAuthority(seed), by, new Date());
  const { issuer, subject } = by;
  return { signer, trust: `identities: [{issuer: ${issuer}, subject: '${subject}'}]` };
}

/** A private key; one is made where there is none yet. */
async function readKey(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) {
      throw error;
    }
  }
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  await writeFile(path, key, { mode: OWNER_ONLY });
  return key;
}

async function readManifest(imageUrl: string, reference: string): Promise<Content> {
  const { origin, pathname } = new URL(imageUrl);
  const response = await fetch(`${origin}/v2${pathname}/manifests/${reference}`);
  if (!response.ok) {
    throw new Error(`${pathname.slice(1)} has no image ${reference} in the local registry`);
  }
  return {
    mediaType: response.headers.get("content-type") ?? "",
    digest: response.headers.get("docker-content-digest") ?? "",
    bytes: new Uint8Array(await response.arrayBuffer()),
  };
}
