import type { z } from "zod";
import { listReadable } from "../../../shared/app/readable.ts";
import type { ServiceView } from "../../../shared/wire/api/schemas.ts";
import { toServiceView, toUnreadableView } from "../../../shared/wire/api/views.ts";
import type { ChatCommand } from "../../../shared/wire/slack/command.ts";
import { deskOf, refuseStranger, serviceNamed } from "../../requests/context.ts";
import type { RequestContext } from "../../requests/context.ts";
import { bullet, code, moment, plain } from "../said.ts";
import type { Said } from "../said.ts";

type Service = z.output<typeof ServiceView>;
type Environment = Service["environments"][number];

/** How many services are told of at once. */
const SERVICES_TOLD_COUNT = 20;

/** What is where, what comes next, and what stands in its way. */
export async function sayStatus(
  context: RequestContext,
  { service }: ChatCommand & { readonly verb: "status" },
): Promise<Said> {
  const { clock } = context.get("wiring").ports;
  if (service !== null) {
    const { state } = await serviceNamed(context, service);
    return { lines: statusLines(toServiceView(state, clock.now())) };
  }
  const { items, nextPageToken } = await listReadable(
    context.get("wiring").ports,
    deskOf(context),
    {
      pageSize: SERVICES_TOLD_COUNT,
      pageToken: "",
    },
  );
  await refuseStranger(context, items.length === 0);
  const services = items.map((found) =>
    found.kind === "unreadable"
      ? toUnreadableView(found.service, found.reason)
      : toServiceView(found.seen.state, clock.now()),
  );
  const more = nextPageToken === "" ? [] : ["There are more; name one: /slipway status SERVICE"];
  return {
    lines:
      services.length === 0
        ? ["There is no service yet."]
        : [...services.flatMap(statusLines), ...more],
  };
}

/** A service's lines: what is in each of its environments, and what stands in its way. */
export function statusLines({
  id,
  environments,
  unreadable,
  removeTime,
}: Service): readonly string[] {
  if (unreadable !== null) {
    return [`*${plain(id)}* cannot be read: ${plain(unreadable)}`];
  }
  return removeTime === null
    ? [`*${plain(id)}*`, ...environments.map(environmentLine)]
    : [`*${plain(id)}* was removed ${moment(removeTime)}`];
}

function environmentLine(environment: Environment): string {
  const { id, current, failed, promotion, holds, incidents, drift } = environment;
  const runs =
    current === null
      ? "nothing yet"
      : `${code(current.tag ?? current.release)} since ${moment(current.deployTime)}`;
  const notes = [
    ...(promotion === null ? [] : [`${code(promotion.id)} ${promotion.state.toLowerCase()}`]),
    ...(failed === null
      ? []
      : [`${code(failed.tag ?? failed.release)} failed: ${plain(failed.reason)}`]),
    ...holds.map(
      ({ reason, by, id: hold }) => `held by ${plain(by)} (${code(hold)}): ${plain(reason)}`,
    ),
    ...incidents.map(({ severity, policy }) => `${severity} incident: ${plain(policy)}`),
    ...(drift === null ? [] : [`drift: ${plain(drift.running)} runs`]),
  ];
  return bullet([`${plain(id)}: ${runs}`, ...notes].join("; "));
}
