import type { Hono } from "hono";
import { errorBody, httpStatus, toGoogleError } from "../google-error.ts";
import { checkNeeds, type Guard, identifyCaller } from "./guard.ts";
import type { Need } from "./rules.ts";

/** What of a request says what it is about. */
export type RouteRequest = {
  /** The groups of the rule's path. */
  readonly parts: readonly string[];
  readonly query: (name: string) => string | undefined;
  readonly host: string | null;
};

/** What requests to some paths need. */
export type RouteRule = {
  readonly verb: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD";
  readonly path: RegExp;
  readonly needs: (request: RouteRequest) => readonly Need[];
};

/** The first rule whose verb and path fit counts. */
export type RouteRules = readonly RouteRule[];

/** Checks the callers of routes that no descriptor has, before the routes themselves are tried. */
export function guardRoutes(app: Hono, guard: Guard, rules: RouteRules): void {
  app.use("*", async (c, next) => {
    const path = decodeURIComponent(new URL(c.req.url).pathname);
    const found = rules
      .map((rule) => ({ rule, match: rule.verb === c.req.method ? rule.path.exec(path) : null }))
      .find(({ match }) => match !== null);
    if (found === undefined) {
      return next();
    }
    try {
      const headers = c.req.header();
      const member = identifyCaller(guard, headers);
      const needed = found.rule.needs({
        parts: (found.match ?? []).slice(1),
        query: (name) => c.req.query(name),
        host: c.req.header("host") ?? null,
      });
      checkNeeds(guard, { member, headers, needed });
    } catch (error) {
      return refuse(error, path);
    }
    return next();
  });
}

/** Clients of registries send what they have only after they were asked for it. */
function refuse(error: unknown, path: string): Response {
  const refusal = toGoogleError(error);
  const response = Response.json(errorBody(refusal), { status: httpStatus(refusal.status) });
  if (refusal.status === "UNAUTHENTICATED") {
    const scheme = path.startsWith("/v2") ? "Basic" : "Bearer";
    response.headers.set("www-authenticate", `${scheme} realm="https://accounts.google.com/"`);
  }
  return response;
}
