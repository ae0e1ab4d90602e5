import type { ChatCommand } from "../../../shared/wire/slack/command.ts";
import { placeNamed } from "../../requests/context.ts";
import type { RequestContext } from "../../requests/context.ts";
import { explainAt } from "../../requests/explain.ts";
import { stepText } from "../help.ts";
import { bullet, plain } from "../said.ts";
import type { Said } from "../said.ts";
import { gateLine } from "./promotion-lines.ts";

/** Why a release is in an environment, or is not, and what would help. */
export async function sayExplanation(
  context: RequestContext,
  { service, environment, release }: ChatCommand & { readonly verb: "explain" | "changes" },
): Promise<Said> {
  const target = await placeNamed(context, { service, environment });
  const { told, advice } = await explainAt(context, target, release ?? undefined);
  const { summary, gates } = told;
  const { pages } = context.get("wiring").config.notices;
  return {
    lines: [
      `${plain(`${summary.slice(0, 1).toUpperCase()}${summary.slice(1)}`)}.`,
      ...gates.map(gateLine),
      ...(advice.length === 0 ? [] : ["What to do:"]),
      ...advice.map(({ step, does }) => bullet(`${plain(does)}: ${stepText(step, pages)}`)),
    ],
  };
}
