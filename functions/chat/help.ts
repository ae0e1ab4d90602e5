import type { NextStep } from "../../shared/domain/next-step.ts";
import { toChatWords, toPage } from "../../shared/wire/next-step.ts";
import type { RequestError } from "../requests/errors.ts";
import { code, plain } from "./said.ts";

/** A step as one takes it from chat: a command, or a link to the page that has what chat has not. */
export function stepText(step: NextStep, pages: string | null): string {
  const words = toChatWords(step);
  if (words !== null) {
    return code(words);
  }
  const page = toPage(step);
  const name = plain(page?.name ?? "");
  return page === null || pages === null
    ? `${name}, on the pages`
    : `<${pages}${page.path}|${name}>`;
}

/** Why something was refused, and what helps. */
export function refusalText({ problem, help }: RequestError, pages: string | null): string {
  return help === null
    ? plain(problem)
    : `${plain(problem)}; ${plain(help.how)}: ${stepText(help.step, pages)}`;
}
