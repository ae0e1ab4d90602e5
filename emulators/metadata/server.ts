import type { Context, Hono } from "hono";
import { realClock } from "../kit/clock.ts";
import { faultPlan, runWithFaults } from "../kit/faults.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";

/** Whose tokens the server gives, and what it knows of the place. */
export type MetadataOptions = Pick<EmulatorOptions, "clock" | "faults" | "port"> & {
  /** The account as which the programs run that ask here. */
  readonly email: string;
  readonly project: { readonly projectId: string; readonly number: string };
  readonly region: string;
  readonly accessToken: (email: string) => {
    readonly access_token: string;
    readonly expires_in: number;
    readonly token_type: string;
  };
  readonly mint: (request: {
    readonly email: string;
    readonly audience: string;
  }) => Promise<string>;
};

const BASE = "/computeMetadata/v1";
const FLAVOR = { name: "metadata-flavor", value: "Google" };

/** What the default account may be asked for; nothing is kept from it by scopes. */
const SCOPE = "https://www.googleapis.com/auth/cloud-platform";

/**
 * Starts a metadata server for one account: programs that are started with `GCE_METADATA_HOST=127.0.0.1:PORT` run as it.
 * Source: https://cloud.google.com/run/docs/container-contract#metadata-server
 * @throws Error when the port is taken.
 */
export async function startMetadata(options: MetadataOptions): Promise<RunningServer> {
  const { clock = realClock(), faults = faultPlan(), port } = options;
  return serve({
    clock,
    faults,
    port,
    http: (app) => {
      app.use("*", async (c, next) => {
        await next();
        c.header("Metadata-Flavor", FLAVOR.value);
      });
      app.get("/", (c) => c.text("computeMetadata/"));
      app.use(`${BASE}/*`, async (c, next) => {
        if (
          c.req.header(FLAVOR.name) !== FLAVOR.value ||
          c.req.header("x-forwarded-for") !== undefined
        ) {
          return c.text("Missing Metadata-Flavor:Google header.", 403);
        }
        return runWithFaults({ clock, faults, method: `metadata${c.req.path}` }, next);
      });
      addAccountRoutes(app, options);
      addPlaceRoutes(app, options);
      app.all("*", (c) => c.text("Not Found", 404));
    },
  });
}

function addAccountRoutes(app: Hono, { email, accessToken, mint }: MetadataOptions): void {
  for (const account of ["default", email]) {
    const base = `${BASE}/instance/service-accounts/${account}`;
    app.get(`${base}/email`, (c) => c.text(email));
    app.get(`${base}/scopes`, (c) => c.text(SCOPE));
    app.get(`${base}/token`, (c) => c.json(accessToken(email)));
    app.get(`${base}/identity`, async (c) => {
      const audience = c.req.query("audience") ?? "";
      return audience === ""
        ? c.text("non-empty audience parameter required", 400)
        : c.text(await mint({ email, audience }));
    });
    app.get(`${base}/`, (c) => c.json({ aliases: ["default"], email, scopes: [SCOPE] }));
  }
  const accounts = `${BASE}/instance/service-accounts`;
  app.get(`${accounts}/`, (c: Context) => c.text(`default/\n${email}/\n`));
}

function addPlaceRoutes(app: Hono, { project, region }: MetadataOptions): void {
  app.get(`${BASE}/instance`, (c) => c.text("region\nservice-accounts/\n"));
  app.get(`${BASE}/instance/region`, (c) => c.text(`projects/${project.number}/regions/${region}`));
  app.get(`${BASE}/project/project-id`, (c) => c.text(project.projectId));
  app.get(`${BASE}/project/numeric-project-id`, (c) => c.text(project.number));
  app.get(`${BASE}/universe/universe-domain`, (c) => c.text("googleapis.com"));
}
