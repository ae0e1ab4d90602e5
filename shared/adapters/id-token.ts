import type * as Library from "jose";
import type { JWTPayload } from "jose";
import { z } from "zod";

import { normalAddress } from "../domain/principal.ts";
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
    | "forged";
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
        audience: [...audiences],
        requiredClaims: ["exp", "iat"],
        clockTolerance: CLOCK_SKEW_MAX_SECONDS,
        currentDate: new Date(options.clock.now()),
      });
      return holderOf(payload);
    } catch (error) {
      const refusal = refusalOf(library, error);
      if (refusal === null) {
        const message = error instanceof Error ? error.message : String(error);
        throw new TransientError("UNAVAILABLE", `${options.jwksUri}: ${message}`, error);
      }
      return refused(refusal);
    }
  };
}

function holderOf(payload: JWTPayload): Result<TokenHolder, TokenRefusal> {
  const claims = Claims.safeParse(payload);
  return claims.success
    ? accepted({
        email: claims.data.email.trim().toLowerCase(),
        isManaged: claims.data.hd !== undefined,
      })
    : refused({ kind: "unverified", reason: "the token has no verified e-mail address" });
}

/** Null: the token was not judged, because the keys could not be had. */
function refusalOf({ errors }: typeof Library, error: unknown): TokenRefusal | null {
  if (error instanceof errors.JWTExpired) {
    return { kind: "expired", reason: "the token has expired" };
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return claimRefusal(error);
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

function claimRefusal({ claim }: Library.errors.JWTClaimValidationFailed): TokenRefusal {
  if (claim === "aud") {
    return { kind: "wrong-audience", reason: "the token is for another audience" };
  }
  if (claim === "iss") {
    return { kind: "wrong-issuer", reason: "the token's issuer is not trusted" };
  }
  return { kind: "malformed", reason: `the token's claim ${claim} is not valid` };
}
