import type { Context, Hono } from "hono";
import { z } from "zod";
import { parseJson, readBody } from "../kit/body.ts";
import { toTimestamp } from "../kit/clock.ts";
import type { Clock } from "../kit/clock.ts";
import { checkNeeds, type Guard, identifyCaller } from "../kit/access/guard.ts";
import { type FaultPlan, runWithFaults } from "../kit/faults.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { ACCESS_LIFETIME_SECONDS, type AccessToken } from "./operations-access-tokens.ts";
import { isServiceAccount } from "./operations-tokens.ts";

/** Who makes tokens, and how they are guarded. */
export type Credentials = {
  readonly clock: Clock;
  readonly faults: FaultPlan;
  /** Undefined lets everybody have everybody's tokens. */
  readonly guard: Guard | undefined;
  readonly issue: (email: string, lifetimeSeconds: number) => AccessToken;
  readonly mint: (email: string, audience: string) => Promise<string>;
};

const AccessTokenBody = z.looseObject({
  scope: z.array(z.string()).min(1),
  lifetime: z
    .string()
    .regex(/^\d{1,5}s$/)
    .default(`${ACCESS_LIFETIME_SECONDS}s`),
});

const IdTokenBody = z.looseObject({ audience: z.string().min(1) });

/** A token of its own accord, for tests and people. */
const OwnBody = z.strictObject({
  email: z.string().regex(/^[^@\s]+@[^@\s]+$/),
  lifetimeSeconds: z.int().optional(),
});

/** What fault plans call the methods: those of the API by the permission that they need. */
const ISSUE = "identity/IssueAccessToken";
const SERVICE = "google.iam.credentials.v1.IAMCredentials";
const PERMISSIONS = ["getAccessToken", "getOpenIdToken"] as const;

/**
 * Adds `generateAccessToken` and `generateIdToken` of the IAM Service Account Credentials API, and `/accessToken`, by
 * which people and tests get an access token.
 * Source: https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts
 */
export function addCredentialsRoutes(app: Hono, credentials: Credentials): void {
  const { clock, faults, issue, mint } = credentials;
  faults.declare([ISSUE, ...PERMISSIONS.map((permission) => `${SERVICE}/${permission}`)]);
  app.post("/accessToken", async (c) =>
    runWithFaults({ clock, faults, method: ISSUE }, async () => {
      const { email, lifetimeSeconds } = parse(OwnBody, await readBody(c.req.raw));
      return c.json(issue(email, lifetimeSeconds ?? ACCESS_LIFETIME_SECONDS));
    }),
  );
  app.post("/v1/projects/:project/serviceAccounts/:target", async (c) => {
    const [email = "", verb = ""] = c.req.param("target").split(":");
    const text = await readBody(c.req.raw);
    switch (verb) {
      case "generateAccessToken":
        return answer(credentials, c, {
          email,
          permission: "getAccessToken",
          run: () => {
            const { lifetime } = parse(AccessTokenBody, text);
            const seconds = Number.parseInt(lifetime, 10);
            if (seconds < 1 || seconds > ACCESS_LIFETIME_SECONDS) {
              throw badRequest("lifetime", "The lifetime must be at most 3600 seconds.");
            }
            const expireTime = toTimestamp(clock.now() + seconds * 1000);
            return { accessToken: issue(email, seconds).access_token, expireTime };
          },
        });
      case "generateIdToken":
        return answer(credentials, c, {
          email,
          permission: "getOpenIdToken",
          run: async () => ({ token: await mint(email, parse(IdTokenBody, text).audience) }),
        });
      default:
        throw googleError("UNIMPLEMENTED", `The emulator does not implement ${verb}.`);
    }
  });
}

async function answer(
  { clock, faults, guard }: Credentials,
  c: Context,
  asked: {
    readonly email: string;
    readonly permission: (typeof PERMISSIONS)[number];
    readonly run: () => unknown;
  },
): Promise<Response> {
  const { email, permission, run } = asked;
  const method = `${SERVICE}/${permission}`;
  return runWithFaults({ clock, faults, method }, async () => {
    if (guard !== undefined) {
      const headers = c.req.header();
      const member = identifyCaller(guard, headers);
      const resource = `projects/-/serviceAccounts/${email}`;
      const needed = [{ permission: `iam.serviceAccounts.${permission}`, resource }];
      checkNeeds(guard, { member, headers, needed });
    }
    if (!isServiceAccount(email)) {
      throw googleError("NOT_FOUND", `Gaia id not found for email ${email}`);
    }
    return Response.json(await run());
  });
}

function parse<Schema extends z.ZodType>(schema: Schema, text: string): z.infer<Schema> {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) {
    return parsed.data;
  }
  const field = parsed.error.issues[0]?.path.join(".") ?? "";
  throw badRequest(field, `Invalid value at "${field}": ${parsed.error.issues[0]?.message ?? ""}`);
}
