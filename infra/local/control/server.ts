import type { RequestListener } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { parseJson, readBody } from "../../../emulators/kit/body.ts";
import { badRequest, googleError } from "../../../emulators/kit/google-error.ts";
import { toErrorResponse } from "../../../emulators/kit/rest.ts";
import type { FaultControl } from "./faults.ts";

/** What people can ask of the local cloud itself. */
export type Controls = { readonly faults: FaultControl };

const BASE = "/emulator/v1";

/**
 * Answers what only the local cloud can do: `GET`, `POST` and `DELETE /emulator/v1/faults`. A page of another site could
 * send such a request without reading the answer, so that whoever asks for a change has to say that it is JSON: that
 * takes a question before, which nobody answers here.
 */
export function controlListener({ faults }: Controls): RequestListener {
  const app = new Hono();
  app.onError((error) => toErrorResponse(error));
  app.get(`${BASE}/faults`, (c) => c.json({ faults: faults.list() }));
  app.post(`${BASE}/faults`, async (c) => c.json(faults.add(await readJson(c.req.raw))));
  app.delete(`${BASE}/faults`, (c) => {
    const { api = null, method = null } = c.req.query();
    return c.json({ faults: faults.clear(api, method) });
  });
  app.all("*", (c) => {
    throw googleError(
      "NOT_FOUND",
      `the local cloud does nothing for ${c.req.method} ${c.req.path}`,
    );
  });
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  return (request, response) => void listener(request, response);
}

async function readJson(request: Request): Promise<unknown> {
  if (!/^application\/json\b/.test(request.headers.get("content-type") ?? "")) {
    throw badRequest("", "say content-type: application/json");
  }
  return parseJson(await readBody(request));
}
