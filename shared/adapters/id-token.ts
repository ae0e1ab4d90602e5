import type * as Library from "jose";
import { z } from "zod";

import { isMachine, normalAddress } from "../domain/principal.ts";
import { accepted, refused } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import type { Clock } from "../ports/clock.ts";
import { TransientError } from "../ports/errors.ts";
import { lazily } from "./grpc-endpoint.ts";

/** How far the issuer's clock and ours may be apart. */
export const CLOCK_SKEW_MAX_SECONDS = 60;

/** How long the issuer's keys are waited for. */
const KEYS_TIMEOUT_MS = 5000;

/** Whose tokens are believed. */
export type IdTokenOptions = {
  readonly issuers: readonly string[];
  readonly jwksUri: string;
  /** Audiences that a person's token may have beside our own, such as gcloud's client; never a service account's. */
  readonly peopleAudiences: readonly string[];
  readonly clock: Clock;
};

/** Whom a token names. */
export type TokenHolder = {
  /** In lower case. */
  readonly email: string;
  /** Whether the account belongs to an organisation (the claim `hd`): only then its address's domain says so. */
  readonly isManaged: boolean;
};

/** Why a token is not believed. */
export type TokenRefusal = {
  readonly kind:
    | "malformed"
    | "expired"
    | "wrong-audience"
    | "wrong-issuer"
    | "unverified"
    | "forged"
    | "missing"
    | "disagreeing";
  readonly reason: string;
};

/**
 * Verifies ID tokens as Google makes them: signature, issuer, one of the audiences, time, and a
 * verified address.
 * Source: https://cloud.google.com/docs/authentication/token-types#id
 * @throws TransientError when the issuer's keys cannot be had.
 */
export type VerifyIdToken = (
  token: string,
  audiences: readonly string[],
) => Promise<Result<TokenHolder, TokenRefusal>>;

/** Source: https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload */
const Claims = z.object({
  aud: z.union([z.string().transform((audience) => [audience]), z.array(z.string())]),
  email: z.string().refine((email) => normalAddress(email) !== null),
  email_verified: z.literal(true),
  hd: z.string().min(1).optional(),
});

/** Makes the function that verifies tokens; it keeps the issuer's keys. Most functions never need it. */
export function idTokenVerifier(options: IdTokenOptions): VerifyIdToken {
  const opened = lazily(async () => {
    const library = await import("jose");
    const limits = { timeoutDuration: KEYS_TIMEOUT_MS };
    return { library, keys: library.createRemoteJWKSet(new URL(options.jwksUri), limits) };
  });
  return async (token, audiences) => {
    const { library, keys } = await opened();
    try {
      const { payload } = await library.jwtVerify(token, keys, {
        algorithms: ["RS256"],
        issuer: [...options.issuers],
        audience: [...audiences, ...options.peopleAudiences],
        requiredClaims: ["exp", "iat"],
        clockTolerance: CLOCK_SKEW_MAX_SECONDS,
        currentDate: new Date(options.clock.now()),
      });
      return holderOf(payload, audiences);
    } catch (error) {
      const refusal = judgeFailure(library, error, { wrongAudience: wrongAudience(audiences) });
      if (refusal === null) {
        const message = error instanceof Error ? error.message : String(error);
        throw new TransientError("UNAVAILABLE", `${options.jwksUri}: ${message}`, error);
      }
      return refused(refusal);
    }
  };
}

/**
 * Whom the claims of a token name, whose issuer, time and audience have been judged. A service account is believed
 * only with one of our own audiences: unlike a person, it can ask for any.
 */
export function holderOf(
  payload: Readonly<Record<string, unknown>>,
  audiences: readonly string[],
): Result<TokenHolder, TokenRefusal> {
  const claims = Claims.safeParse(payload);
  if (!claims.success) {
    return refused({ kind: "unverified", reason: NO_ADDRESS });
  }
  const { aud, email, hd } = claims.data;
  const isForUs = aud.some((audience) => audiences.includes(audience));
  return isForUs || !isMachine(email.trim())
    ? accepted({ email: email.trim().toLowerCase(), isManaged: hd !== undefined })
    : refused({ kind: "wrong-audience", reason: wrongAudience(audiences) });
}

const NO_ADDRESS =
  "the token has no verified e-mail address: ask for one with --include-email (gcloud) or id_token_include_email: true (google-github-actions/auth)";

/** Why a token for somebody else is not believed, and how to get another. */
export function wrongAudience(audiences: readonly string[]): string {
  const [wanted] = audiences;
  return wanted === undefined
    ? "the token is for another audience, and none is configured here: set SLIPWAY_AUDIENCES"
    : `the token is for another audience: a service account's is asked for with --audiences=${wanted}`;
}

/** Why a token was not verified; null: it was not judged, because the keys could not be had. */
export function judgeFailure(
  { errors }: typeof Library,
  error: unknown,
  words: { readonly wrongAudience: string },
): TokenRefusal | null {
  if (error instanceof errors.JWTExpired) {
    return { kind: "expired", reason: "the token has expired" };
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return claimRefusal(error, words);
  }
  if (
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JWKSNoMatchingKey
  ) {
    return { kind: "forged", reason: "the token is not signed with a key of its issuer" };
  }
  const isFormal =
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported;
  return isFormal ? { kind: "malformed", reason: "this is not an ID token" } : null;
}

function claimRefusal(
  { claim }: Library.errors.JWTClaimValidationFailed,
  words: { readonly wrongAudience: string },
): TokenRefusal {
  if (claim === "aud") {
    return { kind: "wrong-audience", reason: words.wrongAudience };
  }
  if (claim === "iss") {
    return { kind: "wrong-issuer", reason: "the token's issuer is not trusted" };
  }
  return { kind: "malformed", reason: `the token's claim ${claim} is not valid` };
}
