import { type RunningServer, serve } from "../kit/server.ts";

/** Whose tokens the server gives. */
export type MetadataOptions = {
  /** The account as which the programs run that ask here. */
  readonly email: string;
  readonly projectId: string;
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
const ACCOUNT = `${BASE}/instance/service-accounts/default`;

/**
 * Starts a metadata server for one account: programs that are started with `GCE_METADATA_HOST=127.0.0.1:PORT` run as it.
 * Source: https://cloud.google.com/run/docs/container-contract#metadata-server
 */
export async function startMetadata(options: MetadataOptions): Promise<RunningServer> {
  const { email, projectId, accessToken, mint } = options;
  return serve({
    http: (app) => {
      app.use("*", async (c, next) => {
        c.header("Metadata-Flavor", "Google");
        const isForwarded = c.req.header("x-forwarded-for") !== undefined;
        return isForwarded || c.req.header("metadata-flavor") !== "Google"
          ? c.text("Missing Metadata-Flavor:Google header.", 403)
          : next();
      });
      app.get(`${ACCOUNT}/email`, (c) => c.text(email));
      app.get(`${ACCOUNT}/token`, (c) => c.json(accessToken(email)));
      app.get(`${ACCOUNT}/identity`, async (c) => {
        const audience = c.req.query("audience") ?? "";
        return audience === ""
          ? c.text("non-empty audience parameter required", 400)
          : c.text(await mint({ email, audience }));
      });
      app.get(`${BASE}/instance`, (c) => c.text("service-accounts/\n"));
      app.get(`${BASE}/project/project-id`, (c) => c.text(projectId));
      app.get(`${BASE}/universe/universe-domain`, (c) => c.text("googleapis.com"));
      app.all("*", (c) => c.text("Not Found", 404));
    },
  });
}
