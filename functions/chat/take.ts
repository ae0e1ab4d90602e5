import { PermanentError, TransientError } from "../../shared/ports/errors.ts";
import { CHAT_USAGE, lacksReason } from "../../shared/wire/slack/command.ts";
import { parseSlackRequest } from "../../shared/wire/slack/request.ts";
import type { SlackRequest } from "../../shared/wire/slack/request.ts";
import type { SignedRequest } from "../../shared/adapters/slack-signature.ts";
import type { ChatWiring } from "../wiring.ts";
import { readAsked } from "./asked.ts";
import type { Asked } from "./asked.ts";
import { reasonModal } from "./modal.ts";
import { plain, toMessage } from "./said.ts";

/** What Slack is answered at once: nothing, a message to who asked, or what a modal does. */
type Answer = Readonly<Record<string, unknown>> | null;

/**
 * Takes a request of Slack's that is known to be Slack's, within three seconds: it says at once what is wrong with it,
 * opens the modal that asks why, and hands everything else over.
 */
export async function takeRequest(wired: ChatWiring, signed: SignedRequest): Promise<Answer> {
  const request = parseSlackRequest(signed.body);
  if (!request.ok) {
    wired.ports.log.error("chat request refused", { function: "chat", reason: request.refusal });
    return say("Slipway cannot read that.");
  }
  if (request.value.kind === "other") {
    return null;
  }
  const asked = readAsked(request.value);
  if (!asked.ok) {
    return complain(wired, request.value, asked.refusal);
  }
  if (asked.value.kind === "dismissed") {
    return handOver(wired, request.value, signed);
  }
  if (asked.value.command.verb === "help") {
    return toMessage({ lines: HELP });
  }
  return lacksReason(asked.value.command)
    ? askWhy(wired, request.value, asked.value)
    : handOver(wired, request.value, signed);
}

const HELP = [
  "What you can ask Slipway, with what you may do elsewhere too:",
  ...Object.values(CHAT_USAGE).map((usage) => `\`/slipway ${plain(usage)}\``),
];

type Known = Exclude<SlackRequest, { kind: "other" }>;

/** What is wrong is said where it was written: below the command, or in the modal. */
async function complain(wired: ChatWiring, request: Known, reason: string): Promise<Answer> {
  if (request.kind === "reason") {
    return { response_action: "errors", errors: { reason } };
  }
  if (request.kind === "button") {
    await respond(wired, request.responseUrl, reason);
    return null;
  }
  return say(reason);
}

async function askWhy(wired: ChatWiring, request: Known, asked: Asked): Promise<Answer> {
  const { text, command, responseUrl } = asked;
  try {
    await wired.chat.slack.openModal(
      request.trigger,
      reasonModal(command.verb, { text, responseUrl }),
    );
    return null;
  } catch (error) {
    return complain(
      wired,
      request,
      `${told(wired, error)}Say why yourself: /slipway ${text} because …`,
    );
  }
}

async function handOver(wired: ChatWiring, request: Known, signed: SignedRequest): Promise<Answer> {
  try {
    await wired.chat.handOver(signed);
    return null;
  } catch (error) {
    return complain(wired, request, `${told(wired, error)}Nothing was done. Try again.`);
  }
}

/** Logs what failed outside, and whether anything is to be said of it. @throws what is no failure of the outside */
function told(wired: ChatWiring, error: unknown): string {
  if (!(error instanceof TransientError || error instanceof PermanentError)) {
    throw error;
  }
  const { status, message } = error;
  wired.ports.log.warn("chat request not taken", { function: "chat", status, cause: message });
  return "Something that Slipway needs gave no answer in time. ";
}

async function respond(wired: ChatWiring, url: string, reason: string): Promise<void> {
  try {
    await wired.chat.slack.respond(url, say(reason));
  } catch (error) {
    told(wired, error);
  }
}

function say(text: string): Readonly<Record<string, unknown>> {
  return toMessage({ lines: [plain(text)] });
}
