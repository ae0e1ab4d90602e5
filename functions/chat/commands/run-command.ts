import { RequestError } from "../../requests/errors.ts";
import type { RequestContext } from "../../requests/context.ts";
import type { Asked } from "../asked.ts";
import type { Said } from "../said.ts";
import { sayChanges } from "./changes.ts";
import { sayExplanation } from "./explain.ts";
import { hold, lift } from "./holds.ts";
import { promote } from "./promote.ts";
import { approve, cancel, reject } from "./promotions.ts";
import { rollBack } from "./rollback.ts";
import { sayStatus } from "./status.ts";
import { sayTimeline } from "./timeline.ts";

/** Does what somebody asks for, if they may, by the same ways as the API and the pages. @throws RequestError */
export async function runCommand(context: RequestContext, asked: Asked): Promise<Said> {
  const { command } = asked;
  switch (command.verb) {
    case "help":
      throw new RequestError("INVALID_ARGUMENT", "/slipway help is answered at once");
    case "status":
      return sayStatus(context, command);
    case "timeline":
      return sayTimeline(context, command);
    case "explain":
      return sayExplanation(context, command);
    case "changes":
      return sayChanges(context, command);
    case "promote":
      return promote(context, command, asked);
    case "rollback":
      return rollBack(context, command, asked);
    case "approve":
      return approve(context, command, asked);
    case "reject":
      return reject(context, command);
    case "cancel":
      return cancel(context, command);
    case "hold":
      return hold(context, command);
    case "lift":
      return lift(context, command, asked);
  }
}
