import type { Context as HonoContext, Hono } from "hono";
import { parseJson, readBody } from "../kit/body.ts";
import { type Fault, type FaultPlan, runWithFaults } from "../kit/faults.ts";
import { httpStatus } from "../kit/google-error.ts";
import { isRecord } from "../kit/json.ts";
import type { Arguments, SlackMethod } from "./method.ts";
import { CHAT_METHODS } from "./operations-chat.ts";
import { CONVERSATION_METHODS } from "./operations-conversations.ts";
import { USER_METHODS } from "./operations-users.ts";
import { VIEW_METHODS } from "./operations-views.ts";
import { SlackError, wrongArguments } from "./slack-error.ts";
import type { Workspace } from "./workspace.ts";

/** The token that calls are made with, and what it may do. */
export type Token = { readonly value: string; readonly scopes: readonly string[] };

/** How a server answers; the token may be replaced while it runs. */
export type WebApi = {
  readonly workspace: Workspace;
  readonly token: () => Token;
  readonly faults: FaultPlan;
};

/** Every method there is here. */
export const METHODS: ReadonlyMap<string, SlackMethod> = new Map(
  Object.entries({
    ...CHAT_METHODS,
    ...CONVERSATION_METHODS,
    ...USER_METHODS,
    ...VIEW_METHODS,
  }),
);

/** Arguments that are structures come as JSON within forms. */
const STRUCTURES = ["blocks", "view", "metadata", "attachments"] as const;

/** After how many seconds a call may be made again, where the fault does not say. */
const RETRY_AFTER_SECONDS = 30;

/** Serves `/api/METHOD`. Source: https://docs.slack.dev/apis/web-api */
export function addWebApi(app: Hono, api: WebApi): void {
  api.faults.declare([...METHODS.keys()].map((name) => `slack/${name}`));
  app.all("/api/:method", async (c) => {
    const name = c.req.param("method");
    const method = METHODS.get(name);
    if (method === undefined) {
      const error = { ok: false, error: "unknown_method", req_method: name };
      return Response.json(error, { status: 501 });
    }
    const args = await readArguments(c);
    return withFaults(api, `slack/${name}`, () => answer(c, { api, method, args }));
  });
}

function answer(
  c: HonoContext,
  {
    api,
    method,
    args,
  }: { readonly api: WebApi; readonly method: SlackMethod; readonly args: Arguments | SlackError },
): Response {
  const { workspace } = api;
  const token = api.token();
  const headers = {
    "x-oauth-scopes": token.scopes.join(","),
    "x-accepted-oauth-scopes": method.scope ?? "",
  };
  try {
    if (args instanceof SlackError) {
      throw args;
    }
    checkToken(c, args, { token, scope: method.scope });
    const scopes = new Set(token.scopes);
    return Response.json({ ok: true, ...method.run({ workspace, args, scopes }) }, { headers });
  } catch (error) {
    if (!(error instanceof SlackError)) {
      throw error;
    }
    return Response.json({ ok: false, error: error.code, ...error.about }, { headers });
  }
}

function checkToken(
  c: HonoContext,
  args: Arguments,
  { token, scope }: { readonly token: Token; readonly scope: string | null },
): void {
  const bearer = /^Bearer (.+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
  const given = bearer ?? args["token"];
  if (given === undefined || given === "") {
    throw new SlackError("not_authed");
  }
  if (given !== token.value) {
    throw new SlackError("invalid_auth");
  }
  if (scope !== null && !token.scopes.includes(scope)) {
    throw new SlackError("missing_scope", { needed: scope, provided: token.scopes.join(",") });
  }
}

/** Arguments come as a form, as JSON or in the query. */
async function readArguments(c: HonoContext): Promise<Arguments | SlackError> {
  const type = c.req.header("content-type") ?? "";
  const query = c.req.query();
  const text = await readBody(c.req.raw);
  if (type.startsWith("application/json")) {
    const body = parseOrNone(text);
    return isRecord(body) ? { ...query, ...body } : new SlackError("invalid_json");
  }
  if (text !== "" && !type.startsWith("application/x-www-form-urlencoded")) {
    return new SlackError(type === "" ? "missing_post_type" : "invalid_post_type");
  }
  const form = { ...query, ...Object.fromEntries(new URLSearchParams(text)) };
  return withStructures(form);
}

function withStructures(form: Readonly<Record<string, string>>): Arguments | SlackError {
  const args: Record<string, unknown> = { ...form };
  for (const name of STRUCTURES) {
    const json = form[name];
    if (json !== undefined) {
      const value = parseJson(json);
      if (value === undefined) {
        return name === "blocks"
          ? new SlackError("invalid_blocks_format")
          : wrongArguments("invalid_arguments", [`${name} is not JSON`]);
      }
      args[name] = value;
    }
  }
  return args;
}

function parseOrNone(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/**
 * Runs a call with what the plan has for it: RESOURCE_EXHAUSTED is the status 429 with `Retry-After` (the fault's
 * `delayMs`), any other status the HTTP status of that name.
 */
export async function withFaults(
  { faults, workspace: { clock } }: Pick<WebApi, "faults" | "workspace">,
  method: string,
  run: () => Response | Promise<Response>,
): Promise<Response> {
  return runWithFaults({ faults, clock, method, refuse: refusal }, run);
}

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
