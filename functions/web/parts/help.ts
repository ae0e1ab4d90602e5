import { html } from "hono/html";
import type { NextStep } from "../../../shared/domain/next-step.ts";
import { toCommand, toPage } from "../../../shared/wire/next-step.ts";
import type { RequestError } from "../../requests/errors.ts";
import type { Html } from "./html.ts";
import { NOTHING, plain } from "./html.ts";
import { copyable } from "./ids.ts";

/** A link to the page on which a step is taken; a command to copy for what is done elsewhere. */
export function stepLink(step: NextStep): Html {
  const page = toPage(step);
  return page === null
    ? copyable(toCommand(step), "this command")
    : html`<a href="${page.path}">${plain(page.name)}</a>`;
}

/** Why something was refused, and what helps. */
export function refusalText({ problem, help }: RequestError): Html {
  return html`${plain(problem)}${help === null ? NOTHING : html`; ${plain(help.how)}: ${stepLink(help.step)}`}`;
}
