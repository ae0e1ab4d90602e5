import type { ChatCommand } from "../../../shared/wire/slack/command.ts";
import { placeNamed } from "../../requests/context.ts";
import type { RequestContext } from "../../requests/context.ts";
import { RequestError } from "../../requests/errors.ts";
import { previewRollback, rollBackTo } from "../../requests/rollback.ts";
import type { Asked } from "../asked.ts";
import { confirmButtons } from "../confirm.ts";
import { bullet, code, plain } from "../said.ts";
import type { Said } from "../said.ts";
import { changeLines } from "./change-lines.ts";
import { promotionLines } from "./promotion-lines.ts";

type RollBack = ChatCommand & { readonly verb: "promote" | "rollback" };

/** Goes back to an earlier release: first it says whether that is safe. Data comes back on the pages alone. */
export async function rollBack(
  context: RequestContext,
  { service, environment, release, reason }: RollBack,
  { isConfirmed }: Pick<Asked, "isConfirmed">,
): Promise<Said> {
  if (reason === null) {
    throw new RequestError("INVALID_ARGUMENT", "a rollback needs a reason");
  }
  const target = await placeNamed(context, { service, environment });
  const named = { release: release ?? undefined };
  if (isConfirmed) {
    const promotion = await rollBackTo(context, target, { ...named, reason });
    return {
      lines: [
        ...promotionLines(promotion),
        `*${plain(environment)}* is held afterwards, and the release is marked bad.`,
      ],
    };
  }
  const judged = await previewRollback(context, target, named);
  const back = judged.release === null ? "" : ` back to ${code(judged.release)}`;
  const text = `rollback ${service} ${environment} ${judged.release ?? ""} because ${reason}`;
  return {
    lines: [
      `Nothing has been done yet. *${plain(environment)}* of ${plain(service)}${back} is ${VERDICTS[judged.verdict]}.`,
      ...judged.reasons.map((sentence) => bullet(plain(sentence))),
      ...changeLines(judged.changes),
    ],
    buttons: judged.verdict === "safe" ? confirmButtons("Roll back", { text }, true) : [],
  };
}

const VERDICTS = {
  safe: "safe",
  "needs-data-restore":
    "safe only with its data; roll back on the pages, where you see what is lost",
  unsafe: "unsafe",
} as const;
