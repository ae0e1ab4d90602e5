import { toPromotionView } from "../../../shared/wire/api/views.ts";
import type { ChatCommand } from "../../../shared/wire/slack/command.ts";
import { approveNamed, rejectNamed, tryApproval } from "../../requests/approvals.ts";
import { changesView } from "../../requests/changes.ts";
import type { RequestContext } from "../../requests/context.ts";
import { RequestError } from "../../requests/errors.ts";
import { cancelNamed } from "../../requests/promote.ts";
import type { Asked } from "../asked.ts";
import { confirmButtons } from "../confirm.ts";
import { code, plain } from "../said.ts";
import type { Said } from "../said.ts";
import { changeLines } from "./change-lines.ts";
import { promotionLines } from "./promotion-lines.ts";

type About = ChatCommand & { readonly verb: "approve" | "reject" | "cancel" };

/** Approves a promotion: first it says what is approved, and the approval is given for that alone. */
export async function approve(
  context: RequestContext,
  { promotion: id, reason }: About,
  { isConfirmed, shown }: Pick<Asked, "isConfirmed" | "shown">,
): Promise<Said> {
  if (isConfirmed) {
    const words = { comment: reason, ...(shown !== null && { shown }) };
    return sayPromotion(await approveNamed(context, id, words), "You approved it.");
  }
  const { promotion, seen, environment } = await tryApproval(context, id);
  const { service } = seen.state;
  const { release, kind } = promotion;
  const wish = { environment, release, isRollback: kind === "rollback" };
  const changes = await changesView(context, seen.state, wish);
  const comment = reason === null ? "" : ` because ${reason}`;
  return {
    lines: [
      `Nothing has been done yet. You would approve ${code(release)} into *${plain(environment.id)}* of ${plain(service.id)}, asked for by ${plain(promotion.requestedBy)}.`,
      ...changeLines(changes),
    ],
    buttons: confirmButtons("Approve", {
      text: `approve ${promotion.id}${comment}`,
      ...(changes !== null && { shown: changes.material }),
    }),
  };
}

/** Rejects a promotion. */
export async function reject(context: RequestContext, { promotion, reason }: About): Promise<Said> {
  if (reason === null) {
    throw new RequestError("INVALID_ARGUMENT", "a rejection needs a reason");
  }
  return sayPromotion(await rejectNamed(context, promotion, { reason }), "You rejected it.");
}

/** Cancels a promotion. */
export async function cancel(context: RequestContext, { promotion, reason }: About): Promise<Said> {
  return sayPromotion(await cancelNamed(context, promotion, { reason }), "You cancelled it.");
}

function sayPromotion(promotion: Parameters<typeof toPromotionView>[0], done: string): Said {
  return { lines: [done, ...promotionLines(toPromotionView(promotion))] };
}
