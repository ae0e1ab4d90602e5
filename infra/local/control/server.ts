import type { RequestListener } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import type { Context } from "hono";
import { parseJson, readBody } from "../../../emulators/kit/body.ts";
import { badRequest, googleError } from "../../../emulators/kit/google-error.ts";
import { toErrorResponse } from "../../../emulators/kit/rest.ts";
import type { ClockControl } from "./clock.ts";
import type { FaultControl } from "./faults.ts";
import { PACES } from "../pace.ts";
import type { Pace, PaceSetting } from "../pace.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { PaceView } from "./pace-view.ts";
import type { StateControl } from "./state.ts";

/** What people can ask of the local cloud itself. */
export type Controls = {
  readonly faults: FaultControl;
  readonly clock: ClockControl;
  readonly pace: PaceSetting;
  readonly state: StateControl;
};

const BASE = "/emulator/v1";

/**
 * Answers what only the local cloud can do: `GET`, `POST` and `DELETE /emulator/v1/faults`, `GET /emulator/v1/clock` and
 * `POST /emulator/v1/clock/advance`, `freeze` and `run`, `GET` and `POST /emulator/v1/pace`, `GET /emulator/v1/state` and
 * `POST /emulator/v1/state/save`, `load` and `reset`. A page of another site could send such a request without
 * reading the answer, so that whoever asks for a change has to say that it is JSON: that takes a question before, which
 * nobody answers here.
 */
export function controlListener({ faults, clock, pace, state }: Controls): RequestListener {
  const app = new Hono();
  const alone = oneAtATime();
  app.onError((error) => toErrorResponse(error));
  app.get(`${BASE}/faults`, (c) => c.json({ faults: faults.list() }));
  app.post(`${BASE}/faults`, async (c) => c.json(faults.add(await readJson(c.req.raw))));
  app.delete(`${BASE}/faults`, (c) => {
    const { api = null, method = null } = c.req.query();
    return c.json({ faults: faults.clear(api, method) });
  });
  app.get(`${BASE}/clock`, (c) => c.json(clock.view()));
  app.post(`${BASE}/clock/:verb`, async (c) => {
    const body = await readJson(c.req.raw);
    const move = moves(clock, body).get(c.req.param("verb"));
    return move === undefined
      ? notFound(c)
      : Response.json(await alone("a move of the clock", move));
  });
  app.get(`${BASE}/state`, (c) => c.json(state.view()));
  app.post(`${BASE}/state/:verb`, async (c) => {
    const verb = c.req.param("verb");
    const change = changes(state, await readJson(c.req.raw)).get(verb);
    return change === undefined ? notFound(c) : Response.json(await alone(`a ${verb}`, change));
  });
  app.get(`${BASE}/pace`, (c) => c.json({ pace: pace.get() }));
  app.post(`${BASE}/pace`, async (c) => {
    pace.set(readPace(await readJson(c.req.raw)));
    return c.json({ pace: pace.get() });
  });
  app.all("*", notFound);
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  return (request, response) => void listener(request, response);
}

function moves(clock: ClockControl, body: unknown): ReadonlyMap<string, () => Promise<unknown>> {
  return new Map([
    ["advance", async () => clock.advance(body)],
    ["freeze", clock.freeze],
    ["run", clock.run],
  ]);
}

function changes(state: StateControl, body: unknown): ReadonlyMap<string, () => Promise<unknown>> {
  return new Map([
    ["save", async () => state.save(body)],
    ["load", async () => state.load(body)],
    ["reset", state.reset],
  ]);
}

function readPace(body: unknown): Pace {
  const parsed = PaceView.safeParse(body);
  if (!parsed.success) {
    throw badRequest("pace", `pace is one of ${PACES.join(", ")}`);
  }
  return parsed.data.pace;
}

function notFound({ req }: Context): never {
  throw googleError("NOT_FOUND", `the local cloud does nothing for ${req.method} ${req.path}`);
}

async function readJson(request: Request): Promise<unknown> {
  if (!/^application\/json\b/.test(request.headers.get("content-type") ?? "")) {
    throw badRequest("", "say content-type: application/json");
  }
  return parseJson(await readBody(request));
}
