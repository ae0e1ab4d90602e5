import type { HttpFunction } from "@google-cloud/functions-framework";
import { getRequestListener } from "@hono/node-server";
import { createApi } from "./api/app.ts";
import type { Wiring } from "./wiring.ts";

/** The HTTP API. */
export function apiFunction(wiring: () => Promise<Wiring>): HttpFunction {
  const app = createApi(wiring);
  const listen = getRequestListener((request) => app.fetch(toRoute(request)), {
    overrideGlobalObjects: false,
  });
  return listen;
}

/**
 * A request as the router knows it: a custom method `…/prod:promote` is `…/prod/~promote` there, and a
 * body that is empty is none, whatever type it is declared as.
 */
function toRoute(request: Request): Request {
  const url = new URL(request.url);
  url.pathname = url.pathname.replace(/:(?<verb>[a-z]+)$/i, "/~$<verb>");
  const routed = new Request(url, request);
  if (!hasBody(request.headers)) {
    routed.headers.delete("content-type");
  }
  return routed;
}

function hasBody(headers: Headers): boolean {
  return headers.has("transfer-encoding") || Number(headers.get("content-length") ?? "0") > 0;
}
