import { GoogleAuth } from "google-auth-library";
import { decodeJwt } from "jose";
import { afterEach, beforeEach, expect, test } from "vitest";

import { z } from "zod";

import { type Identity, startIdentity } from "../../emulators/identity/server.ts";
import { type CloudAccess, createCloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import { type ManualClock, manualClock } from "../support/manual-clock.ts";
import type { RunningServer } from "../../emulators/kit/server.ts";
import { startMetadata } from "../../emulators/metadata/server.ts";

const RUN = "slipway-run@acme.iam.gserviceaccount.com";
const API = "slipway-api@acme.iam.gserviceaccount.com";
const Given = z.object({ accessToken: z.string() });
const GivenId = z.object({ token: z.string() });
const FLAVOR = { "metadata-flavor": "Google" };

let clock: ManualClock;
let access: CloudAccess;
let identity: Identity;
let metadata: RunningServer;

beforeEach(async () => {
  clock = manualClock();
  access = createCloudAccess();
  const groups = [{ email: "eng@example.com", members: ["ann@example.com"] }];
  identity = await startIdentity({ clock, access, groups });
  const { accessToken, mint } = identity;
  metadata = await startMetadata({ email: RUN, projectId: "acme", accessToken, mint });
});

afterEach(async () => {
  await metadata.close();
  await identity.close();
});

async function read(path: string, headers: Record<string, string> = FLAVOR): Promise<Response> {
  return fetch(`${metadata.url}/computeMetadata/v1/${path}`, { headers });
}

/** Asks for a token of an account, as somebody. */
async function generate(verb: string, body: object, caller = RUN): Promise<Response> {
  return fetch(`${identity.url}/v1/projects/-/serviceAccounts/${API}:${verb}`, {
    method: "POST",
    headers: { authorization: `Bearer ${identity.accessToken(caller).access_token}` },
    body: JSON.stringify(body),
  });
}

test("Google's library finds the account and its token there", async () => {
  process.env["GCE_METADATA_HOST"] = new URL(metadata.url).host;
  process.env["METADATA_SERVER_DETECTION"] = "assume-present";
  try {
    const auth = new GoogleAuth({ scopes: ["https://www.googleapis.com/auth/cloud-platform"] });
    const token = (await auth.getAccessToken()) ?? "";
    expect(access.directory().identify(token)).toEqual({ member: `serviceAccount:${RUN}` });
    const client = await auth.getIdTokenClient("https://api.example");
    const headers = await client.getRequestHeaders();
    const bearer = (headers.get("authorization") ?? "").replace("Bearer ", "");
    expect(decodeJwt(bearer)).toMatchObject({ email: RUN, aud: "https://api.example" });
  } finally {
    delete process.env["GCE_METADATA_HOST"];
    delete process.env["METADATA_SERVER_DETECTION"];
  }
});

test("it answers who says that it knows what it asks, and says what it is itself", async () => {
  const email = await read("instance/service-accounts/default/email");
  expect(await email.text()).toBe(RUN);
  expect(email.headers.get("metadata-flavor")).toBe("Google");
  expect(await (await read("project/project-id")).text()).toBe("acme");
  expect((await read("instance/service-accounts/default/email", {})).status).toBe(403);
  const forwarded = { ...FLAVOR, "x-forwarded-for": "10.0.0.1" };
  expect((await read("instance/service-accounts/default/token", forwarded)).status).toBe(403);
  expect((await read("instance/service-accounts/default/identity")).status).toBe(400);
  expect((await read("instance/attributes/ssh-keys")).status).toBe(404);
});

test("an access token is somebody's until it expires, and nobody's when it was changed", async () => {
  const { access_token: token, expires_in: seconds } = identity.accessToken("Ann@example.com");
  const { identify, isInGroup } = access.directory();
  expect(seconds).toBe(3600);
  expect(identify(token)).toEqual({ member: "user:ann@example.com" });
  expect(identify(`${token}x`)).toEqual({ problem: "unsupported" });
  expect(identify(await identity.mint({ email: RUN, audience: "a" }))).toEqual({
    problem: "unsupported",
  });
  await clock.advance(3_599_999);
  expect(identify(token)).toEqual({ member: "user:ann@example.com" });
  await clock.advance(1);
  expect(identify(token)).toEqual({ problem: "expired" });
  expect(isInGroup("eng@example.com", "ann@example.com")).toBe(true);
  expect(isInGroup("ops@example.com", "ann@example.com")).toBe(false);
});

test("an account's tokens are given to who may make them, and to nobody else", async () => {
  const scope = ["https://www.googleapis.com/auth/cloud-platform"];
  const refused = await generate("generateAccessToken", { scope });
  expect(refused.status).toBe(403);
  expect(await refused.text()).toContain("'iam.serviceAccounts.getAccessToken' denied");
  access.policies.set(`projects/acme/serviceAccounts/${API}`, {
    bindings: [
      { role: "roles/iam.serviceAccountTokenCreator", members: [`serviceAccount:${RUN}`] },
    ],
  });
  const given = await generate("generateAccessToken", { scope, lifetime: "300s" });
  const { accessToken } = Given.parse(await given.json());
  expect(access.directory().identify(accessToken)).toEqual({ member: `serviceAccount:${API}` });
  await clock.advance(300_000);
  expect(access.directory().identify(accessToken)).toEqual({ problem: "expired" });
  expect((await generate("generateAccessToken", { scope, lifetime: "3601s" })).status).toBe(400);
  const id = await generate("generateIdToken", { audience: "https://api.example" });
  const { token } = GivenId.parse(await id.json());
  expect(decodeJwt(token)).toMatchObject({ email: API, aud: "https://api.example" });
});
