import type { Hono } from "hono";
import { z } from "zod";
import { type Rule, textAt } from "../kit/access/rules.ts";
import { parseJson, readBody } from "../kit/body.ts";
import { checked } from "../kit/checked.ts";
import { type Clock, toTimestamp } from "../kit/clock.ts";
import { type FaultPlan, runWithFaults } from "../kit/faults.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { type RestMethod, taking } from "../kit/rest-table.ts";
import { ACCESS_LIFETIME_SECONDS, type AccessToken } from "./operations-access-tokens.ts";
import { isServiceAccount, type TokenRequest } from "./operations-tokens.ts";

/** Who makes tokens. */
export type Credentials = {
  readonly issue: (email: string, lifetimeSeconds: number) => AccessToken;
  readonly mint: (request: TokenRequest) => Promise<string>;
};

const delegates = z.array(z.string()).optional();

const AccessTokenRequest = z.strictObject({
  name: z.string(),
  delegates,
  scope: z.array(z.string()).min(1),
  lifetime: z
    .string()
    .regex(/^\d{1,5}s$/)
    .default(`${ACCESS_LIFETIME_SECONDS}s`),
});

const IdTokenRequest = z.strictObject({
  name: z.string(),
  delegates,
  audience: z.string().min(1),
  includeEmail: z.boolean().optional(),
  organizationNumberIncluded: z.boolean().optional(),
});

/** A token of its own accord, for tests and people. */
const OwnBody = z.strictObject({
  email: z.string().regex(/^[^@\s]+@[^@\s]+$/),
  lifetimeSeconds: z.int().optional(),
});

const ISSUE = "identity/IssueAccessToken";

/** Fault plans call the methods by the permission that they need. */
const SERVICE = "google.iam.credentials.v1.IAMCredentials";
const ACCOUNT = "/v1/{name=projects/*/serviceAccounts/*}";

/**
 * `generateAccessToken` and `generateIdToken` of the IAM Service Account Credentials API.
 * Source: https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts
 */
export function credentialsMethods({ issue, mint }: Credentials): readonly RestMethod[] {
  return [
    {
      name: `${SERVICE}/getAccessToken`,
      at: ["POST", `${ACCOUNT}:generateAccessToken`],
      needs: onAccount("getAccessToken"),
      takes: taking(AccessTokenRequest, ({ name, lifetime }, { nowMs }) => {
        const email = requireAccount(name);
        const seconds = Number.parseInt(lifetime, 10);
        if (seconds < 1 || seconds > ACCESS_LIFETIME_SECONDS) {
          throw badRequest("lifetime", "The lifetime must be at most 3600 seconds.");
        }
        const expireTime = toTimestamp(nowMs + seconds * 1000);
        return { accessToken: issue(email, seconds).access_token, expireTime };
      }),
    },
    {
      name: `${SERVICE}/getOpenIdToken`,
      at: ["POST", `${ACCOUNT}:generateIdToken`],
      needs: onAccount("getOpenIdToken"),
      takes: taking(IdTokenRequest, async ({ name, audience }) => ({
        token: await mint({ email: requireAccount(name), audience }),
      })),
    },
  ];
}

/** Adds `/accessToken`, by which people and tests get an access token. */
export function addAccessTokenRoute(
  app: Hono,
  { issue }: Pick<Credentials, "issue">,
  { clock, faults }: { readonly clock: Clock; readonly faults: FaultPlan },
): void {
  faults.declare([ISSUE]);
  app.post("/accessToken", async (c) =>
    runWithFaults({ clock, faults, method: ISSUE }, async () => {
      const { email, lifetimeSeconds } = checked(OwnBody, parseJson(await readBody(c.req.raw)));
      return c.json(issue(email, lifetimeSeconds ?? ACCESS_LIFETIME_SECONDS));
    }),
  );
}

function onAccount(verb: string): Rule {
  return (request) => {
    const resource = `projects/-/serviceAccounts/${addressIn(textAt(request, "name"))}`;
    return [{ permission: `iam.serviceAccounts.${verb}`, resource }];
  };
}

/** @throws GoogleError NOT_FOUND for an address that no service account can have */
function requireAccount(name: string): string {
  const email = addressIn(name);
  if (!isServiceAccount(email)) {
    throw googleError("NOT_FOUND", `Gaia id not found for email ${email}`);
  }
  return email;
}

function addressIn(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
