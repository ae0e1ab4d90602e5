import type { HttpFunction } from "@google-cloud/functions-framework";
import { getRequestListener } from "@hono/node-server";
import { createChat } from "./chat/app.ts";
import type { ChatWiring } from "./wiring.ts";

/** What people ask in Slack. */
export function chatFunction(wiring: () => Promise<ChatWiring | null>): HttpFunction {
  const app = createChat(wiring);
  return getRequestListener((request, { incoming }) => app.fetch(request, { incoming }), {
    overrideGlobalObjects: false,
    errorHandler: () => new Response("the request's address is malformed\n", { status: 400 }),
  });
}
