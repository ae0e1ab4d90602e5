import { Hono } from "hono";
import { parseDelivery, parseJson } from "../../shared/wire/envelope.ts";
import { parseHandedOver, SLACK_BODY_LENGTH_MAX } from "../../shared/wire/slack/handed-over.ts";
import { readBody } from "../body.ts";
import type { RequestContext, RequestEnvironment } from "../requests/context.ts";
import { RequestError } from "../requests/errors.ts";
import { toFailure } from "../requests/failure.ts";
import type { ChatWiring } from "../wiring.ts";
import { carryOut } from "./late.ts";
import { takeRequest } from "./take.ts";

/** The largest delivery: a request in JSON, in base64, in JSON. */
const DELIVERY_BYTES_MAX = 2_097_152;

/**
 * Chat as a web application. Anybody reaches it, since Slack brings no token of Google's: what counts is Slack's
 * signature, here and for what was handed over.
 */
export function createChat(wiring: () => Promise<ChatWiring | null>): Hono<RequestEnvironment> {
  const app = new Hono<RequestEnvironment>();
  app.post("/", async (context) => {
    const wired = await wiringOf(wiring);
    const type = context.req.header("content-type") ?? "";
    return type.startsWith("application/json") ? deliver(context, wired) : take(context, wired);
  });
  app.notFound((context) => {
    const error = new RequestError("NOT_FOUND", "there is only POST / here, for Slack");
    return context.json(error.body(), error.code);
  });
  app.onError(async (error, context) => {
    const wired = await wiring();
    const failure = toFailure(wired?.ports.log ?? null, "chat", error);
    return context.json(failure.body(), failure.code);
  });
  return app;
}

/** Slack's own requests come as forms. */
async function take(context: RequestContext, wired: ChatWiring): Promise<Response> {
  const signed = {
    timestamp: context.req.header("x-slack-request-timestamp") ?? "",
    signature: context.req.header("x-slack-signature") ?? "",
    body: await bodyOf(context, SLACK_BODY_LENGTH_MAX),
  };
  if (!(await wired.chat.verify(signed))) {
    wired.ports.log.warn("caller refused", { function: "chat", reason: "not signed by Slack" });
    throw new RequestError("UNAUTHENTICATED", "this is not signed by Slack, or too old");
  }
  const answer = await takeRequest(wired, signed);
  return answer === null ? context.body(null, 200) : context.json(answer, 200);
}

/** What was handed over comes from Pub/Sub, as JSON. */
async function deliver(context: RequestContext, wired: ChatWiring): Promise<Response> {
  const json = parseJson(await bodyOf(context, DELIVERY_BYTES_MAX));
  const delivery = json.ok ? parseDelivery(json.value) : json;
  const handed = delivery.ok ? parseHandedOver(delivery.value) : delivery;
  const { telemetry } = wired.ports;
  const { id: message = "", attempt = null } = delivery.ok ? delivery.value : {};
  const outcome = handed.ok
    ? await telemetry.invocation({ function: "chat", message, attempt }, async () =>
        carryOut(context, wired, handed.value),
      )
    : "refused";
  telemetry.came("chat", outcome === "again" ? "postponed" : outcome);
  wired.ports.log.info("chat request handled", { function: "chat", outcome });
  // What is refused would be refused again; what somebody else is at comes again after a while.
  return context.json({ outcome }, outcome === "again" ? 503 : 200);
}

/** @throws RequestError NOT_FOUND where chat is not set up. */
async function wiringOf(wiring: () => Promise<ChatWiring | null>): Promise<ChatWiring> {
  const wired = await wiring();
  if (wired === null) {
    throw new RequestError("NOT_FOUND", "chat is not set up here; see docs/guides/chat.md");
  }
  return wired;
}

async function bodyOf(context: RequestContext, bytesMax: number): Promise<string> {
  const body = await readBody(context.env.incoming, bytesMax);
  if (!body.ok) {
    const { kind, reason } = body.refusal;
    throw new RequestError(kind === "too-large" ? "PAYLOAD_TOO_LARGE" : "INVALID_ARGUMENT", reason);
  }
  return body.value;
}
