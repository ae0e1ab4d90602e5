import type { JWK } from "jose";
import { type Clock, realClock } from "../kit/clock.ts";
import { faultPlan } from "../kit/faults.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import { addRestTable } from "../kit/rest-table.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { type AccessToken, accessTokens } from "./access-tokens.ts";
import { type Group, groupMethods, isInGroup, toGroups } from "./groups.ts";
import { keptSigningKey, mintToken, type TokenRequest, toSubject } from "./id-tokens.ts";
import { credentialsMethods, openMethods } from "./token-methods.ts";

/** How the issuer runs. What is kept is the key, and for whom it made tokens, so that tokens outlive a restart. */
export type IdentityOptions = EmulatorOptions & {
  /** The groups of Cloud Identity; none when left out. */
  readonly groups?: readonly Group[] | undefined;
  /** The claim `iss`; the server's own URL when left out. */
  readonly issuer?: string | undefined;
  /**
   * The clock by which access tokens last; the emulator's own when left out. Google's clients ask for another token by the
   * clock of their machine, so where the emulator's is moved, it must be that one.
   */
  readonly machineClock?: Clock | undefined;
};

/** An issuer that runs. */
export type Identity = RunningServer & {
  /** The claim `iss` of its tokens. */
  readonly issuer: string;
  /** The public keys, as `url`/certs serves them. */
  readonly keys: readonly JWK[];
  /** Makes an ID token. */
  readonly mint: (request: TokenRequest) => Promise<string>;
  /** The account of a subject for which a token was made; null when there is none. */
  readonly accountOf: (subject: string) => string | null;
  /** Issues an access token, for an hour unless it says otherwise. */
  readonly accessToken: (email: string, lifetimeSeconds?: number) => AccessToken;
  /** Replaces the groups. */
  readonly setGroups: (groups: readonly Group[]) => void;
};

const CREDENTIALS = "iamcredentials.googleapis.com";
const STORE_NAME = "identity";

/** Starts an issuer of ID tokens together with the part of Cloud Identity that resolves groups. */
export async function startIdentity(options: IdentityOptions = {}): Promise<Identity> {
  const { clock = realClock(), faults = faultPlan(), access } = options;
  const { persistence, machineClock = clock } = options;
  const { keys, accounts } = keepMaps(persistence, STORE_NAME, {
    keys: new Map<string, JWK>(),
    accounts: new Map<string, string>(),
  });
  const key = await keptSigningKey(keys);
  const initial = options.groups ?? [];
  let groups = toGroups(initial);
  const { issue, identify } = accessTokens(key.privateJwk.d ?? "", machineClock);
  access?.use({
    identify,
    isInGroup: (group, address) => isInGroup(groups, group, address),
  });
  // The address is known only once the server runs; no request can arrive before that.
  let { issuer = "" } = options;
  const mint = async (request: TokenRequest): Promise<string> => {
    accounts.set(toSubject(request.email), request.email.toLowerCase());
    return mintToken({ key, issuer, nowMs: clock.now() }, request);
  };
  const credentials = { issue, mint, keys: [key.publicJwk] };
  const around = { clock, faults };
  const server = await serve({
    ...options,
    ...around,
    http: (app) => {
      const guard = access === undefined ? undefined : { access, service: CREDENTIALS };
      addRestTable(app, credentialsMethods(credentials), { ...around, guard });
      const others = [...openMethods(credentials), ...groupMethods(() => groups)];
      addRestTable(app, others, { ...around, guard: undefined });
    },
  });
  issuer = options.issuer ?? server.url;
  return {
    ...server,
    issuer,
    keys: [key.publicJwk],
    mint,
    accountOf: (subject) => accounts.get(subject) ?? null,
    accessToken: issue,
    setGroups: (next) => {
      groups = toGroups(next);
    },
    reset: () => {
      groups = toGroups(initial);
    },
  };
}
