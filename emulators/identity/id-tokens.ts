import { createHash } from "node:crypto";
import {
  exportJWK,
  generateKeyPair,
  calculateJwkThumbprint,
  importJWK,
  type JWK,
  SignJWT,
} from "jose";

/** Whose token to make, for whom. */
export type TokenRequest = {
  readonly email: string;
  /** Who may accept the token, such as the URL of a function. */
  readonly audience: string;
  /** 3600 when left out; negative for a token that has expired already. */
  readonly lifetimeSeconds?: number | undefined;
  /** Claims to add, or to replace the usual ones with. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
};

/** The issuer's key pair, as it is kept, and the half that everybody may see. */
export type SigningKey = { readonly privateJwk: JWK; readonly publicJwk: JWK };

/** Who issues a token, and when. */
export type Issuing = {
  readonly key: SigningKey;
  /** The claim `iss`. */
  readonly issuer: string;
  readonly nowMs: number;
};

/** How long Google's ID and access tokens last. Source: https://cloud.google.com/docs/authentication/token-types */
export const LIFETIME_SECONDS = 3600;

const ALGORITHM = "RS256";

/** The key pair of a map in which it is kept, made where there is none. Its id is the key's thumbprint. */
export async function keptSigningKey(keys: Map<string, JWK>): Promise<SigningKey> {
  const kept = keys.get("private");
  if (kept !== undefined) {
    return toSigningKey(kept);
  }
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const made = await toSigningKey(await exportJWK(privateKey));
  keys.set("private", made.privateJwk);
  return made;
}

/**
 * Makes an ID token with the claims that Google's have.
 * Source: https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload
 */
export async function mintToken(issuing: Issuing, request: TokenRequest): Promise<string> {
  const { email, audience, lifetimeSeconds = LIFETIME_SECONDS, claims } = request;
  const issuedAt = Math.floor(issuing.nowMs / 1000);
  const subject = toSubject(email);
  const payload = {
    iss: issuing.issuer,
    aud: audience,
    azp: subject,
    sub: subject,
    email,
    email_verified: true,
    ...hostedDomain(email),
    iat: issuedAt,
    exp: issuedAt + lifetimeSeconds,
    ...claims,
  };
  const { privateJwk, publicJwk } = issuing.key;
  return new SignJWT(payload)
    .setProtectedHeader({ alg: ALGORITHM, kid: publicJwk.kid ?? "", typ: "JWT" })
    .sign(await importJWK(privateJwk, ALGORITHM));
}

/** The domain of an organisation's account; neither consumers' accounts nor service accounts have the claim. */
function hostedDomain(email: string): { readonly hd?: string } {
  const domain = email.toLowerCase().slice(email.indexOf("@") + 1);
  const isHosted =
    !["gmail.com", "googlemail.com"].includes(domain) && !isServiceAccount(email.toLowerCase());
  return isHosted ? { hd: domain } : {};
}

/** Whether an address is a service account's and no person's. */
export function isServiceAccount(email: string): boolean {
  return email.endsWith(".gserviceaccount.com");
}

/** The number by which Google knows an account; 21 digits, always the same for one e-mail address. */
export function toSubject(email: string): string {
  const digest = createHash("sha256").update(email.toLowerCase()).digest("hex");
  return `1${(BigInt(`0x${digest}`) % 10n ** 20n).toString().padStart(20, "0")}`;
}

/** The public half has these fields and no others, so that nothing of the private one can slip in. */
async function toSigningKey(jwk: JWK): Promise<SigningKey> {
  const kid = await calculateJwkThumbprint(jwk);
  const { kty = "", n = "", e = "" } = jwk;
  return {
    privateJwk: { ...jwk, kid },
    publicJwk: { alg: ALGORITHM, use: "sig", kid, kty, n, e },
  };
}
