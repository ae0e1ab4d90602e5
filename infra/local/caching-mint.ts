import type { TokenRequest } from "../../emulators/identity/id-tokens.ts";
import type { Clock } from "../../emulators/kit/clock.ts";

/** How long a token is sent along again, of the hour for which it is good. */
const FRESH_MS = 30 * 60_000;

/** Makes tokens as senders of Google's do, which send the same one for a while. */
export function cachingMint(
  mint: (request: TokenRequest) => Promise<string>,
  clock: Clock,
): (email: string, audience: string) => Promise<string> {
  const made = new Map<string, { readonly token: Promise<string>; readonly untilMs: number }>();
  return async (email, audience) => {
    const key = `${email} ${audience}`;
    const known = made.get(key);
    if (known !== undefined && clock.now() < known.untilMs) {
      return known.token;
    }
    const token = mint({ email, audience });
    made.set(key, { token, untilMs: clock.now() + FRESH_MS });
    return token;
  };
}
