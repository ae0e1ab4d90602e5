import type { JWK } from "jose";
import { z } from "zod";
import { anybodyKnown, type Rule, textAt } from "../kit/access/rules.ts";
import { toTimestamp } from "../kit/clock.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { type RestMethod, restMethods, taking } from "../kit/rest-table.ts";
import type { AccessToken } from "./access-tokens.ts";
import { isServiceAccount, LIFETIME_SECONDS, type TokenRequest } from "./id-tokens.ts";

/** Who makes tokens. */
export type Credentials = {
  readonly issue: (email: string, lifetimeSeconds?: number) => AccessToken;
  readonly mint: (request: TokenRequest) => Promise<string>;
  /** The public ones. */
  readonly keys: readonly JWK[];
};

const delegates = z.array(z.string()).optional();

const AccessTokenRequest = z.strictObject({
  name: z.string(),
  delegates,
  scope: z.array(z.string()).min(1),
  lifetime: z
    .string()
    .regex(/^\d{1,5}s$/)
    .default(`${LIFETIME_SECONDS}s`),
});

const IdTokenRequest = z.strictObject({
  name: z.string(),
  delegates,
  audience: z.string().min(1),
  includeEmail: z.boolean().optional(),
  organizationNumberIncluded: z.boolean().optional(),
});

/** Tokens of this server's own accord, for tests and people. */
const Email = z.string().regex(/^[^@\s]+@[^@\s]+$/);
const lifetimeSeconds = z.int().optional();
const OwnIdToken = z.strictObject({
  email: Email,
  audience: z.string().min(1),
  lifetimeSeconds,
  claims: z.record(z.string(), z.unknown()).optional(),
});
const OwnAccessToken = z.strictObject({ email: Email, lifetimeSeconds });

/** Fault plans call the methods by the permission that they need. */
const SERVICE = "google.iam.credentials.v1.IAMCredentials";

/**
 * `generateAccessToken` and `generateIdToken` of the IAM Service Account Credentials API.
 * Source: https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts
 */
export function credentialsMethods({ issue, mint }: Credentials): readonly RestMethod[] {
  const account = "/v1/{name=projects/*/serviceAccounts/*}";
  const issuing = taking(AccessTokenRequest, ({ name, lifetime }, { nowMs }) => {
    const email = requireAccount(name);
    const seconds = Number.parseInt(lifetime, 10);
    if (seconds < 1 || seconds > LIFETIME_SECONDS) {
      throw badRequest("lifetime", "The lifetime must be at most 3600 seconds.");
    }
    const expireTime = toTimestamp(nowMs + seconds * 1000);
    return { accessToken: issue(email, seconds).access_token, expireTime };
  });
  const minting = taking(IdTokenRequest, async ({ name, audience }) => ({
    token: await mint({ email: requireAccount(name), audience }),
  }));
  return restMethods(SERVICE, [
    ["getAccessToken", "POST", `${account}:generateAccessToken`, on("getAccessToken"), issuing],
    ["getOpenIdToken", "POST", `${account}:generateIdToken`, on("getOpenIdToken"), minting],
  ]);
}

/** Tokens and keys, which whoever may reach this server gets. */
export function openMethods({ issue, mint, keys }: Credentials): readonly RestMethod[] {
  const showing = taking(z.strictObject({}), () => ({ keys }));
  const minting = taking(OwnIdToken, async (request) => ({
    id_token: await mint(request),
    token_type: "Bearer",
    expires_in: request.lifetimeSeconds ?? LIFETIME_SECONDS,
  }));
  const issuing = taking(OwnAccessToken, (request) =>
    issue(request.email, request.lifetimeSeconds),
  );
  return restMethods("identity", [
    ["GetKeys", "GET", "/certs", anybodyKnown, showing],
    ["MintToken", "POST", "/token", anybodyKnown, minting],
    ["IssueAccessToken", "POST", "/accessToken", anybodyKnown, issuing],
  ]);
}

function on(verb: string): Rule {
  return (request) => {
    const resource = `projects/-/serviceAccounts/${addressIn(textAt(request, "name"))}`;
    return [{ permission: `iam.serviceAccounts.${verb}`, resource }];
  };
}

/** @throws GoogleError NOT_FOUND for an address that no service account can have */
function requireAccount(name: string): string {
  const email = addressIn(name);
  if (!isServiceAccount(email)) {
    throw googleError("NOT_FOUND", `Gaia id not found for email ${email}`);
  }
  return email;
}

function addressIn(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
