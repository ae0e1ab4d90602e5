import { toPromotionView } from "../../../shared/wire/api/views.ts";
import type { ChatCommand } from "../../../shared/wire/slack/command.ts";
import { placeNamed } from "../../requests/context.ts";
import type { RequestContext } from "../../requests/context.ts";
import { previewPromote, promoteTo } from "../../requests/promote.ts";
import type { Asked } from "../asked.ts";
import { confirmButtons } from "../confirm.ts";
import { code, plain } from "../said.ts";
import type { Said } from "../said.ts";
import { changeLines } from "./change-lines.ts";
import { closedLines, promotionLines } from "./promotion-lines.ts";

type Promote = ChatCommand & { readonly verb: "promote" | "rollback" };

/** Promotes a release: first it says what would happen, for the release that is shown then. */
export async function promote(
  context: RequestContext,
  { service, environment, release, reason }: Promote,
  { isConfirmed }: Pick<Asked, "isConfirmed">,
): Promise<Said> {
  const target = await placeNamed(context, { service, environment });
  const body = { release: release ?? undefined, reason: reason ?? undefined };
  if (isConfirmed) {
    const { promotion } = await promoteTo(context, target, body);
    return { lines: promotionLines(toPromotionView(promotion)) };
  }
  const shown = await previewPromote(context, target, body);
  const would =
    shown.state === "WAITING"
      ? "It would wait until every gate is open."
      : "It would start at once.";
  const because = reason === null ? "" : ` because ${reason}`;
  const text = `promote ${service} ${environment} ${shown.release}${because}`;
  return {
    lines: [
      `Nothing has been done yet. ${code(shown.release)} into *${plain(environment)}* of ${plain(service)}: ${would}`,
      ...closedLines(shown.gates),
      ...changeLines(shown.changes),
    ],
    buttons: confirmButtons("Promote", { text }),
  };
}
