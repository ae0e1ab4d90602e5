import type { HttpFunction } from "@google-cloud/functions-framework";
import { getRequestListener } from "@hono/node-server";
import { createApi } from "./api/app.ts";
import { RequestError } from "./requests/errors.ts";
import type { DecidingWiring } from "./wiring.ts";

/** The HTTP API. */
export function apiFunction(wiring: () => Promise<DecidingWiring>): HttpFunction {
  const app = createApi(wiring);
  return getRequestListener((request, { incoming }) => app.fetch(toRoute(request), { incoming }), {
    overrideGlobalObjects: false,
    errorHandler: () => {
      const error = new RequestError("INVALID_ARGUMENT", "the request's address is malformed");
      return Response.json(error.body(), { status: error.code });
    },
  });
}

/**
 * A request as the router knows it, its body left unread: a custom method `…/prod:promote` is
 * `…/prod/~promote` there.
 */
function toRoute({ url: address, method, headers, signal }: Request): Request {
  const url = new URL(address);
  url.pathname = url.pathname.replace(/:(?<verb>[a-z]+)$/i, "/~$<verb>");
  return new Request(url, { method, headers, signal });
}
