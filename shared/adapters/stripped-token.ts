import { z } from "zod";

import { refused } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import { CLOCK_SKEW_MAX_SECONDS, holderOf, wrongAudience } from "./id-token.ts";
import type { IdTokenOptions, TokenHolder, TokenRefusal } from "./id-token.ts";

/**
 * What stands where the signature was in a token that Cloud Run has checked and hands on.
 * Source: https://cloud.google.com/run/docs/troubleshooting#signature-removed
 */
const SIGNATURE_REMOVED = "SIGNATURE_REMOVED_BY_GOOGLE";

const STRIPPED = new RegExp(`^([\\w-]+)\\.([\\w-]+)\\.${SIGNATURE_REMOVED}$`);

const Header = z.object({ alg: z.literal("RS256") });

const Timed = z.looseObject({
  iss: z.string(),
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.number(),
  iat: z.number(),
  nbf: z.number().optional(),
});

/** Whether Cloud Run's mark stands in place of a token's signature. Anybody can write it there. */
export function isStripped(token: string): boolean {
  return token.endsWith(`.${SIGNATURE_REMOVED}`);
}

/** How a token without a signature is judged, and for whom it must be. */
export type StrippedOptions = Omit<IdTokenOptions, "jwksUri"> & {
  readonly audiences: readonly string[];
};

/**
 * Judges a token whose signature Cloud Run has checked and removed: issuer, audience, time, and a verified address,
 * as if it had one. To be used only where nobody but Cloud Run can have handed it on.
 */
export function readStripped(
  token: string,
  options: StrippedOptions,
): Result<TokenHolder, TokenRefusal> {
  const [, head = "", body = ""] = STRIPPED.exec(token) ?? [];
  const claims = Timed.safeParse(decode(body));
  if (!Header.safeParse(decode(head)).success || !claims.success) {
    return refused({ kind: "malformed", reason: "this is not an ID token" });
  }
  return judge(claims.data, options) ?? holderOf(claims.data, options.audiences);
}

function judge(
  { iss, aud, exp, nbf }: z.output<typeof Timed>,
  { issuers, audiences, peopleAudiences, clock }: StrippedOptions,
): { readonly ok: false; readonly refusal: TokenRefusal } | null {
  const seconds = Math.floor(clock.now() / 1000);
  if (!issuers.includes(iss)) {
    return refused({ kind: "wrong-issuer", reason: "the token's issuer is not trusted" });
  }
  const expected = new Set([...audiences, ...peopleAudiences]);
  if (![aud].flat().some((audience) => expected.has(audience))) {
    return refused({ kind: "wrong-audience", reason: wrongAudience(audiences) });
  }
  if (nbf !== undefined && nbf > seconds + CLOCK_SKEW_MAX_SECONDS) {
    return refused({ kind: "malformed", reason: "the token's claim nbf is not valid" });
  }
  return exp <= seconds - CLOCK_SKEW_MAX_SECONDS
    ? refused({ kind: "expired", reason: "the token has expired" })
    : null;
}

function decode(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  } catch {
    return null;
  }
}
