import type { Context as HonoContext, Hono } from "hono";
import { parseJson, readBody } from "../kit/body.ts";
import { type Fault, type FaultPlan, runWithFaults } from "../kit/faults.ts";
import { httpStatus } from "../kit/google-error.ts";
import { answerWith, METHODS, SlackError, type SlackMethod } from "./methods.ts";
import type { Workspace } from "./state.ts";

/** The token that calls are made with, and what it may do. */
export type Token = { readonly value: string; readonly scopes: readonly string[] };

/** How a server answers; the token may be replaced while it runs. */
export type WebApi = {
  readonly workspace: Workspace;
  readonly token: () => Token;
  readonly faults: FaultPlan;
};

/** What fault plans call an answer to a `response_url`. */
const RESPONSE_URL = "slack/response_url";

/** After how many seconds a call may be made again, where the fault does not say. */
const RETRY_AFTER_SECONDS = 30;

/**
 * Serves `/api/METHOD` and what a `response_url` leads to.
 * Sources: https://docs.slack.dev/apis/web-api, https://docs.slack.dev/interactivity/handling-user-interaction
 */
export function addWebApi(app: Hono, api: WebApi): void {
  const { faults, workspace } = api;
  const faulty = async (method: string, run: () => Response): Promise<Response> =>
    runWithFaults({ faults, clock: workspace.clock, method, refuse: refusal }, run);
  faults.declare([...[...METHODS.keys()].map((name) => `slack/${name}`), RESPONSE_URL]);
  app.all("/api/:method", async (c) => {
    const name = c.req.param("method");
    const method = METHODS.get(name);
    if (method === undefined) {
      const error = { ok: false, error: "unknown_method", req_method: name };
      return Response.json(error, { status: 501 });
    }
    const text = await readBody(c.req.raw);
    return faulty(`slack/${name}`, () => answer(c, { api, method, text }));
  });
  const respond = async (c: HonoContext): Promise<Response> => {
    const path = new URL(c.req.url).pathname.slice(1);
    const text = await readBody(c.req.raw);
    return faulty(RESPONSE_URL, () => respondTo(workspace, path, text));
  };
  app.post("/commands/:team/:number/:token", respond);
  app.post("/actions/:team/:number/:token", respond);
}

type Asked = { readonly api: WebApi; readonly method: SlackMethod; readonly text: string };

function answer(c: HonoContext, { api, method, text }: Asked): Response {
  const { value, scopes } = api.token();
  const provided = scopes.join(",");
  const headers = { "x-oauth-scopes": provided };
  return refusable({ headers }, () => {
    const given = /^Bearer (.+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    if (given !== value) {
      throw new SlackError(given === undefined ? "not_authed" : "invalid_auth");
    }
    const { scope: needed, run } = method;
    if (needed !== null && !scopes.includes(needed)) {
      throw new SlackError("missing_scope", { needed, provided });
    }
    const args = readArguments(c.req.header("content-type") ?? "", text);
    return Response.json({ ok: true, ...run(api.workspace, args, scopes) }, { headers });
  });
}

function refusable(init: ResponseInit, run: () => Response): Response {
  try {
    return run();
  } catch (error) {
    if (error instanceof SlackError) {
      return Response.json({ ok: false, error: error.code, ...error.about }, init);
    }
    throw error;
  }
}

/** Arguments come as a form or as JSON. @throws SlackError */
function readArguments(type: string, text: string): unknown {
  if (type.startsWith("application/json")) {
    return jsonOf(text, "invalid_json");
  }
  if (text !== "" && !type.startsWith("application/x-www-form-urlencoded")) {
    throw new SlackError("invalid_post_type");
  }
  return Object.fromEntries(new URLSearchParams(text));
}

function jsonOf(text: string, refused: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new SlackError(refused);
  }
}

/** A `response_url` takes five answers within thirty minutes. The bodies of refusals are unconfirmed. */
function respondTo(workspace: Workspace, path: string, text: string): Response {
  const { state, clock } = workspace;
  const hook = state.hooks.get(path);
  if (hook === undefined || clock.now() > hook.expiresMs || hook.usesLeft === 0) {
    const error = hook?.usesLeft === 0 ? "used_url" : "expired_url";
    return Response.json({ ok: false, error }, { status: 404 });
  }
  return refusable({ status: 400 }, () => {
    answerWith(workspace, hook, jsonOf(text, "invalid_payload"));
    state.hooks.set(path, { ...hook, usesLeft: hook.usesLeft - 1 });
    return new Response("ok");
  });
}

/** RESOURCE_EXHAUSTED is the status 429 with `Retry-After` (the fault's `delayMs`), any other that of HTTP of its name. */
function refusal({ status = "UNAVAILABLE", delayMs }: Fault): Response {
  if (status === "RESOURCE_EXHAUSTED") {
    const seconds = delayMs === undefined ? RETRY_AFTER_SECONDS : Math.ceil(delayMs / 1000);
    return Response.json(
      { ok: false, error: "ratelimited" },
      { status: 429, headers: { "retry-after": String(seconds) } },
    );
  }
  return new Response("upstream connect error", { status: httpStatus(status) });
}
