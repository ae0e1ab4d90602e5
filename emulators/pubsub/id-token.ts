/** Makes an ID token for a service account and an audience. */
export type MintIdToken = (email: string, audience: string) => Promise<string>;

/** Whose token a request is to carry, for whom. */
export type TokenRequest = { readonly email: string; readonly audience: string };

/** The header with the token that is asked for, or null when nobody can make it. */
export async function authorize(
  { email, audience }: TokenRequest,
  mintIdToken: MintIdToken | undefined,
): Promise<Readonly<Record<string, string>> | null> {
  try {
    const token = await mintIdToken?.(email, audience);
    return token === undefined ? null : { authorization: `Bearer ${token}` };
  } catch {
    // The service sends nothing without the token either; the message is tried again later.
    return null;
  }
}
