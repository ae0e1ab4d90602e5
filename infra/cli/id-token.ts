import { z } from "zod";
import { CliError, EXIT } from "./cli-error.ts";
import type { LocalFile, Role } from "./local-file.ts";

const Claims = z.object({ email: z.string(), exp: z.number() });
const Minted = z.object({ id_token: z.string() });

/** A token that ends sooner than this is not used: the call may take a while. */
const REMAINING_MIN_MS = 60_000;
const REQUEST_TIMEOUT_MS = 10_000;

/**
 * What a token says of its holder, unverified: that is the API's business. Null when it cannot be read.
 * Source: https://www.rfc-editor.org/rfc/rfc7519
 */
export function readClaims(
  token: string,
): { readonly email: string; readonly expiresAtMs: number } | null {
  try {
    const payload = Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8");
    const claims = Claims.safeParse(JSON.parse(payload));
    return claims.success
      ? { email: claims.data.email, expiresAtMs: claims.data.exp * 1000 }
      : null;
  } catch {
    return null;
  }
}

/**
 * The token of a person of the local cloud: the file's, or a fresh one when that is about to expire.
 * @throws CliError when the file has none, or the issuer does not answer.
 */
export async function localToken(local: LocalFile, role: Role, now: number): Promise<string> {
  const token = local.tokens[role];
  const claims = readClaims(token);
  if (claims === null || claims.expiresAtMs > now + REMAINING_MIN_MS) {
    return token;
  }
  const url = `${local.endpoints.identity}/token`;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: claims.email, audience: local.audience }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    return Minted.parse(await response.json()).id_token;
  } catch (error) {
    const message = `the token of ${role} has expired, and ${url} gives no new one. Is the local cloud running? npm start starts it`;
    throw new CliError(EXIT.unreachable, message, error);
  }
}
