import { accepted, refused } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import { idTokenVerifier } from "./id-token.ts";
import type { IdTokenOptions, TokenHolder, TokenRefusal } from "./id-token.ts";
import { isStripped, readStripped } from "./stripped-token.ts";

/** What a request carries of its caller: the values of the two headers that Cloud Run reads. */
export type Credentials = {
  readonly authorization: string | undefined;
  /** `X-Serverless-Authorization` */
  readonly serverless: string | undefined;
};

/** Whose tokens are believed, and whether Cloud Run has checked them before. */
export type CallerOptions = IdTokenOptions & {
  /** Whether every request has passed Cloud Run's own check of the caller. */
  readonly isEdgeChecked: boolean;
};

/**
 * Says who calls, by the ID tokens of a request.
 * @throws TransientError when a signature must be verified and the issuer's keys cannot be had.
 */
export type ReadCaller = (
  credentials: Credentials,
  audiences: readonly string[],
) => Promise<Result<TokenHolder, TokenRefusal>>;

/**
 * Makes the function that says who calls. Cloud Run checks one token, that of `X-Serverless-Authorization` if there
 * is one, and removes its signature; the other header it hands on as it came. So a token without a signature is
 * believed only in that one place, and only where the installation says that Cloud Run's check stands before us. Every
 * other token is believed by its signature, and a request's two tokens must name the same account.
 * Source: https://cloud.google.com/run/docs/authenticating/service-to-service
 */
export function callerReader(options: CallerOptions): ReadCaller {
  const verifySigned = idTokenVerifier(options);

  async function readFirst(
    token: string,
    audiences: readonly string[],
  ): Promise<Result<TokenHolder, TokenRefusal>> {
    if (!isStripped(token)) {
      return verifySigned(token, audiences);
    }
    return options.isEdgeChecked
      ? readStripped(token, { ...options, audiences })
      : refused({ kind: "forged", reason: STRIPPED_UNASKED });
  }

  return async ({ authorization, serverless }, audiences) => {
    const [first, second] = [serverless, authorization]
      .filter((header) => header !== undefined)
      .map(bearerOf);
    if (first === undefined) {
      return refused({ kind: "missing", reason: "there is no ID token" });
    }
    const holder = await readFirst(first, audiences);
    if (second === undefined || !holder.ok || isSameToken(first, second)) {
      return holder;
    }
    const other = await verifySigned(second, audiences);
    if (!other.ok) {
      return other;
    }
    return other.value.email === holder.value.email
      ? accepted(holder.value)
      : refused({ kind: "disagreeing", reason: DISAGREEING });
  };
}

const STRIPPED_UNASKED =
  "the token's signature was removed: where Cloud Run's check of callers stands before this function, set SLIPWAY_EDGE=checked";
const DISAGREEING =
  "Authorization and X-Serverless-Authorization name two accounts: send one token, or the same in both";

/** The token of a header; what is none of the scheme Bearer is no token, and is refused as one. */
function bearerOf(header: string): string {
  return /^Bearer (\S+)$/i.exec(header.trim())?.[1] ?? "";
}

/** Whether what is signed is the same, byte for byte: then one check was of both. */
function isSameToken(first: string, second: string): boolean {
  return first !== "" && signedPart(first) === signedPart(second);
}

function signedPart(token: string): string {
  return token.slice(0, token.lastIndexOf("."));
}
