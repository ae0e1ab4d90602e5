import { createLocalJWKSet, jwtVerify, type JWK } from "jose";
import type { Clock } from "../kit/clock.ts";

/** Whose ID tokens are believed. */
export type TokenIssuer = {
  /** The claim `iss`. */
  readonly issuer: string;
  readonly keys: readonly JWK[];
  /** The account of a subject, for tokens without an address; null when it is not known. */
  readonly accountOf: (subject: string) => string | null;
};

/** What a request shows of its caller. */
export type Shown =
  | { readonly kind: "nothing" }
  | { readonly kind: "invalid" }
  | { readonly kind: "account"; readonly email: string };

/** Says who shows a token for one of the audiences. */
export type ReadShown = (
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  audiences: readonly string[],
) => Promise<Shown>;

/** What stands in place of a signature that has been checked. */
const REMOVED = "SIGNATURE_REMOVED_BY_GOOGLE";

/** The client of gcloud: what its tokens of people are for. Source: https://cloud.google.com/run/docs/authenticating/developers */
const GCLOUD = "32555940559.apps.googleusercontent.com";

/**
 * Reads the token of a request as Cloud Run does: that of `X-Serverless-Authorization` if there is one, else that of
 * `Authorization`.
 * Source: https://cloud.google.com/run/docs/authenticating/service-to-service
 */
export function tokenReader(issuer: TokenIssuer, clock: Clock): ReadShown {
  const keys = createLocalJWKSet({ keys: [...issuer.keys] });
  return async (headers, audiences) => {
    const token = tokenOf(headers);
    if (token === undefined) {
      return { kind: "nothing" };
    }
    const verified = await jwtVerify(token, keys, {
      algorithms: ["RS256"],
      issuer: issuer.issuer,
      requiredClaims: ["exp", "iat", "aud"],
      currentDate: new Date(clock.now()),
    }).catch(() => null);
    const { aud = [], sub = "", email } = verified?.payload ?? {};
    const [audience = ""] = [aud].flat();
    if (!isFor(audience, audiences)) {
      return { kind: "invalid" };
    }
    // Cloud Run knows an account by its number; an address is not asked for.
    const account = typeof email === "string" ? email : issuer.accountOf(sub);
    return account === null ? { kind: "invalid" } : { kind: "account", email: account };
  };
}

function tokenOf(headers: Parameters<ReadShown>[0]): string | undefined {
  const value = headers[credentialHeader(headers)];
  return /^Bearer (\S+)$/i.exec(typeof value === "string" ? value.trim() : "")?.[1];
}

/** The header whose token Cloud Run checks; the other it hands on as it came. */
export function credentialHeader(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): "authorization" | "x-serverless-authorization" {
  return headers["x-serverless-authorization"] === undefined
    ? "authorization"
    : "x-serverless-authorization";
}

/** A header's token without its signature. Source: https://cloud.google.com/run/docs/troubleshooting#signature-removed */
export function withoutSignature(header: string): string {
  return header.replace(/^(\s*Bearer [^.\s]+\.[^.\s]+)\.\S+\s*$/i, `$1.${REMOVED}`);
}

/** A token may be for the service's URL, with or without a slash, or for an address below it, as Pub/Sub's are. */
function isFor(audience: string, audiences: readonly string[]): boolean {
  return (
    audience === GCLOUD ||
    audiences.some((own) => audience === own || audience.startsWith(`${own.replace(/\/$/, "")}/`))
  );
}
