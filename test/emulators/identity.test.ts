import { createRemoteJWKSet, decodeJwt, jwtVerify } from "jose";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ManualClock, manualClock } from "../support/manual-clock.ts";
import { memoryPersistence } from "../support/memory-persistence.ts";
import { type Identity, startIdentity } from "../../emulators/identity/server.ts";
import { textWith } from "./kit-releases.ts";

const AUDIENCE = "https://api.example.com";
const EMAIL = "dora@example.com";

let clock: ManualClock;
let identity: Identity;
beforeEach(async () => {
  clock = manualClock();
  identity = await startIdentity({
    clock,
    groups: [
      { email: "eng@example.com", members: ["web@example.com", "Carl@example.com"] },
      { email: "web@example.com", members: ["dora@example.com", "eng@example.com"] },
      { email: "sre@example.com", members: ["sven@example.com"] },
    ],
  });
});
afterEach(async () => {
  await identity.close();
});

async function get(path: string): Promise<{ readonly status: number; readonly json: unknown }> {
  const response = await fetch(`${identity.url}${path}`);
  return { status: response.status, json: await response.json() };
}

async function post(body: string): Promise<{ readonly status: number; readonly json: unknown }> {
  const response = await fetch(`${identity.url}/token`, { method: "POST", body });
  return { status: response.status, json: await response.json() };
}

async function verify(
  token: string,
  audience: string = AUDIENCE,
): Promise<Readonly<Record<string, unknown>>> {
  const keys = createRemoteJWKSet(new URL(`${identity.url}/certs`));
  const options = { issuer: identity.issuer, audience, currentDate: new Date(clock.now()) };
  return (await jwtVerify(token, keys, options)).payload;
}

describe("an ID token", () => {
  test("verifies against the published keys and has the claims of Google's", async () => {
    const token = await identity.mint({ email: EMAIL, audience: AUDIENCE });
    const now = clock.now() / 1000;
    const claims = await verify(token);
    expect(claims).toEqual({
      iss: identity.url,
      aud: AUDIENCE,
      azp: claims["sub"],
      sub: expect.stringMatching(/^\d{21}$/) as unknown,
      email: EMAIL,
      email_verified: true,
      hd: EMAIL.slice(EMAIL.indexOf("@") + 1),
      iat: now,
      exp: now + 3600,
    });
  });

  test("has one subject for each address", async () => {
    const subjects = await Promise.all(
      [EMAIL, "Dora@Example.com", "carl@example.com"].map(
        async (email) => decodeJwt(await identity.mint({ email, audience: AUDIENCE })).sub,
      ),
    );
    expect(new Set(subjects).size).toBe(2);
    expect(subjects[0]).toBe(subjects[1]);
  });

  test("expires on the clock", async () => {
    const token = await identity.mint({ email: EMAIL, audience: AUDIENCE, lifetimeSeconds: 60 });
    await clock.advance(59_000);
    await expect(verify(token)).resolves.toMatchObject({ email: EMAIL });
    await clock.advance(1000);
    await expect(verify(token)).rejects.toThrow('"exp" claim timestamp check failed');
  });

  test("is not accepted for another audience, nor after a change", async () => {
    const token = await identity.mint({ email: EMAIL, audience: AUDIENCE });
    await expect(verify(token, "https://else.example.com")).rejects.toThrow('"aud"');
    const [header = "", , signature = ""] = token.split(".");
    const forged = Buffer.from(JSON.stringify({ ...decodeJwt(token), email: "eve@example.com" }));
    const changed = [header, forged.toString("base64url"), signature].join(".");
    await expect(verify(changed)).rejects.toThrow("signature verification failed");
  });

  test("comes over HTTP too, with claims of one's own", async () => {
    const claims = { email_verified: false, hd: "example.com" };
    const { json } = await post(
      JSON.stringify({ email: EMAIL, audience: AUDIENCE, lifetimeSeconds: 10, claims }),
    );
    expect(json).toMatchObject({ token_type: "Bearer", expires_in: 10 });
    const token = /"id_token":"([^"]+)"/.exec(JSON.stringify(json))?.[1] ?? "";
    await expect(verify(token)).resolves.toMatchObject({ email: EMAIL, ...claims });
  });

  test.each([
    ["{", ""],
    ["[]", ""],
    [JSON.stringify({ audience: AUDIENCE }), "email"],
    [JSON.stringify({ email: "nobody", audience: AUDIENCE }), "email"],
    [JSON.stringify({ email: EMAIL, audience: "" }), "audience"],
    [
      JSON.stringify({ email: EMAIL, audience: AUDIENCE, lifetimeSeconds: 1.5 }),
      "lifetime_seconds",
    ],
    [JSON.stringify({ email: EMAIL, audience: AUDIENCE, scope: "x" }), ""],
  ])("is refused for the request %s", async (body, field) => {
    const violation = field === "" ? { description: textWith("Invalid JSON payload") } : { field };
    expect(await post(body)).toMatchObject({
      status: 400,
      json: { error: { status: "INVALID_ARGUMENT", details: [{ fieldViolations: [violation] }] } },
    });
  });

  test("outlives a restart, when the key is kept", async () => {
    const persistence = memoryPersistence();
    const before = await startIdentity({ clock, persistence, issuer: identity.url });
    const token = await before.mint({ email: EMAIL, audience: AUDIENCE });
    await before.close();
    const after = await startIdentity({ clock, persistence });
    const keys = createRemoteJWKSet(new URL(`${after.url}/certs`));
    const verified = await jwtVerify(token, keys, { currentDate: new Date(clock.now()) });
    expect(verified.payload.iss).toBe(identity.url);
    await after.close();
    await expect(verify(token)).rejects.toThrow("no applicable key found");
  });

  test("has a public key that gives nothing away", async () => {
    const { json } = await get("/certs");
    expect(json).toEqual({ keys: identity.keys });
    expect(Object.keys(identity.keys[0] ?? {}).toSorted()).toEqual([
      "alg",
      "e",
      "kid",
      "kty",
      "n",
      "use",
    ]);
  });
});

async function isMember(group: string, member: string): Promise<unknown> {
  const { json } = await get(`/v1/groups:lookup?groupKey.id=${encodeURIComponent(group)}`);
  const name = /"name":"([^"]+)"/.exec(JSON.stringify(json))?.[1] ?? "";
  const query = encodeURIComponent(`member_key_id == '${member}'`);
  return (await get(`/v1/${name}/memberships:checkTransitiveMembership?query=${query}`)).json;
}

describe("Cloud Identity", () => {
  test.each([
    ["web@example.com", EMAIL, true],
    ["eng@example.com", EMAIL, true],
    ["eng@example.com", "carl@example.com", true],
    ["ENG@example.com", "CARL@example.com", true],
    ["web@example.com", "carl@example.com", true],
    ["eng@example.com", "web@example.com", true],
    ["eng@example.com", "sven@example.com", false],
    ["sre@example.com", EMAIL, false],
  ])("says whether %s has %s, also through other groups", async (group, member, expected) => {
    expect(await isMember(group, member)).toEqual(expected ? { hasMembership: true } : {});
  });

  test("does not tell a group that is not there from one that may not be seen", async () => {
    const denied = { status: 403, json: { error: { status: "PERMISSION_DENIED" } } };
    expect(await get("/v1/groups:lookup?groupKey.id=none@example.com")).toMatchObject(denied);
    const query = encodeURIComponent("member_key_id=='a@example.com'");
    expect(
      await get(`/v1/groups/none/memberships:checkTransitiveMembership?query=${query}`),
    ).toMatchObject(denied);
  });

  test.each([
    "/v1/groups:lookup",
    "/v1/groups/x/memberships:checkTransitiveMembership",
    "/v1/groups/x/memberships:checkTransitiveMembership?query=member_key_id",
  ])("refuses %s", async (path) => {
    expect(await get(path)).toMatchObject({
      status: 400,
      json: { error: { status: "INVALID_ARGUMENT" } },
    });
  });

  test("names a method that it does not have", async () => {
    expect(await get("/v1/groups/x/memberships")).toMatchObject({
      status: 501,
      json: { error: { message: "The emulator does not implement GET /v1/groups/x/memberships." } },
    });
  });

  test("takes other groups and goes back to the first ones", async () => {
    identity.setGroups([{ email: "sre@example.com", members: [EMAIL] }]);
    expect(await isMember("sre@example.com", EMAIL)).toEqual({ hasMembership: true });
    identity.reset();
    expect(await isMember("sre@example.com", EMAIL)).toEqual({});
  });

  test("fails as planned", async () => {
    identity.faults.add({
      method: "LookupGroupName",
      call: 1,
      kind: "status",
      status: "UNAVAILABLE",
    });
    expect(await get("/v1/groups:lookup?groupKey.id=sre@example.com")).toMatchObject({
      status: 503,
    });
    expect(await get("/v1/groups:lookup?groupKey.id=sre@example.com")).toMatchObject({
      status: 200,
    });
  });
});
