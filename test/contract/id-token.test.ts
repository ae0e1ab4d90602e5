import { SignJWT, generateKeyPair } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { startIdentity } from "../../emulators/identity/server.ts";
import type { Identity } from "../../emulators/identity/server.ts";
import { manualClock } from "../support/manual-clock.ts";
import { CLOCK_SKEW_MAX_SECONDS, idTokenVerifier } from "../../shared/adapters/id-token.ts";
import type { VerifyIdToken } from "../../shared/adapters/id-token.ts";
import { memoryClock, TEST_START_MS } from "../support/memory-clock.ts";

const AUDIENCE = "https://api.slipway.example";
const ANN = "ann@example.com";
const HOUR_SECONDS = 3600;

let issuer: Identity;
let clock: ReturnType<typeof memoryClock>;
let verifyFor: VerifyIdToken;

async function verify(token: string): ReturnType<VerifyIdToken> {
  return verifyFor(token, [AUDIENCE]);
}

beforeAll(async () => {
  issuer = await startIdentity({ clock: manualClock(TEST_START_MS) });
});
afterAll(async () => issuer.close());

describe("an ID token", () => {
  beforeAll(() => {
    clock = memoryClock();
    verifyFor = verifierWith({});
  });

  test("of a believed issuer, for us, names its holder in lower case", async () => {
    const token = await issuer.mint({ email: "Ann@Example.com", audience: AUDIENCE });
    expect(await verify(token)).toEqual({ ok: true, value: { email: ANN, isManaged: true } });
  });

  test.for([
    ["an organisation's person", ANN, {}, true],
    ["somebody with a private account of that address", ANN, { hd: undefined }, false],
    ["somebody at Gmail", "ann@gmail.com", {}, false],
    ["a service account", "ci@slipway.iam.gserviceaccount.com", {}, false],
  ] as const)("of %s says whether an organisation has the account", async (named) => {
    const [, email, claims, isManaged] = named;
    const token = await issuer.mint({ email, audience: AUDIENCE, claims });
    expect(await verify(token)).toEqual({ ok: true, value: { email, isManaged } });
  });

  test("is good for each of our audiences", async () => {
    const token = await issuer.mint({ email: ANN, audience: AUDIENCE });
    const both = ["https://other.example", AUDIENCE];
    expect(await verifyFor(token, both)).toMatchObject({ ok: true });
    expect(await verifyFor(token, [])).toMatchObject({ ok: false });
  });

  test.for([
    ["for somebody else", { audience: "https://other.example" }, "wrong-audience"],
    ["of another issuer", { claims: { iss: "https://evil.example" } }, "wrong-issuer"],
    ["without an address", { claims: { email: undefined } }, "unverified"],
    // The Kelvin sign, whose lower case is the letter k.
    ["with letters that only look alike", { email: "\u212Aim@example.com" }, "unverified"],
    ["with two addresses", { email: "ann@example.com,bob@example.com" }, "unverified"],
    ["with an address that nobody verified", { claims: { email_verified: false } }, "unverified"],
    [
      "that does not say whether the address is verified",
      { claims: { email_verified: undefined } },
      "unverified",
    ],
    ["without an end", { claims: { exp: undefined } }, "malformed"],
  ] as const)("%s is refused", async ([, parts, kind]) => {
    const token = await issuer.mint({ email: ANN, audience: AUDIENCE, ...parts });
    expect(await verify(token)).toMatchObject({ ok: false, refusal: { kind } });
  });

  test("is good until its end, and as long after as clocks may differ", async () => {
    const token = await issuer.mint({ email: ANN, audience: AUDIENCE });
    const last = (HOUR_SECONDS + CLOCK_SKEW_MAX_SECONDS - 1) * 1000;
    const late = verifierWith({ startMs: TEST_START_MS + last });
    expect(await late(token, [AUDIENCE])).toMatchObject({ ok: true });
    const tooLate = verifierWith({ startMs: TEST_START_MS + last + 1000 });
    expect(await tooLate(token, [AUDIENCE])).toMatchObject({
      ok: false,
      refusal: { kind: "expired" },
    });
  });

  test("signed with another key of the same name is refused", async () => {
    const { privateKey } = await generateKeyPair("RS256");
    const kid = issuer.keys[0]?.kid ?? "";
    const token = await new SignJWT({ email: ANN, email_verified: true })
      .setProtectedHeader({ alg: "RS256", kid })
      .setIssuer(issuer.issuer)
      .setAudience(AUDIENCE)
      .setIssuedAt(TEST_START_MS / 1000)
      .setExpirationTime(TEST_START_MS / 1000 + HOUR_SECONDS)
      .sign(privateKey);
    expect(await verify(token)).toMatchObject({ ok: false, refusal: { kind: "forged" } });
  });

  test("signed with a key that its issuer does not have is refused", async () => {
    const { privateKey } = await generateKeyPair("RS256");
    const token = await new SignJWT({ email: ANN, email_verified: true })
      .setProtectedHeader({ alg: "RS256", kid: "unknown" })
      .sign(privateKey);
    expect(await verify(token)).toMatchObject({ ok: false, refusal: { kind: "forged" } });
  });

  test.for([
    ["with a shared secret", "HS256"],
    ["not at all", "none"],
  ] as const)("signed %s is refused", async ([, algorithm]) => {
    const [header, payload] = [
      { alg: algorithm, kid: issuer.keys[0]?.kid },
      { iss: issuer.issuer, aud: AUDIENCE, email: ANN, email_verified: true, iat: 1, exp: 9e9 },
    ].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
    expect(await verify(`${header}.${payload}.AAAA`)).toMatchObject({
      ok: false,
      refusal: { kind: "malformed" },
    });
  });

  test.for(["", "token", "a.b.c", "e30.e30.e30"])("%j is none", async (text) => {
    expect(await verify(text)).toMatchObject({ ok: false, refusal: { kind: "malformed" } });
  });

  test("cannot be judged while the issuer's keys are out of reach", async () => {
    const blind = verifierWith({ jwksUri: `${issuer.url}/nothing-here` });
    const token = await issuer.mint({ email: ANN, audience: AUDIENCE });
    await expect(blind(token, [AUDIENCE])).rejects.toMatchObject({ name: "TransientError" });
  });
});

function verifierWith(parts: {
  readonly jwksUri?: string;
  readonly startMs?: number;
}): VerifyIdToken {
  const { jwksUri = `${issuer.url}/certs`, startMs } = parts;
  const issuers = [issuer.issuer];
  const time = startMs === undefined ? clock : memoryClock(startMs);
  return idTokenVerifier({ issuers, jwksUri, peopleAudiences: [], clock: time });
}
