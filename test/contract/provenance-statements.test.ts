import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  attestationManifest,
  builtBy,
  bundleManifest,
  SIGNED,
  signatureManifest,
} from "../../infra/local/signatures.ts";
import { keySigner } from "../../infra/local/signer.ts";
import type { ProvenanceTrust, ProvenanceVerdict } from "../../shared/domain/provenance.ts";
import { startAnswering } from "../support/answering-server.ts";
import { BY, identities, newKey, publicOf, useSignedImage } from "../support/signed-images.ts";

const BUILDER = "https://github.com/actions/runner/github-hosted";
const SOURCE = "https://github.com/example/web";
const { image, digest, push, putBeside, theImage, someone, verify } = useSignedImage();
const key = newKey();
const otherKey = newKey();

describe("a statement", () => {
  test.for([
    ["under the tag of attestations", "tag", ".att"],
    ["as a referrer in a bundle", "referrer", ""],
  ] as const)("lies %s", async ([, place]) => {
    const provenance = builtBy(BUILDER, SOURCE);
    const signer = await someone();
    await (place === "tag"
      ? putBeside(attestationManifest(signer, theImage(), provenance), ".att")
      : push(bundleManifest(signer, { digest: digest(), subject: image().manifest }, provenance)));
    const asked = { identities, builders: [BUILDER], source: SOURCE };
    expect(await verify(asked)).toEqual({ kind: "verified", by: BY });
  });

  test.for<readonly [string, Partial<ProvenanceTrust>, string]>([
    ["another builder", { builders: ["https://example.com/builder"] }, "not among builders"],
    ["another source", { source: "https://github.com/example/other" }, "not from"],
  ])("of %s does not count", async ([, asked, reason]) => {
    const provenance = builtBy(BUILDER, SOURCE);
    await putBeside(attestationManifest(await someone(), theImage(), provenance), ".att");
    const verdict = await verify({ identities, ...asked });
    expect(verdict.kind).toBe("unverified");
    expect(JSON.stringify(verdict)).toContain(reason);
  });

  test("of a builder counts with the builder's version, and of a source without how it is fetched", async () => {
    const provenance = builtBy(`${BUILDER}@refs/tags/v1`, `git+${SOURCE}.git@refs/heads/main`);
    await putBeside(attestationManifest(await someone(), theImage(), provenance), ".att");
    const asked = { identities, builders: [BUILDER], source: SOURCE };
    expect(await verify(asked)).toMatchObject({ kind: "verified" });
  });

  test("of what an image contains is no signature", async () => {
    const contents = { predicateType: "https://spdx.dev/Document", predicate: {} };
    await putBeside(attestationManifest(await someone(), theImage(), contents), ".att");
    expect(JSON.stringify(await verify({ identities }))).toContain("neither a signature nor");
  });

  test("is asked for beside a signature where a builder is named", async () => {
    await putBeside(signatureManifest(await someone(), theImage()));
    expect(JSON.stringify(await verify({ identities, builders: [BUILDER] }))).toContain(
      "asks for SLSA provenance",
    );
  });

  test("of a bundle that was tampered with does not count", async () => {
    const signer = { ...(await someone()), sign: keySigner(otherKey).sign };
    await push(bundleManifest(signer, { digest: digest(), subject: image().manifest }, SIGNED));
    expect(JSON.stringify(await verify({ identities }))).toContain(
      "not of the content that it comes with",
    );
  });
});

describe("a key in Cloud KMS", () => {
  const name = "projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1";
  const named = name.replace("cryptoKeyV", "v");
  let kms: Awaited<ReturnType<typeof startAnswering>>;
  beforeEach(async () => {
    kms = await startAnswering();
    await putBeside(signatureManifest(keySigner(key), theImage()));
  });
  afterEach(async () => kms.close());

  async function verifyByKms(keys = [`gcpkms://${named}`]): Promise<ProvenanceVerdict> {
    return verify({ keys }, { kms: kms.url });
  }

  test("is read by its version, and named", async () => {
    kms.answer({ body: JSON.stringify({ pem: publicOf(key), algorithm: "EC_SIGN_P256_SHA256" }) });
    expect(await verifyByKms()).toEqual({
      kind: "verified",
      by: `the key gcpkms://${named}`,
    });
    expect(kms.asked).toEqual([`/v1/${name}/publicKey`]);
  });

  test("that may not be read says nothing about the image", async () => {
    kms.answer({ status: 403 });
    await expect(verifyByKms()).rejects.toMatchObject({ name: "PermanentError" });
  });

  test("that may not be read is not missed when another signer counts", async () => {
    kms.answer({ status: 403 });
    const keys = [`gcpkms://${name}`, publicOf(key)];
    expect(await verifyByKms(keys)).toMatchObject({ kind: "verified" });
  });
});

describe("a registry", () => {
  test("that cannot be read says nothing about the image", async () => {
    const answering = await startAnswering();
    answering.answer({ status: 403 });
    const place = { registry: new URL(answering.url).host };
    await expect(verify({ identities }, place)).rejects.toMatchObject({
      name: "PermanentError",
      status: "PERMISSION_DENIED",
    });
    await answering.close();
  });

  test("without a list of referrers is asked for the tag that stands for it", async () => {
    const answering = await startAnswering();
    const place = { registry: new URL(answering.url).host };
    expect(await verify({ identities }, place)).toMatchObject({ kind: "unverified" });
    const name = digest().replace(":", "-");
    expect(answering.asked.map((path) => path.split("/").slice(-2).join("/"))).toEqual([
      `referrers/${digest()}`,
      `manifests/${name}`,
      `manifests/${name}.sig`,
      `manifests/${name}.att`,
    ]);
    await answering.close();
  });
});

test("a local authority counts nowhere else: the public root does not know it", async () => {
  await putBeside(signatureManifest(await someone(), theImage()));
  expect(await verify({ identities }, { trustedRoot: null })).toMatchObject({
    kind: "unverified",
  });
});
