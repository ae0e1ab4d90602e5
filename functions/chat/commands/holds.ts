import { toHoldView } from "../../../shared/wire/api/views.ts";
import type { ChatCommand } from "../../../shared/wire/slack/command.ts";
import type { RequestContext } from "../../requests/context.ts";
import { RequestError } from "../../requests/errors.ts";
import { holdNamed, liftNamed, placeAsked } from "../../requests/holds.ts";
import { needTo, permitAll } from "../../requests/needs.ts";
import { untilOf } from "../../web/acts/hold-until.ts";
import type { Asked } from "../asked.ts";
import { confirmButtons } from "../confirm.ts";
import { code, moment, plain } from "../said.ts";
import type { Said } from "../said.ts";

/** Places a hold at once: it protects, and nobody has to be asked twice for that. */
export async function hold(
  context: RequestContext,
  { service, environment, length, reason }: ChatCommand & { readonly verb: "hold" },
): Promise<Said> {
  if (reason === null) {
    throw new RequestError("INVALID_ARGUMENT", "a hold needs a reason");
  }
  const { clock } = context.get("wiring").ports;
  const placed = await placeAsked(context, {
    ...(service === null ? { scope: "all" as const } : { service }),
    ...(environment === null ? {} : { environment }),
    reason,
    until: untilOf({ length: length ?? "" }, clock.now()),
  });
  const { id, until } = toHoldView(placed);
  const end = until === null ? "until somebody lifts it" : `until ${moment(until)}`;
  return {
    lines: [
      `${scopeText(service, environment)} is held ${end}: ${plain(reason)}`,
      `Lift it with ${code(`/slipway lift ${id}`)}.`,
    ],
  };
}

/** Lifts a hold: first it says which, since what waits behind it may start. */
export async function lift(
  context: RequestContext,
  { hold: id }: ChatCommand & { readonly verb: "lift" },
  { isConfirmed }: Pick<Asked, "isConfirmed">,
): Promise<Said> {
  const found = await holdNamed(context, id);
  const { service, environment, reason, by, createTime } = toHoldView(found.hold);
  if (isConfirmed) {
    await liftNamed(context, id);
    return { lines: [`${scopeText(service, environment)} is held by ${code(id)} no more.`] };
  }
  await permitAll(context, needTo.lift(found));
  return {
    lines: [
      `Nothing has been done yet. ${scopeText(service, environment)} is held by ${plain(by)} since ${moment(createTime)}: ${plain(reason)}`,
      "What waits behind it may start once it is lifted.",
    ],
    buttons: confirmButtons("Lift it", { text: `lift ${id}` }),
  };
}

function scopeText(service: string | null, environment: string | null): string {
  if (service === null) {
    return "*Everything*";
  }
  return environment === null
    ? `*${plain(service)}*`
    : `*${plain(environment)}* of ${plain(service)}`;
}
