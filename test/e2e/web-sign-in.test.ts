import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PEOPLE } from "../support/api-world.ts";
import { startAnswering } from "../support/answering-server.ts";
import type { AnsweringServer } from "../support/answering-server.ts";
import { aService } from "../support/builders.ts";
import { install } from "../support/storm.ts";
import { formsCookie, hiddenFields, startWebWorld } from "../support/web-world.ts";
import type { WebWorld } from "../support/web-world.ts";

type Key = Awaited<ReturnType<typeof generateKeyPair>>["privateKey"];

const AUDIENCE = "/projects/100000000001/locations/us-central1/services/web";

describe("behind Identity-Aware Proxy", () => {
  let keys: AnsweringServer;
  let web: WebWorld;
  let key: Key;
  let foreign: Key;

  beforeAll(async () => {
    keys = await startAnswering();
    const pair = await generateKeyPair("ES256");
    key = pair.privateKey;
    foreign = (await generateKeyPair("ES256")).privateKey;
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: "one", alg: "ES256", use: "sig" };
    keys.answerBy(() => ({ body: JSON.stringify({ keys: [jwk] }) }));
    web = await startWebWorld({
      SLIPWAY_IAP_AUDIENCES: AUDIENCE,
      SLIPWAY_IAP_JWKS_URL: `${keys.url}/keys`,
    });
    await install(web.api.memory.ports, aService());
  });
  afterAll(async () => {
    await web.close();
    await keys.close();
  });

  type Assertion = {
    readonly claims?: Readonly<Record<string, unknown>>;
    readonly signedBy?: Key;
  };

  async function assertion({ claims = {}, signedBy = key }: Assertion = {}): Promise<string> {
    const now = Math.floor(web.api.memory.clock.now() / 1000);
    const all = {
      iss: "https://cloud.google.com/iap",
      aud: AUDIENCE,
      sub: "accounts.google.com:1234",
      email: PEOPLE.viewer,
      iat: now,
      exp: now + 600,
      ...claims,
    };
    return new SignJWT(all).setProtectedHeader({ alg: "ES256", kid: "one" }).sign(signedBy);
  }

  async function visit(token: string | null): Promise<{ status: number; text: string }> {
    const headers: Record<string, string> =
      token === null ? {} : { "x-goog-iap-jwt-assertion": token };
    const response = await fetch(`${web.url}/`, { headers });
    return { status: response.status, text: await response.text() };
  }

  test("a person whom the proxy vouches for sees what they may, and no way to be somebody else", async () => {
    const { status, text } = await visit(await assertion());
    expect(status).toBe(200);
    expect(text).toContain('href="/services/web"');
    expect(text).toContain(PEOPLE.viewer);
    expect(text).not.toContain("/sign-out");
    expect((await fetch(`${web.url}/sign-in`)).status).toBe(404);
  });

  test("a stranger whom the proxy lets through is told whom to ask, and sees no service", async () => {
    const { status, text } = await visit(await assertion({ claims: { email: PEOPLE.stranger } }));
    expect(status).toBe(403);
    expect(text).toContain("may not read any service");
    expect(text).not.toContain("/services/web");
  });

  test.for<[string, Assertion]>([
    ["for another service", { claims: { aud: `${AUDIENCE}-2` } }],
    ["of another issuer", { claims: { iss: "https://accounts.google.com" } }],
    ["that is over", { claims: { exp: 1_000_000 } }],
    ["that never ends", { claims: { exp: undefined } }],
    ["of somebody whom others than Google know", { claims: { sub: "securetoken.google.com/p:1" } }],
    ["without an address", { claims: { email: undefined } }],
    ["of a service account", { claims: { email: "ci@p.iam.gserviceaccount.com" } }],
  ])("an assertion %s lets nobody in", async ([, changed]) => {
    const { status, text } = await visit(await assertion(changed));
    expect(status).toBe(401);
    expect(text).not.toContain("/services/web");
  });

  test("nobody gets in by another's signature, an unsigned assertion, none, or the headers beside it", async () => {
    const [head = "", body = ""] = (await assertion()).split(".");
    const none = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
    const tokens = [await assertion({ signedBy: foreign }), `${none}.${body}.`, `${head}.${body}.`];
    for (const token of [...tokens, "nonsense", null]) {
      expect((await visit(token)).status).toBe(401);
    }
    const headers = { "x-goog-authenticated-user-email": `accounts.google.com:${PEOPLE.viewer}` };
    expect((await fetch(`${web.url}/`, { headers })).status).toBe(401);
    const cookie = `slipway-person=${PEOPLE.viewer}`;
    expect((await fetch(`${web.url}/`, { headers: { cookie } })).status).toBe(401);
  });
});

test("without an audience no assertion is believed", async () => {
  const web = await startWebWorld({});
  const headers = { "x-goog-iap-jwt-assertion": "a.b.c" };
  const response = await fetch(`${web.url}/`, { headers });
  expect(response.status).toBe(401);
  expect(await response.text()).toContain("SLIPWAY_IAP_AUDIENCES");
  await web.close();
});

describe("in a local cloud", () => {
  let web: WebWorld;
  beforeAll(async () => {
    web = await startWebWorld();
  });
  afterAll(async () => web.close());

  type Sending = {
    readonly headers?: Readonly<Record<string, string>>;
    readonly fields?: Readonly<Record<string, string>>;
  };

  /** Sends the form of the page on which one chooses a person. */
  async function choose(
    person: string,
    { headers = {}, fields = {} }: Sending = {},
  ): Promise<Response> {
    const page = await fetch(`${web.url}/sign-in`);
    const hidden = hiddenFields(await page.text(), "/sign-in");
    return fetch(`${web.url}/sign-in`, {
      method: "POST",
      redirect: "manual",
      headers: { cookie: formsCookie(page.headers), origin: web.url, ...headers },
      body: new URLSearchParams({ ...hidden, person, ...fields }),
    });
  }

  test("whoever has chosen nobody is asked to", async () => {
    for (const cookie of ["", "slipway-person=mallory@example.com"]) {
      const response = await fetch(`${web.url}/`, { headers: { cookie }, redirect: "manual" });
      expect([response.status, response.headers.get("location")]).toEqual([303, "/sign-in"]);
    }
  });

  test("one becomes a person of the page, and nobody else", async () => {
    const chosen = await choose(PEOPLE.deployer);
    expect([chosen.status, chosen.headers.get("location")]).toEqual([303, "/"]);
    expect(chosen.headers.getSetCookie().join(" ")).toMatch(
      /slipway-person=dana%40example\.com; .*HttpOnly; SameSite=Lax/,
    );
    expect((await choose("mallory@example.com")).status).toBe(400);
  });

  test.for<[string, Sending]>([
    ["of another site", { headers: { origin: "https://evil.example" } }],
    ["of a sandbox", { headers: { origin: "null" } }],
    ["that says nothing of where it was", { headers: { origin: "" } }],
    ["of another site by the browser's word", { headers: { "sec-fetch-site": "cross-site" } }],
    ["of a neighbour", { headers: { "sec-fetch-site": "same-site" } }],
    ["without its token", { fields: { formToken: "" } }],
    ["with a token of its own making", { fields: { formToken: "salt.seal" } }],
    ["from a browser that never had the page", { headers: { cookie: "" } }],
  ])("a form %s changes nothing", async ([, sending]) => {
    const response = await choose(PEOPLE.deployer, sending);
    expect(response.status).toBe(403);
    expect(response.headers.getSetCookie().join(" ")).not.toContain("slipway-person");
  });

  test("a form that is too large is not read", async () => {
    const response = await choose(PEOPLE.deployer, { fields: { more: "x".repeat(70_000) } });
    expect(response.status).toBe(413);
  });
});
