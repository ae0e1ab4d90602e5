import { html } from "hono/html";
import { UnreadableError } from "../../shared/ports/errors.ts";
import type { Log } from "../../shared/ports/log.ts";
import type { RequestContext } from "../requests/context.ts";
import { toFailure } from "../requests/failure.ts";
import { refusalText } from "./parts/help.ts";
import { NOTHING } from "./parts/html.ts";
import type { Html } from "./parts/html.ts";
import { show, showBare } from "./layout.ts";
import type { Page } from "./layout.ts";
import { unreadablePage } from "./unreadable.ts";

/** After how many seconds a browser should try again what is busy. */
const RETRY_AFTER_S = "5";

const TITLES: Readonly<Record<number, string>> = {
  400: "That cannot be done so",
  401: "You are not signed in",
  403: "You may not do that",
  404: "That is not there",
  409: "That does not go now",
  413: "That is too large",
  503: "Try again in a moment",
};

/** Shows why a visit ended. */
export function showFailure(context: RequestContext, error: Error): Response | Promise<Response> {
  const wiring: { readonly ports: { readonly log: Log } } | undefined = context.get("wiring");
  const failure = toFailure(wiring?.ports.log ?? null, "web", error);
  if (error instanceof UnreadableError && context.req.method === "GET") {
    return show(context, unreadablePage(error));
  }
  if (failure.code === 503) {
    context.header("retry-after", RETRY_AFTER_S);
  }
  const page: Page = {
    title: TITLES[failure.code] ?? "Something is wrong",
    body: html`<p class="problem">${refusalText(failure)}</p>
      ${overviewLink(context)}`,
    status: failure.code,
  };
  return isKnown(context) ? show(context, page) : showBare(context, page);
}

/** Answers for an address that leads nowhere. */
export function showNothingThere(context: RequestContext): Response | Promise<Response> {
  const body = overviewLink(context);
  const page: Page = { title: "There is no such page", body, status: 404 };
  return isKnown(context) ? show(context, page) : showBare(context, page);
}

/** Whoever is refused the overview itself is not sent in a circle. */
function overviewLink(context: RequestContext): Html {
  return context.req.path === "/" ? NOTHING : html`<p><a href="/">Go to the overview</a></p>`;
}

function isKnown(context: RequestContext): boolean {
  const caller: unknown = context.get("caller");
  return caller !== undefined;
}
