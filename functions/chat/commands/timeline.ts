import { toTimelineView } from "../../../shared/wire/api/views.ts";
import type { ChatCommand } from "../../../shared/wire/slack/command.ts";
import { serviceNamed } from "../../requests/context.ts";
import type { RequestContext } from "../../requests/context.ts";
import { bullet, code, moment, plain } from "../said.ts";
import type { Said } from "../said.ts";

/** How many entries are told. */
const ENTRIES_TOLD_COUNT = 20;

/** What was where, from when to when, newest first. */
export async function sayTimeline(
  context: RequestContext,
  { service }: ChatCommand & { readonly verb: "timeline" },
): Promise<Said> {
  const { state } = await serviceNamed(context, service);
  const { store } = context.get("wiring").ports;
  const request = { pageSize: ENTRIES_TOLD_COUNT, pageToken: "" };
  const { items } = await store.timeline(state.service.id, request);
  const lines = items.map(toTimelineView).map(({ environment, tag, release, from, to, kind }) => {
    const until = to === null ? "still there" : `to ${moment(to)}`;
    return bullet(
      `${plain(environment)}: ${code(tag ?? release)} from ${moment(from)}, ${until} (${kind})`,
    );
  });
  const name = plain(state.service.id);
  return {
    lines:
      lines.length === 0
        ? [`Nothing of ${name} has been deployed yet.`]
        : [`*${name}*, newest first`, ...lines],
  };
}
