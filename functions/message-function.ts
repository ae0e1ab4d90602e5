import type { HttpFunction, Request, Response } from "@google-cloud/functions-framework";
import { MESSAGE_WORK_MAX, withDeadline } from "../shared/app/deadline.ts";
import { noteDecision } from "../shared/app/note-decision.ts";
import type { Came } from "../shared/app/note-decision.ts";
import { tellUnasked } from "../shared/app/tell-unasked.ts";
import type { Outcome } from "../shared/app/outcome.ts";
import { refused } from "../shared/domain/result.ts";
import type { Result } from "../shared/domain/result.ts";
import { parseDelivery, parseJson } from "../shared/wire/envelope.ts";
import type { Message } from "../shared/wire/envelope.ts";
import type { Parsed } from "../shared/wire/parsed.ts";
import { PermanentError } from "../shared/ports/errors.ts";
import type { DecidingPorts, Ports } from "../shared/ports/ports.ts";
import { readBody } from "./body.ts";
import type { BodyRefusal } from "./body.ts";
import { answerFailure } from "./outcome.ts";
import type { Wiring } from "./wiring.ts";

/**
 * More than the largest delivery: a message of 10 MB, written in base64 within JSON.
 * Source: https://cloud.google.com/pubsub/quotas#resource_limits
 */
const MESSAGE_BYTES_MAX = 16_777_216;

/** A function that a Pub/Sub message sets off: how it reads the message, and what it does with it. */
export type MessageFunction<Read, Outside extends Telling = Ports> = {
  readonly name: string;
  /** Whether what becomes of its messages is kept: they tell of what happened outside, and are none of our own. */
  readonly isNoted: boolean;
  /** Whether a message can tell of nothing that is decided on, whatever the state: what becomes of it is not kept. */
  readonly isIdle?: (read: Read) => boolean;
  readonly parse: (message: Message) => Parsed<Read>;
  readonly run: (ports: Outside, read: Read) => Promise<Outcome>;
};

/** What every function needs that takes messages: it tells of those that it cannot read. */
type Telling = DecidingPorts & Pick<Ports, "tally">;

/**
 * Makes an HTTP function of it that takes both envelopes: the bare body of a push subscription, and the CloudEvent
 * that Eventarc posts. Both carry the same body, and both need the token of an account that may deliver: that a
 * request calls itself an event says nothing of who made it.
 */
export function messageFunction<Read, Outside extends Telling>(
  wiring: () => Promise<Wiring<Outside>>,
  definition: MessageFunction<Read, Outside>,
): HttpFunction {
  return async (request, response) => {
    const wired = await wiring();
    try {
      await receive(wired, definition, { request, response });
    } catch (error) {
      answerFailure(wired.ports.log, response, { name: definition.name, error });
    }
  };
}

type Exchange = { readonly request: Request; readonly response: Response };

async function receive<Read, Outside extends Telling>(
  wired: Wiring<Outside>,
  definition: MessageFunction<Read, Outside>,
  { request, response }: Exchange,
): Promise<void> {
  const { log } = wired.ports;
  const refusal = await refuseCaller(wired, request);
  if (refusal !== null) {
    log.warn("caller refused", { function: definition.name, reason: refusal });
    response
      .status(401)
      .json({ error: { code: 401, status: "UNAUTHENTICATED", message: refusal } });
    return;
  }
  const delivery = readDelivery(await readBody(request, MESSAGE_BYTES_MAX));
  const read = delivery.ok ? definition.parse(delivery.value) : delivery;
  if (!read.ok) {
    const id = delivery.ok ? delivery.value.id : "unreadable";
    await tellRefused(wired, definition, { id, why: read.refusal });
    response.status(200).json({ outcome: "refused", why: read.refusal });
    return;
  }
  const { id: eventId, attempt } = delivery.ok ? delivery.value : { id: "", attempt: null };
  const outcome = await wired.ports.telemetry.invocation(
    { function: definition.name, message: eventId, attempt },
    async () => runNoted(wired, definition, { eventId, read: read.value }),
  );
  const why = outcome.kind === "decided" ? outcome.what : outcome.why;
  if (definition.isIdle?.(read.value) !== true) {
    await note(wired, definition, { eventId, outcome: outcome.kind, why });
  }
  log.info("message handled", { function: definition.name, eventId, outcome: outcome.kind, why });
  response.status(200).json({ outcome: outcome.kind, why });
}

/** A message that cannot be read is on the record, noted and counted. */
async function tellRefused<Read, Outside extends Telling>(
  wired: Wiring<Outside>,
  definition: MessageFunction<Read, Outside>,
  { id, why }: { readonly id: string; readonly why: string },
): Promise<void> {
  const { log, telemetry } = wired.ports;
  const { name } = definition;
  log.error("message refused", { function: name, eventId: id, reason: why });
  const reason = `${name}: ${why}`;
  await tellUnasked(wired.ports, { kind: "message-refused", id, reason, besides: 0 });
  await note(wired, definition, { eventId: id, outcome: "refused", why });
  telemetry.came(name, "refused");
}

/** What is given up is noted, too; what will be delivered again is not over. */
async function runNoted<Read, Outside extends Telling>(
  wired: Wiring<Outside>,
  definition: MessageFunction<Read, Outside>,
  { eventId, read }: { readonly eventId: string; readonly read: Read },
): Promise<Outcome> {
  const { telemetry } = wired.ports;
  try {
    const outcome = await definition.run(withDeadline(wired.ports, MESSAGE_WORK_MAX), read);
    telemetry.came(definition.name, outcome.kind);
    return outcome;
  } catch (error) {
    telemetry.came(definition.name, error instanceof PermanentError ? "failed" : "postponed");
    if (error instanceof PermanentError) {
      await note(wired, definition, { eventId, outcome: "failed", why: error.message });
    }
    throw error;
  }
}

async function note<Read, Outside extends Telling>(
  { ports }: Wiring<Outside>,
  { name, isNoted }: MessageFunction<Read, Outside>,
  came: Omit<Came, "trigger">,
): Promise<void> {
  if (isNoted) {
    await noteDecision(ports, { trigger: name, ...came });
  }
}

function readDelivery(body: Result<string, BodyRefusal>): Parsed<Message> {
  if (!body.ok) {
    return refused(body.refusal.reason);
  }
  const json = parseJson(body.value);
  return json.ok ? parseDelivery(json.value) : refused("the delivery is not JSON");
}

/** Why the caller may not deliver this message; null when it may. */
async function refuseCaller<Outside extends Telling>(
  wired: Wiring<Outside>,
  request: Request,
): Promise<string | null> {
  const { audiences, pushAccounts } = wired.config.identity;
  const credentials = {
    authorization: request.get("authorization"),
    serverless: request.get("x-serverless-authorization"),
  };
  const verdict = await wired.readCaller(credentials, [...audiences, ...ownAddresses(request)]);
  if (!verdict.ok) {
    const { kind, reason } = verdict.refusal;
    return kind === "missing" ? NO_TOKEN : reason;
  }
  return pushAccounts.includes(verdict.value.email)
    ? null
    : `${verdict.value.email} may not deliver messages; name it in SLIPWAY_PUSH_ACCOUNTS`;
}

const NO_TOKEN =
  "a delivery needs a token: give the subscription or trigger a service account, and name it in SLIPWAY_PUSH_ACCOUNTS";

/**
 * The addresses under which this request may have been sent: what a subscription has as its audience unless it says
 * otherwise. Only a machine's own name is ever asked without TLS.
 */
function ownAddresses(request: Request): readonly string[] {
  const host = request.get("host") ?? "";
  const scheme = /^(?:127\.0\.0\.1|localhost)(?::\d+)?$/.test(host) ? "http" : "https";
  const address = `${scheme}://${host}${request.originalUrl}`;
  return [address, address.replace(/\/$/, "")];
}
