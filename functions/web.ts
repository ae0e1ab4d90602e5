import type { HttpFunction } from "@google-cloud/functions-framework";
import { getRequestListener } from "@hono/node-server";
import { createPages } from "./web/app.ts";
import type { DecidingWiring } from "./wiring.ts";

/** The pages. */
export function webFunction(wiring: () => Promise<DecidingWiring>): HttpFunction {
  const app = createPages(wiring);
  return getRequestListener((request, { incoming }) => app.fetch(request, { incoming }), {
    overrideGlobalObjects: false,
    errorHandler: () => new Response("the request's address is malformed\n", { status: 400 }),
  });
}
