import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { Identified } from "../kit/access/cloud-access.ts";
import type { Clock } from "../kit/clock.ts";
import { isServiceAccount, LIFETIME_SECONDS } from "./id-tokens.ts";

/** An access token that was issued, as OAuth answers it. Source: https://www.rfc-editor.org/rfc/rfc6749#section-5.1 */
export type AccessToken = {
  readonly access_token: string;
  readonly expires_in: number;
  readonly token_type: "Bearer";
};

/** Google's begin so; what follows is opaque to whoever has one. */
const PREFIX = "ya29.";

const Claims = z.object({ email: z.string(), exp: z.number() });

/** Issues access tokens and says whose they are. They hold with the secret, so they outlive a restart. */
type AccessTokens = {
  /** For an hour unless it says otherwise. */
  readonly issue: (email: string, lifetimeSeconds?: number) => AccessToken;
  readonly identify: (token: string) => Identified;
};

/** Tokens that a secret signs, and that last by a clock. */
export function accessTokens(secret: string, clock: Clock): AccessTokens {
  function sign(payload: string): string {
    return createHmac("sha256", secret).update(payload).digest("base64url");
  }
  return {
    issue: (email, lifetimeSeconds = LIFETIME_SECONDS) => {
      const exp = Math.floor(clock.now() / 1000) + lifetimeSeconds;
      const payload = Buffer.from(JSON.stringify({ email, exp })).toString("base64url");
      const token = `${PREFIX}${payload}.${sign(payload)}`;
      return { access_token: token, expires_in: lifetimeSeconds, token_type: "Bearer" };
    },
    identify: (token) => {
      const [payload = "", signature = ""] = token.startsWith(PREFIX)
        ? token.slice(PREFIX.length).split(".", 2)
        : [];
      if (payload === "" || !isSame(signature, sign(payload))) {
        return { problem: "unsupported" };
      }
      const claims = Claims.parse(JSON.parse(Buffer.from(payload, "base64url").toString()));
      return claims.exp * 1000 <= clock.now()
        ? { problem: "expired" }
        : { member: toMember(claims.email) };
    },
  };
}

/** An address as a member of policies. */
function toMember(email: string): string {
  const address = email.toLowerCase();
  return `${isServiceAccount(address) ? "serviceAccount" : "user"}:${address}`;
}

function isSame(left: string, right: string): boolean {
  const [one, other] = [Buffer.from(left), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}
