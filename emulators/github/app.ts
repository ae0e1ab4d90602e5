import { createPublicKey } from "node:crypto";
import { type JWTPayload, jwtVerify } from "jose";
import { GithubError } from "./github-error.ts";
import type { Hub, Permissions } from "./state.ts";

/** An app, and a token that somebody has beside it. */
export type GithubApp = {
  readonly id: number;
  readonly slug: string;
  /** With which its tokens are verified, as PEM; null for one that has no key. */
  readonly publicKey: string | null;
  readonly permissions: Permissions;
  /** A token of a person or of an older app, which may do everything; null where nobody has one. */
  readonly token: string | null;
};

/** Who calls: the app as such, one of its installations, or whoever has the token. */
export type Caller = "app" | "installation" | "person";

/** How long an installation's token is good. Source: https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-an-installation-access-token-for-a-github-app */
export const TOKEN_MAX_MS = 60 * 60_000;

/** How far in the future a token of the app may end. Source: https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app */
const JWT_MAX_SECONDS = 600;

/** Who a request comes from. @throws GithubError 401 for whoever says nothing that is believed. */
export async function callerOf(
  { state, clock, app }: Hub,
  authorization: string | undefined,
): Promise<Caller> {
  const given = /^(?:bearer|token) (?<value>\S+)$/i.exec(authorization ?? "")?.groups?.["value"];
  if (given === undefined) {
    throw new GithubError(401, "Requires authentication");
  }
  if (given === app().token) {
    return "person";
  }
  if ((state.tokens.get(given) ?? 0) > clock.now()) {
    return "installation";
  }
  if (given.split(".").length !== 3) {
    throw new GithubError(401, "Bad credentials");
  }
  await checkJwt(app(), given, clock.now());
  return "app";
}

async function checkJwt({ id, publicKey }: GithubApp, jwt: string, nowMs: number): Promise<void> {
  const { iss, exp = Number.POSITIVE_INFINITY } = await claimsOf(publicKey, jwt, nowMs);
  if (String(iss) !== String(id)) {
    throw new GithubError(401, "Integration not found");
  }
  if (exp > Math.floor(nowMs / 1000) + JWT_MAX_SECONDS) {
    throw new GithubError(401, "'Expiration time' claim ('exp') is too far in the future");
  }
}

async function claimsOf(key: string | null, jwt: string, nowMs: number): Promise<JWTPayload> {
  const settings = {
    algorithms: ["RS256"],
    requiredClaims: ["exp", "iat"],
    // Also one of the future is refused.
    maxTokenAge: JWT_MAX_SECONDS,
    currentDate: new Date(nowMs),
  };
  try {
    return (await jwtVerify(jwt, createPublicKey(key ?? ""), settings)).payload;
  } catch {
    throw new GithubError(401, "A JSON web token could not be decoded");
  }
}
