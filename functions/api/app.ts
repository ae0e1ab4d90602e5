import { OpenAPIHono } from "@hono/zod-openapi";
import type { Credentials } from "../../shared/adapters/caller.ts";
import { membershipOf } from "../../shared/app/membership.ts";
import type { Caller } from "../../shared/app/rights.ts";
import { toFailure } from "../requests/failure.ts";
import type { DecidingWiring } from "../wiring.ts";
import { addApprovals } from "./approvals.ts";
import { addAudit } from "./audit.ts";
import { addBackups } from "./backups.ts";
import { addChanges } from "./changes.ts";
import type { RequestEnvironment } from "../requests/context.ts";
import { RequestError } from "../requests/errors.ts";
import { addDecisions } from "./decisions.ts";
import { addExplain } from "./explain.ts";
import { addHolds } from "./holds.ts";
import { addMarks } from "./marks.ts";
import { addMigrations } from "./migrations.ts";
import { addNumbers } from "./numbers.ts";
import { addPromotions } from "./promotions.ts";
import { addReleases } from "./releases.ts";
import { takeBody } from "./request-body.ts";
import { addRollbacks } from "./rollbacks.ts";
import { addServices } from "./services.ts";
import { addSpecifications } from "./specifications.ts";
import { addTimeline } from "./timeline.ts";
import { tellOf } from "../requests/telling.ts";

/** After how many seconds a caller should try again. */
const RETRY_AFTER_S = "5";

const TITLE = {
  openapi: "3.1.0",
  info: {
    title: "Slipway",
    version: "1",
    description: "Continuous delivery for Google Cloud. Callers are Google identities (ID tokens).",
  },
};

/** The HTTP API as a web application; `~verb` stands for the custom method `:verb` in its paths. */
export function createApi(wiring: () => Promise<DecidingWiring>): OpenAPIHono<RequestEnvironment> {
  const app = new OpenAPIHono<RequestEnvironment>({
    defaultHook: (result) => {
      if (!result.success) {
        const reasons = result.error.issues.map(
          ({ path, message }) => `${path.length === 0 ? "body" : path.join(".")}: ${message}`,
        );
        throw new RequestError("INVALID_ARGUMENT", reasons.join("; "));
      }
    },
  });
  app.get("/openapi.json", (context) => context.json(describe(app)));
  app.use("/v1/*", async (context, next) => {
    const wired = await wiring();
    context.set("wiring", wired);
    const caller = await authenticate(wired, {
      authorization: context.req.header("authorization"),
      serverless: context.req.header("x-serverless-authorization"),
    });
    context.set("caller", caller);
    context.set("members", membershipOf(wired.ports, caller.email));
    await takeBody(context);
    await tellOf("api", context, next);
  });
  addServices(app);
  addSpecifications(app);
  addReleases(app);
  addMarks(app);
  addPromotions(app);
  addApprovals(app);
  addExplain(app);
  addChanges(app);
  addNumbers(app);
  addTimeline(app);
  addDecisions(app);
  addRollbacks(app);
  addBackups(app);
  addMigrations(app);
  addHolds(app);
  addAudit(app);
  app.notFound((context) => {
    const { method, path } = context.req;
    const message = `there is no ${method} ${path.replace("/~", ":")}; see /openapi.json`;
    const error = new RequestError("NOT_FOUND", message);
    return context.json(error.body(), error.code);
  });
  app.onError(async (error, context) => {
    const wired = await wiring();
    const failure = toFailure(wired.ports.log, "api", error);
    if (failure.status === "UNAVAILABLE") {
      context.header("retry-after", RETRY_AFTER_S);
    }
    return context.json(failure.body(), failure.code);
  });
  return app;
}

/** The OpenAPI description, with custom methods as callers write them. */
function describe(app: OpenAPIHono<RequestEnvironment>): object {
  const document = app.getOpenAPI31Document(TITLE);
  const paths = Object.entries(document.paths ?? {}).map(
    ([path, item]) => [path.replace("/~", ":"), item] as const,
  );
  return { ...document, paths: Object.fromEntries(paths) };
}

async function authenticate(wired: DecidingWiring, credentials: Credentials): Promise<Caller> {
  const verdict = await wired.readCaller(credentials, wired.config.identity.audiences);
  if (verdict.ok) {
    return verdict.value;
  }
  const { kind, reason } = verdict.refusal;
  throw new RequestError("UNAUTHENTICATED", kind === "missing" ? SEND_A_TOKEN : reason);
}

const SEND_A_TOKEN =
  "send an ID token in the header authorization: Bearer TOKEN; gcloud auth print-identity-token prints one, and slipway token prints one of the local cloud";
