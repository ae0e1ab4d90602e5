import { createHash } from "node:crypto";
import { membershipOf } from "../../shared/app/membership.ts";
import type { SignedRequest } from "../../shared/adapters/slack-signature.ts";
import { duration } from "../../shared/domain/time.ts";
import { PermanentError, TransientError } from "../../shared/ports/errors.ts";
import { parseSlackRequest } from "../../shared/wire/slack/request.ts";
import type { SlackRequest } from "../../shared/wire/slack/request.ts";
import type { RequestContext } from "../requests/context.ts";
import { toFailure } from "../requests/failure.ts";
import type { ChatWiring } from "../wiring.ts";
import { readAsked } from "./asked.ts";
import type { Asked } from "./asked.ts";
import { runCommand } from "./commands/run-command.ts";
import { whoAsks } from "./person.ts";
import { refusalText } from "./help.ts";
import { toMessage } from "./said.ts";
import type { Said } from "./said.ts";

/** How old a request may be that is still carried out: nobody waits for it any more, and its answer may not arrive. */
export const LATE_REQUEST_MAX = duration(600_000);

/** How it went with a request that was handed over. `again`: it is to be delivered once more. */
export type LateOutcome = "done" | "again" | "refused";

/**
 * Carries out a request that was handed over, once however often it comes: it is taken up before anything is done. One
 * that somebody took up and left is not done again; who asked is told to look.
 * @throws TransientError or PermanentError when it cannot even be taken up
 */
export async function carryOut(
  context: RequestContext,
  wired: ChatWiring,
  signed: SignedRequest,
): Promise<LateOutcome> {
  if (!(await wired.chat.verify(signed, LATE_REQUEST_MAX))) {
    return "refused";
  }
  const request = parseSlackRequest(signed.body);
  if (!request.ok || request.value.kind === "other") {
    return "refused";
  }
  const key = keyOf(signed.body);
  const state = await wired.chat.requests.take(key);
  if (state === "under-way") {
    return "again";
  }
  if (state !== "done") {
    await (state === "left"
      ? tellLeft(wired, request.value)
      : answer(context, wired, request.value));
    await wired.chat.requests.finish(key);
  }
  return "done";
}

/** Slack sends a request again with the same body; each click and each command has a trigger of its own in it. */
function keyOf(body: string): string {
  return createHash("sha256").update(body).digest("hex");
}

type Known = Exclude<SlackRequest, { kind: "other" }>;

async function answer(context: RequestContext, wired: ChatWiring, request: Known): Promise<void> {
  const asked = readAsked(request);
  if (!asked.ok) {
    return;
  }
  const { value } = asked;
  if (value.kind === "dismissed") {
    await respond(wired, value.responseUrl, { delete_original: true });
    return;
  }
  const said = await sayWhatCame(context, wired, { request, asked: value });
  const replaced = value.replaces ? { replace_original: true } : { replace_original: false };
  await respond(wired, value.responseUrl, { ...toMessage(said), ...replaced });
}

async function tellLeft(wired: ChatWiring, request: Known): Promise<void> {
  const asked = readAsked(request);
  if (asked.ok) {
    const text =
      "That was begun, and nobody knows how it ended. Look with /slipway status before you ask again.";
    await respond(wired, asked.value.responseUrl, toMessage({ lines: [text] }));
  }
}

/** Whatever goes wrong is said to who asked. */
async function sayWhatCame(
  context: RequestContext,
  wired: ChatWiring,
  { request, asked }: { readonly request: Known; readonly asked: Asked },
): Promise<Said> {
  try {
    const who = await whoAsks(wired.chat.slack, wired.chat.config, request);
    if (!who.ok) {
      wired.ports.log.warn("caller refused", { function: "chat", reason: who.refusal });
      return { lines: [who.refusal] };
    }
    context.set("wiring", wired);
    context.set("caller", who.value);
    context.set("members", membershipOf(wired.ports, who.value.email));
    return await runCommand(context, asked);
  } catch (error) {
    const thrown = error instanceof Error ? error : new Error(String(error));
    const failure = toFailure(wired.ports.log, "chat", thrown);
    return { lines: [refusalText(failure, wired.config.notices.pages)] };
  }
}

/** An answer that does not arrive changes nothing of what was done. */
async function respond(wired: ChatWiring, url: string, message: object): Promise<void> {
  try {
    await wired.chat.slack.respond(url, message);
  } catch (error) {
    if (!(error instanceof TransientError || error instanceof PermanentError)) {
      throw error;
    }
    const { status, message: cause } = error;
    wired.ports.log.error("chat answer lost", { function: "chat", status, cause });
  }
}
