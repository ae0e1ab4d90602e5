import { z } from "zod";
import { isMachine, normalAddress } from "../domain/principal.ts";
import { accepted, refused } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import type { Clock } from "../ports/clock.ts";
import { TransientError } from "../ports/errors.ts";
import { lazily } from "./grpc-endpoint.ts";
import { judgeFailure } from "./id-token.ts";
import type { TokenHolder, TokenRefusal } from "./id-token.ts";

/** The header that Identity-Aware Proxy sets on each request that it lets through. */
export const IAP_HEADER = "x-goog-iap-jwt-assertion";

const ISSUER = "https://cloud.google.com/iap";

/** How far the proxy's clock and ours may be apart: Google's page names 30 seconds. */
const SKEW_SECONDS = 30;

/** How long the proxy's keys are waited for. */
const KEYS_TIMEOUT_MS = 5000;

/** Which assertions are believed. */
export type IapOptions = {
  /** Such as `/projects/123456789012/locations/us-central1/services/web`; empty: none is believed. */
  readonly audiences: readonly string[];
  readonly jwksUri: string;
  readonly clock: Clock;
};

/**
 * Says whom Identity-Aware Proxy has let through, by its signed header alone: its other headers anybody can write
 * who gets past it.
 * @throws TransientError when the proxy's keys cannot be had.
 */
export type ReadAssertion = (
  assertion: string | undefined,
) => Promise<Result<TokenHolder, TokenRefusal>>;

/**
 * The proxy also lets in people whom others than Google know, under whatever address they chose there. Only
 * Google's own accounts have their address verified, which `sub` tells.
 */
const Claims = z.object({
  sub: z.string().startsWith("accounts.google.com:"),
  email: z.string().refine((email) => normalAddress(email) !== null && !isMachine(email)),
  hd: z.string().min(1).optional(),
});

/**
 * Makes the function that verifies assertions; it keeps the proxy's keys, and asks for them again when it meets one
 * that it does not know.
 * Source: https://cloud.google.com/iap/docs/signed-headers-howto
 */
export function assertionReader(options: IapOptions): ReadAssertion {
  const opened = lazily(async () => {
    const library = await import("jose");
    const limits = { timeoutDuration: KEYS_TIMEOUT_MS };
    return { library, keys: library.createRemoteJWKSet(new URL(options.jwksUri), limits) };
  });
  return async (assertion) => {
    if (assertion === undefined) {
      return refused({ kind: "missing", reason: NO_ASSERTION });
    }
    if (options.audiences.length === 0) {
      return refused({ kind: "wrong-audience", reason: NO_AUDIENCE });
    }
    const { library, keys } = await opened();
    try {
      const { payload } = await library.jwtVerify(assertion, keys, {
        algorithms: ["ES256"],
        issuer: ISSUER,
        audience: [...options.audiences],
        requiredClaims: ["exp", "iat"],
        clockTolerance: SKEW_SECONDS,
        currentDate: new Date(options.clock.now()),
      });
      return holderOf(payload);
    } catch (error) {
      const refusal = judgeFailure(library, error, { wrongAudience: WRONG_AUDIENCE });
      if (refusal === null) {
        const message = error instanceof Error ? error.message : String(error);
        throw new TransientError("UNAVAILABLE", `${options.jwksUri}: ${message}`, error);
      }
      return refused(refusal);
    }
  };
}

const NO_ASSERTION =
  "Identity-Aware Proxy did not let this request through: turn it on for the function web";
const NO_AUDIENCE = "no audience of Identity-Aware Proxy is configured: set SLIPWAY_IAP_AUDIENCES";
const WRONG_AUDIENCE =
  "the assertion is for another service: SLIPWAY_IAP_AUDIENCES must name the audience of the one that Identity-Aware Proxy protects";
const NO_ACCOUNT = "the assertion names no person's Google account: sign in with one";

function holderOf(payload: object): Result<TokenHolder, TokenRefusal> {
  const claims = Claims.safeParse(payload);
  if (!claims.success) {
    return refused({ kind: "unverified", reason: NO_ACCOUNT });
  }
  const { email, hd } = claims.data;
  return accepted({ email: email.trim().toLowerCase(), isManaged: hd !== undefined });
}
