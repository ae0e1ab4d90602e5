import { createPublicKey, verify } from "node:crypto";
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
export function callerOf(hub: Hub, app: GithubApp, authorization: string | undefined): Caller {
  const given = /^(?:bearer|token) (?<value>\S+)$/i.exec(authorization ?? "")?.groups?.["value"];
  if (given === undefined) {
    throw new GithubError(401, "Requires authentication");
  }
  if (given === app.token) {
    return "person";
  }
  const installation = hub.state.tokens.get(given);
  if (installation !== undefined && installation.expiresMs > hub.clock.now()) {
    return "installation";
  }
  if (given.split(".").length === 3) {
    checkJwt(app, given, Math.floor(hub.clock.now() / 1000));
    return "app";
  }
  throw new GithubError(401, "Bad credentials");
}

function checkJwt({ id, publicKey }: GithubApp, token: string, now: number): void {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const claims = readClaims(payload);
  const isSigned = readClaims(header)["alg"] === "RS256" && publicKey !== null;
  const signed = Buffer.from(`${header}.${payload}`);
  const proof = Buffer.from(signature, "base64url");
  if (!isSigned || !verify("RSA-SHA256", signed, createPublicKey(publicKey), proof)) {
    throw new GithubError(401, "A JSON web token could not be decoded");
  }
  checkClaims(claims, String(id), now);
}

function checkClaims(claims: Claims, issuer: string, now: number): void {
  if (String(claims["iss"]) !== issuer) {
    throw new GithubError(401, "Integration not found");
  }
  const ends = Number(claims["exp"]);
  if (!(ends > now && ends <= now + JWT_MAX_SECONDS)) {
    throw new GithubError(401, "'Expiration time' claim ('exp') is too far in the future");
  }
  if (Number(claims["iat"]) > now) {
    throw new GithubError(401, "'Issued at' claim ('iat') must be an Integer in the past");
  }
}

type Claims = Readonly<Record<string, unknown>>;

function readClaims(part: string): Claims {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    throw new GithubError(401, "A JSON web token could not be decoded");
  }
}
