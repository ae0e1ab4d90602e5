import type { Context as HonoContext, Hono } from "hono";
import { parseJson, readBody } from "../kit/body.ts";
import type { FaultPlan } from "../kit/faults.ts";
import { isRecord } from "../kit/json.ts";
import { contentOf } from "./operations-chat.ts";
import { optionalText } from "./arguments.ts";
import type { Arguments } from "./method.ts";
import { SlackError } from "./slack-error.ts";
import { deleteMessage, findMessage, type Hook, replaceMessage } from "./state.ts";
import { withFaults } from "./web-api.ts";
import { nextTs, type Workspace, write } from "./workspace.ts";

/** What fault plans call an answer to a `response_url`. */
const RESPONSE_URL = "slack/response_url";

/**
 * Serves what a `response_url` leads to: five answers within thirty minutes.
 * Source: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses. The bodies of refusals
 * are unconfirmed.
 */
export function addResponseUrls(
  app: Hono,
  { workspace, faults }: { readonly workspace: Workspace; readonly faults: FaultPlan },
): void {
  faults.declare([RESPONSE_URL]);
  const respond = async (c: HonoContext): Promise<Response> => {
    const path = new URL(c.req.url).pathname.slice(1);
    const text = await readBody(c.req.raw);
    return withFaults({ workspace, faults }, RESPONSE_URL, () => take(workspace, path, text));
  };
  app.post("/commands/:team/:number/:token", respond);
  app.post("/actions/:team/:number/:token", respond);
}

function take(workspace: Workspace, path: string, text: string): Response {
  const { state, clock } = workspace;
  const hook = state.hooks.get(path);
  if (hook === undefined) {
    return Response.json({ ok: false, error: "invalid_url" }, { status: 404 });
  }
  if (clock.now() > hook.expiresMs) {
    return Response.json({ ok: false, error: "expired_url" }, { status: 404 });
  }
  if (hook.usesLeft === 0) {
    return Response.json({ ok: false, error: "used_url" }, { status: 404 });
  }
  const body = parse(text);
  if (body === null) {
    return Response.json({ ok: false, error: "invalid_payload" }, { status: 400 });
  }
  try {
    answerWith(workspace, hook, body);
  } catch (error) {
    if (!(error instanceof SlackError)) {
      throw error;
    }
    return Response.json({ ok: false, error: error.code, ...error.about }, { status: 400 });
  }
  state.hooks.set(path, { ...hook, usesLeft: hook.usesLeft - 1 });
  return new Response("ok");
}

/** Does what an answer asks for: a message, one in the place of the original, or none. */
export function answerWith(
  workspace: Workspace,
  hook: Pick<Hook, "channel" | "user" | "messageTs">,
  body: Arguments,
): void {
  const { state } = workspace;
  const { channel, user, messageTs } = hook;
  const original = findMessage(state, channel, messageTs ?? "");
  if (body["delete_original"] === true && original !== undefined) {
    deleteMessage(state, original);
    return;
  }
  const { text, blocks } = contentOf(body);
  if (body["replace_original"] === true && original !== undefined) {
    replaceMessage(state, { ...original, text, blocks, editedTs: nextTs(workspace) });
    return;
  }
  const threadTs = optionalText(body, "thread_ts");
  write(workspace, {
    channel,
    text,
    blocks,
    threadTs: threadTs ?? original?.threadTs ?? null,
    onlyFor: body["response_type"] === "in_channel" ? null : user,
    author: { kind: "app" },
  });
}

function parse(text: string): Arguments | null {
  try {
    const body = parseJson(text);
    return isRecord(body) ? body : null;
  } catch {
    return null;
  }
}
