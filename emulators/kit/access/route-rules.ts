import type { Hono } from "hono";
import { checkNeeds, type Guard, identifyCaller } from "./guard.ts";
import type { Need } from "./rules.ts";

/** What of a request says what it is about. */
export type RouteRequest = {
  /** The groups of the rule's path. */
  readonly parts: readonly string[];
  readonly query: (name: string) => string | undefined;
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
    for (const { verb, path: pattern, needs } of rules) {
      const match = verb === c.req.method ? pattern.exec(path) : null;
      if (match !== null) {
        const headers = c.req.header();
        const member = identifyCaller(guard, headers);
        const needed = needs({ parts: match.slice(1), query: (name) => c.req.query(name) });
        checkNeeds(guard, { member, headers, needed });
        break;
      }
    }
    await next();
  });
}
