import { html } from "hono/html";
import type { NextStep } from "../../../shared/domain/next-step.ts";
import { toCommand, toPage } from "../../../shared/wire/next-step.ts";
import type { RequestError } from "../../requests/errors.ts";
import { NOTHING, plain } from "./html.ts";
import type { Html } from "./html.ts";
import { copyable } from "./ids.ts";

/** A step on the pages: a link for whoever may take it, a command to copy for what is done elsewhere. */
export function stepText(step: NextStep, canTake: boolean): Html {
  const page = toPage(step);
  if (page === null) {
    return copyable(toCommand(step), "this command");
  }
  return canTake ? html`<a href="${page.path}">${plain(page.name)}</a>` : plain(page.name);
}

/** Why something was refused, and what helps. */
export function refusalText({ problem, help }: RequestError): Html {
  const more =
    help === null ? NOTHING : html`; ${plain(help.how)}: ${stepText(lookingOf(help.step), true)}`;
  return html`${plain(problem)}${more}`;
}

/** The page on which a step can be taken by whoever may, and which others may read as well. */
function lookingOf(step: NextStep): NextStep {
  if ("promotion" in step) {
    return { kind: "look", promotion: step.promotion };
  }
  return step.kind === "lift" ? { kind: "list-holds" } : step;
}
