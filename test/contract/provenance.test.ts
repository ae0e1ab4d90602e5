import { describe, expect, test } from "vitest";

import { buildImage } from "../../infra/local/image.ts";
import { bundleManifest, SIGNED, signatureManifest } from "../../infra/local/signatures.ts";
import { keySigner } from "../../infra/local/signer.ts";
import type { Signer } from "../../infra/local/signer.ts";
import { aDigest } from "../support/builders.ts";
import { aJunkSignature } from "../support/odd-images.ts";
import { present } from "../support/present.ts";
import {
  BY,
  identities,
  ISSUER,
  newAuthority,
  newKey,
  publicOf,
  SIGNED_AT,
  SUBJECT,
  useSignedImage,
} from "../support/signed-images.ts";

const UNSIGNED = { kind: "unverified", reason: "the image is unsigned" };
const { authority, image, digest, push, putBeside, theImage, someone, verify } = useSignedImage();
const key = newKey();
const otherKey = newKey();

describe("an image that nobody signed", () => {
  test("is unsigned", async () => {
    expect(await verify({ identities })).toEqual(UNSIGNED);
  });

  test("is unsigned although something lies under the tag of a signature", async () => {
    await putBeside(await buildImage({ labels: { junk: "1" } }));
    expect(await verify({ identities })).toEqual(UNSIGNED);
  });

  test("is not signed by junk that calls itself a signature", async () => {
    await putBeside(aJunkSignature());
    expect(await verify({ identities, keys: [publicOf(key)] })).toEqual({
      kind: "unverified",
      reason: "a file beside the image cannot be read as a signature",
    });
  });
});

describe("a signature by key", () => {
  test("counts for those who trust the key", async () => {
    await putBeside(signatureManifest(keySigner(key), theImage()));
    const verdict = await verify({ keys: [publicOf(otherKey), publicOf(key)] });
    expect(verdict).toMatchObject({ kind: "verified" });
    expect(JSON.stringify(verdict)).toMatch(/the key sha256:[0-9a-f]{16}/);
  });

  test.for(["P-384", "P-521"])("may be of the curve %s", async (curve) => {
    const large = newKey(curve);
    await putBeside(signatureManifest(keySigner(large), theImage()));
    expect(await verify({ keys: [publicOf(large)] })).toMatchObject({ kind: "verified" });
  });

  test.for([
    [
      "another key",
      () => ({ keys: [publicOf(otherKey)] }),
      "signed with a key that is not trusted",
    ],
    ["no key", () => ({ identities }), "it is signed with a key, but no key is trusted"],
  ] as const)("does not count for those who trust %s", async ([, trust, reason]) => {
    await putBeside(signatureManifest(keySigner(key), theImage()));
    const verdict = await verify(trust());
    expect(verdict.kind).toBe("unverified");
    expect(JSON.stringify(verdict)).toContain(reason);
  });

  test("of another image does not count", async () => {
    await putBeside(signatureManifest(keySigner(key), theImage(aDigest(7))));
    expect(await verify({ keys: [publicOf(key)] })).toEqual({
      kind: "unverified",
      reason: `a signature is of another image: ${aDigest(7)}`,
    });
  });

  test("counts beside others that do not", async () => {
    const other = await buildImage({ labels: { other: "1" } });
    await putBeside(signatureManifest(keySigner(otherKey), theImage()));
    await putBeside(other, ".att");
    const bundled = { digest: digest(), subject: image().manifest };
    await push(bundleManifest(keySigner(key), bundled, SIGNED));
    expect(await verify({ keys: [publicOf(key)] })).toMatchObject({ kind: "verified" });
  });
});

describe("a signature by identity", () => {
  test.for([
    ["in full", { issuer: ISSUER, subject: SUBJECT, isPattern: false }],
    [
      "by a pattern",
      { issuer: ISSUER, subject: "https://github\\.com/example/.*", isPattern: true },
    ],
  ] as const)("counts for those who trust the signer %s", async ([, identity]) => {
    await putBeside(signatureManifest(await someone(), theImage()));
    expect(await verify({ identities: [identity] })).toEqual({ kind: "verified", by: BY });
  });

  test("of a person is by the address", async () => {
    const person = { issuer: "https://accounts.google.com", subject: "ann@example.com" };
    await putBeside(signatureManifest(await someone(person), theImage()));
    expect(await verify({ identities: [{ ...person, isPattern: false }] })).toEqual({
      kind: "verified",
      by: "ann@example.com (https://accounts.google.com)",
    });
  });

  test.for([
    ["another issuer", { issuer: "https://example.com" }],
    ["another subject", { subject: `${SUBJECT}x` }],
    ["a pattern that fits a part of it", { subject: "github\\.com", isPattern: true }],
  ] as const)("does not count for those who trust %s", async ([, parts]) => {
    await putBeside(signatureManifest(await someone(), theImage()));
    const identity = { issuer: ISSUER, subject: SUBJECT, isPattern: false, ...parts };
    expect(await verify({ identities: [identity] })).toEqual({
      kind: "unverified",
      reason: `it is signed by ${BY}, who is not trusted`,
    });
  });

  test("does not count when another authority certified it", async () => {
    await putBeside(signatureManifest(await someone({ by: await newAuthority() }), theImage()));
    const verdict = await verify({ identities });
    expect(verdict.kind).toBe("unverified");
    expect(JSON.stringify(verdict)).toContain("certificate is not valid");
  });

  test("does not count without an entry in the log", async () => {
    const signer = { ...(await someone()), enter: null };
    await putBeside(signatureManifest(signer, theImage()));
    expect(JSON.stringify(await verify({ identities }))).toContain(
      "no trusted timestamp says when a signature was made",
    );
  });

  test("does not count when it was made after its certificate had ended", async () => {
    const late = new Date(SIGNED_AT.getTime() + 601_000);
    const enter: Signer["enter"] = ({ kind, spec }) =>
      authority().log.append({ kind, apiVersion: "0.0.1", spec: spec("") }, late);
    await putBeside(signatureManifest({ ...(await someone()), enter }, theImage()));
    expect(JSON.stringify(await verify({ identities }))).toContain("certificate is not valid");
  });

  test("does not count with a log's word on something else", async () => {
    const honest = await someone();
    const enter: Signer["enter"] = ({ kind, spec }) =>
      present(
        honest.enter,
        "the log",
      )({
        kind,
        spec: () => ({ ...spec(""), signature: { content: "AAAA" } }),
      });
    await putBeside(signatureManifest({ ...honest, enter }, theImage()));
    expect(JSON.stringify(await verify({ identities }))).toContain("log is of something else");
  });

  test("does not count when the signature is another", async () => {
    const honest = await someone();
    const forged = { ...honest, sign: keySigner(otherKey).sign };
    await putBeside(signatureManifest(forged, theImage()));
    expect(JSON.stringify(await verify({ identities }))).toContain(
      "not of the content that it comes with",
    );
  });
});
