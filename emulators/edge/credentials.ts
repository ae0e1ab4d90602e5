import { createLocalJWKSet, jwtVerify, type JWK } from "jose";
import type { Clock } from "../kit/clock.ts";
import { isRecord } from "../kit/json.ts";

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

/** How many tokens that were believed are remembered; the oldest go first. */
const REMEMBERED_MAX = 500;

type Believed = { readonly email: string; readonly audience: string; readonly untilMs: number };

/**
 * Reads the token of a request as Cloud Run does: that of `X-Serverless-Authorization` if there is one, else that of
 * `Authorization`.
 * Source: https://cloud.google.com/run/docs/authenticating/service-to-service
 */
export function tokenReader(issuer: TokenIssuer, clock: Clock): ReadShown {
  const keys = createLocalJWKSet({ keys: [...issuer.keys] });
  const believed = new Map<string, Believed>();
  async function verify(token: string): Promise<Believed | null> {
    const known = believed.get(token);
    if (known !== undefined && clock.now() < known.untilMs) {
      return known;
    }
    const read = await verifySigned(token, { keys, issuer, clock });
    if (read !== null) {
      believed.set(token, read);
      const [oldest] = believed.keys();
      if (believed.size > REMEMBERED_MAX && oldest !== undefined) {
        believed.delete(oldest);
      }
    }
    return read;
  }
  return async (headers, audiences) => {
    const value = headers[credentialHeader(headers)];
    const [, token] = /^Bearer (\S+)$/i.exec(typeof value === "string" ? value.trim() : "") ?? [];
    if (token === undefined) {
      return { kind: "nothing" };
    }
    const read = await verify(token);
    return read !== null && isFor(read.audience, audiences)
      ? { kind: "account", email: read.email }
      : { kind: "invalid" };
  };
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

async function verifySigned(
  token: string,
  {
    keys,
    issuer,
    clock,
  }: {
    readonly keys: ReturnType<typeof createLocalJWKSet>;
    readonly issuer: TokenIssuer;
    readonly clock: Clock;
  },
): Promise<Believed | null> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ["RS256"],
      issuer: issuer.issuer,
      requiredClaims: ["exp", "iat", "aud"],
      currentDate: new Date(clock.now()),
    });
    const account = toAccount(payload, issuer);
    const audience = typeof payload.aud === "string" ? payload.aud : (payload.aud?.[0] ?? "");
    return account === null
      ? null
      : { email: account, audience, untilMs: (payload.exp ?? 0) * 1000 };
  } catch {
    return null;
  }
}

/** Cloud Run knows an account by its number; an address is not asked for. */
function toAccount(payload: unknown, { accountOf }: TokenIssuer): string | null {
  if (!isRecord(payload)) {
    return null;
  }
  const { email, sub } = payload;
  return typeof email === "string" ? email : accountOf(typeof sub === "string" ? sub : "");
}
