import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { startIdentity } from "../../emulators/identity/server.ts";
import type { Identity } from "../../emulators/identity/server.ts";
import { manualClock } from "../support/manual-clock.ts";
import { callerReader } from "../../shared/adapters/caller.ts";
import type { ReadCaller } from "../../shared/adapters/caller.ts";
import { CLOCK_SKEW_MAX_SECONDS } from "../../shared/adapters/id-token.ts";
import { memoryClock, TEST_START_MS } from "../support/memory-clock.ts";

const AUDIENCE = "https://api.slipway.example";
const GCLOUD = "32555940559.apps.googleusercontent.com";
const ANN = "ann@example.com";
const CI = "ci@acme.iam.gserviceaccount.com";
const HOUR_SECONDS = 3600;

let issuer: Identity;
let checked: ReadCaller;
let unchecked: ReadCaller;

beforeAll(async () => {
  issuer = await startIdentity({ clock: manualClock(TEST_START_MS) });
  checked = readerWith({ isEdgeChecked: true });
  unchecked = readerWith({ isEdgeChecked: false });
});
afterAll(async () => issuer.close());

type Parts = Partial<Parameters<Identity["mint"]>[0]>;

async function mint(parts: Parts = {}): Promise<string> {
  return issuer.mint({ email: ANN, audience: AUDIENCE, ...parts });
}

function bearer(token?: string): string | undefined {
  return token === undefined ? undefined : `Bearer ${token}`;
}

/** A token as Cloud Run hands it on. */
function strip(token: string): string {
  return token.replace(/[^.]*$/, "SIGNATURE_REMOVED_BY_GOOGLE");
}

async function ask(
  read: ReadCaller,
  { authorization, serverless }: { readonly authorization?: string; readonly serverless?: string },
): ReturnType<ReadCaller> {
  const credentials = { authorization: bearer(authorization), serverless: bearer(serverless) };
  return read(credentials, [AUDIENCE]);
}

const ANN_IS_BELIEVED = { ok: true, value: { email: ANN, isManaged: true } };

function refusedAs(kind: string): object {
  return { ok: false, refusal: { kind } };
}

describe("a token whose signature Cloud Run removed", () => {
  test("is believed in either header where Cloud Run's check stands before us", async () => {
    const token = strip(await mint());
    expect(await ask(checked, { authorization: token })).toEqual(ANN_IS_BELIEVED);
    expect(await ask(checked, { serverless: token })).toEqual(ANN_IS_BELIEVED);
  });

  test("is believed nowhere else, and the refusal says what to set", async () => {
    const verdict = await ask(unchecked, { authorization: strip(await mint()) });
    expect(verdict).toMatchObject(refusedAs("forged"));
    expect(verdict).toMatchObject({
      refusal: { reason: expect.stringContaining("SLIPWAY_EDGE=checked") as unknown },
    });
  });

  test.for([
    ["for somebody else", { audience: "https://other.example" }, "wrong-audience"],
    ["of another issuer", { claims: { iss: "https://evil.example" } }, "wrong-issuer"],
    ["without an address", { claims: { email: undefined } }, "unverified"],
    ["with an address that nobody verified", { claims: { email_verified: false } }, "unverified"],
    ["without an end", { claims: { exp: undefined } }, "malformed"],
    ["without a beginning", { claims: { iat: undefined } }, "malformed"],
    [
      "that is not good yet",
      { claims: { nbf: TEST_START_MS / 1000 + CLOCK_SKEW_MAX_SECONDS + 1 } },
      "malformed",
    ],
  ] as const)("%s is refused like one with its signature", async ([, parts, kind]) => {
    const token = await mint(parts);
    expect(await ask(checked, { authorization: strip(token) })).toMatchObject(refusedAs(kind));
    expect(await ask(unchecked, { authorization: token })).toMatchObject(refusedAs(kind));
  });

  test("is good until its end, and as long after as clocks may differ", async () => {
    const token = strip(await mint());
    const last = TEST_START_MS + (HOUR_SECONDS + CLOCK_SKEW_MAX_SECONDS - 1) * 1000;
    const late = readerWith({ isEdgeChecked: true, startMs: last });
    expect(await ask(late, { authorization: token })).toMatchObject({ ok: true });
    const tooLate = readerWith({ isEdgeChecked: true, startMs: last + 1000 });
    expect(await ask(tooLate, { authorization: token })).toMatchObject(refusedAs("expired"));
  });

  test("is none when it says that it was never signed, or is no token at all", async () => {
    const [, claims = ""] = (await mint()).split(".");
    const unsigned = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
    for (const token of [`${unsigned}.${claims}.x`, "a.b.c", "..", `x.${claims}.x`]) {
      const answer = await ask(checked, { authorization: strip(token) });
      expect(answer).toMatchObject(refusedAs("malformed"));
    }
  });
});

describe("a token with its signature", () => {
  test("is believed by it, whether Cloud Run's check stands before us or not", async () => {
    for (const read of [checked, unchecked]) {
      expect(await ask(read, { authorization: await mint() })).toEqual(ANN_IS_BELIEVED);
    }
  });

  test("that was tampered with is refused, whether Cloud Run's check stands before us or not", async () => {
    const [head = "", , signature = ""] = (await mint()).split(".");
    const [, claims = ""] = (await mint({ email: "bob@example.com" })).split(".");
    for (const read of [checked, unchecked]) {
      const answer = await ask(read, { authorization: `${head}.${claims}.${signature}` });
      expect(answer).toMatchObject(refusedAs("forged"));
    }
  });
});

describe("two tokens", () => {
  test("are one when they are the same, of which Cloud Run stripped the one that it checked", async () => {
    const token = await mint();
    const both = { serverless: strip(token), authorization: token };
    expect(await ask(checked, both)).toEqual(ANN_IS_BELIEVED);
    expect(await ask(unchecked, { serverless: token, authorization: token })).toEqual(
      ANN_IS_BELIEVED,
    );
  });

  test("of one account, each believed, are as good as one", async () => {
    const other = await mint({ lifetimeSeconds: 60 });
    const both = { serverless: strip(await mint()), authorization: other };
    expect(await ask(checked, both)).toEqual(ANN_IS_BELIEVED);
  });

  test("of two accounts are refused", async () => {
    const other = await mint({ email: "bob@example.com" });
    expect(
      await ask(checked, { serverless: strip(await mint()), authorization: other }),
    ).toMatchObject(refusedAs("disagreeing"));
    expect(await ask(unchecked, { serverless: await mint(), authorization: other })).toMatchObject(
      refusedAs("disagreeing"),
    );
  });

  test("do not make a claim believed that Cloud Run did not check: it reads one header only", async () => {
    const forged = strip(await mint({ email: "boss@example.com" }));
    const both = { serverless: strip(await mint()), authorization: forged };
    expect(await ask(checked, both)).toMatchObject(refusedAs("forged"));
  });

  test("of which one is none are refused, and none at all is said to be missing", async () => {
    const both = { serverless: strip(await mint()), authorization: "opaque" };
    expect(await ask(checked, both)).toMatchObject(refusedAs("malformed"));
    expect(await ask(checked, {})).toMatchObject(refusedAs("missing"));
    const basic = { authorization: "Basic YTpi", serverless: undefined };
    expect(await checked(basic, [AUDIENCE])).toMatchObject(refusedAs("malformed"));
  });
});

describe("the audience of gcloud's client", () => {
  test("is a person's, with the signature or without", async () => {
    const token = await mint({ audience: GCLOUD });
    expect(await ask(checked, { authorization: strip(token) })).toEqual(ANN_IS_BELIEVED);
    expect(await ask(unchecked, { authorization: token })).toEqual(ANN_IS_BELIEVED);
  });

  test("is no service account's, which is told how to ask for ours", async () => {
    const token = await mint({ email: CI, audience: GCLOUD });
    for (const answer of [
      await ask(checked, { authorization: strip(token) }),
      await ask(unchecked, { authorization: token }),
    ]) {
      expect(answer).toMatchObject(refusedAs("wrong-audience"));
      expect(answer).toMatchObject({
        refusal: { reason: expect.stringContaining(`--audiences=${AUDIENCE}`) as unknown },
      });
    }
  });

  test("is nobody's where the installation says so", async () => {
    const strict = readerWith({ isEdgeChecked: true, peopleAudiences: [] });
    const token = strip(await mint({ audience: GCLOUD }));
    expect(await ask(strict, { authorization: token })).toMatchObject(refusedAs("wrong-audience"));
  });
});

function readerWith(parts: {
  readonly isEdgeChecked: boolean;
  readonly startMs?: number;
  readonly peopleAudiences?: readonly string[];
}): ReadCaller {
  const { startMs = TEST_START_MS, peopleAudiences = [GCLOUD], isEdgeChecked } = parts;
  return callerReader({
    issuers: [issuer.issuer],
    jwksUri: `${issuer.url}/certs`,
    peopleAudiences,
    isEdgeChecked,
    clock: memoryClock(startMs),
  });
}
