import type { Hono } from "hono";
import type { JWK } from "jose";
import { z } from "zod";
import { parseJson, readBody } from "../kit/body.ts";
import { checked } from "../kit/checked.ts";
import { type Clock, realClock } from "../kit/clock.ts";
import { faultPlan, type FaultPlan, runWithFaults } from "../kit/faults.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import { addRestTable } from "../kit/rest-table.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { addAccessTokenRoute, credentialsMethods } from "./credentials-routes.ts";
import { groupMethods } from "./group-methods.ts";
import {
  ACCESS_LIFETIME_SECONDS,
  type AccessToken,
  accessTokens,
} from "./operations-access-tokens.ts";
import { type Group, isInGroup, toGroups } from "./operations-groups.ts";
import {
  createSigningKey,
  discovery,
  LIFETIME_SECONDS,
  mintToken,
  restoreSigningKey,
  type SigningKey,
  type TokenRequest,
  toSubject,
} from "./operations-tokens.ts";

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
  /** The claim `iss` of its tokens; discovery is under `url`. */
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

const TokenBody = z.strictObject({
  email: z.string().regex(/^[^@\s]+@[^@\s]+$/),
  audience: z.string().min(1),
  lifetimeSeconds: z.int().optional(),
  claims: z.record(z.string(), z.unknown()).optional(),
});

/** Starts an issuer of ID tokens together with the part of Cloud Identity that resolves groups. */
export async function startIdentity(options: IdentityOptions = {}): Promise<Identity> {
  const { clock = realClock(), faults = faultPlan(), access } = options;
  const { persistence, machineClock = clock } = options;
  const { keys, accounts } = keepMaps(persistence, STORE_NAME, {
    keys: new Map<string, JWK>(),
    accounts: new Map<string, string>(),
  });
  const key = await loadKey(keys);
  const initial = options.groups ?? [];
  let groups = toGroups(initial);
  const tokens = accessTokens(key.privateJwk.d ?? "");
  const issue = (email: string, seconds: number = ACCESS_LIFETIME_SECONDS): AccessToken =>
    tokens.issue(email, seconds, machineClock.now());
  access?.use({
    identify: (token) => tokens.identify(token, machineClock.now()),
    isInGroup: (group, address) => isInGroup(groups, group, address),
  });
  // The address is known only once the server runs; no request can arrive before that.
  const address = { url: "", issuer: "" };
  const mint = async (request: TokenRequest): Promise<string> => {
    accounts.set(toSubject(request.email), request.email.toLowerCase());
    return mintToken({ key, issuer: address.issuer, nowMs: clock.now() }, request);
  };
  const server = await serve({
    ...options,
    clock,
    faults,
    http: (app) => {
      addTokenRoutes(app, { key, address, mint, guard: { clock, faults } });
      addAccessTokenRoute(app, { issue }, { clock, faults });
      const guard = access === undefined ? undefined : { access, service: CREDENTIALS };
      addRestTable(app, credentialsMethods({ issue, mint }), { clock, faults, guard });
      addRestTable(
        app,
        groupMethods(() => groups),
        { clock, faults, guard: undefined },
      );
    },
  });
  address.url = server.url;
  address.issuer = options.issuer ?? server.url;
  return {
    ...server,
    issuer: address.issuer,
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

type Tokens = {
  readonly key: SigningKey;
  readonly address: { readonly url: string; readonly issuer: string };
  readonly mint: (request: TokenRequest) => Promise<string>;
  readonly guard: { readonly clock: Clock; readonly faults: FaultPlan };
};

const METHODS = {
  discovery: "identity/GetDiscovery",
  keys: "identity/GetKeys",
  mint: "identity/MintToken",
} as const;

function addTokenRoutes(app: Hono, { key, address, mint, guard }: Tokens): void {
  guard.faults.declare(Object.values(METHODS));
  app.get("/.well-known/openid-configuration", async (c) =>
    runWithFaults({ ...guard, method: METHODS.discovery }, () =>
      c.json(discovery(address.issuer, address.url)),
    ),
  );
  app.get("/certs", async (c) =>
    runWithFaults({ ...guard, method: METHODS.keys }, () => c.json({ keys: [key.publicJwk] })),
  );
  app.post("/token", async (c) =>
    runWithFaults({ ...guard, method: METHODS.mint }, async () => {
      const request = checked(TokenBody, parseJson(await readBody(c.req.raw)));
      const { lifetimeSeconds = LIFETIME_SECONDS } = request;
      return c.json({
        id_token: await mint(request),
        token_type: "Bearer",
        expires_in: lifetimeSeconds,
      });
    }),
  );
}

async function loadKey(keys: Map<string, JWK>): Promise<SigningKey> {
  const stored = await restoreSigningKey(keys.get("private"));
  if (stored !== null) {
    return stored;
  }
  const key = await createSigningKey();
  keys.set("private", key.privateJwk);
  return key;
}
