import { html } from "hono/html";
import { may } from "../requests/context.ts";
import type { RequestContext } from "../requests/context.ts";
import { ICON, SCRIPT, STYLESHEET } from "./assets.ts";
import { tokenField } from "./forgery.ts";
import { NOTHING, plain, plainText } from "./parts/html.ts";
import type { Html } from "./parts/html.ts";

/** The parts that the navigation leads to; some take the right to read all. */
const PARTS = [
  { name: "Overview", path: "/", isOfAll: false },
  { name: "Changed", path: "/changed", isOfAll: true },
  { name: "Numbers", path: "/numbers", isOfAll: false },
  { name: "Holds", path: "/holds", isOfAll: false },
  { name: "Decisions", path: "/decisions", isOfAll: true },
  { name: "Audit", path: "/audit", isOfAll: true },
] as const;

/** A page: its title, which is its heading too, the part that it belongs to, and what stands below. */
export type Page = {
  readonly title: string;
  readonly part?: (typeof PARTS)[number]["name"];
  /** Where the page is, from the outside in: names and addresses of the pages above it. */
  readonly trail?: readonly { readonly name: string; readonly path: string }[];
  readonly body: Html;
  /** Every how many seconds a page that is looked at is made anew; it stands still where nothing is said. */
  readonly liveSeconds?: number;
  readonly status?: 200 | 400 | 401 | 403 | 404 | 409 | 413 | 500 | 503;
};

type Answer = Response | Promise<Response>;

/** Shows a page to the visitor. */
export async function show(context: RequestContext, page: Page): Promise<Response> {
  const { email } = context.get("caller");
  const canReadAll = await may(context, { right: "read-all" });
  const parts = PARTS.filter(({ isOfAll }) => canReadAll || !isOfAll);
  const bar = html`<nav aria-label="Parts">
      <ul class="parts">
        ${parts.map((part) => partLink(part, page.part))}
      </ul>
    </nav>
    <div class="person">${plain(email)}${signOut(context, email)}</div>`;
  return answer(context, page, bar);
}

/** Shows a page to somebody who is not known. */
export function showBare(context: RequestContext, page: Page): Answer {
  return answer(context, page, NOTHING);
}

function answer(context: RequestContext, page: Page, bar: Html): Answer {
  const { title, trail = [], body, status = 200, liveSeconds } = page;
  const live = liveSeconds === undefined ? NOTHING : html`data-live="${liveSeconds}"`;
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${plainText(title)} · Slipway</title>
        <link rel="icon" type="image/svg+xml" href="${ICON.path}" />
        <link rel="stylesheet" href="${STYLESHEET.path}" />
        <script src="${SCRIPT.path}" defer></script>
      </head>
      <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header><a class="brand" href="/">Slipway</a>${bar}</header>
        <main id="content" tabindex="-1" ${live}>
          ${trail.length === 0 ? NOTHING : trailOf(trail)}
          <h1>${plain(title)}</h1>
          ${body}
        </main>
        ${bar === NOTHING ? NOTHING : html`<footer>All times are UTC. Point at one to see it exactly.</footer>`}
        <div id="said" class="unseen" role="status"></div>
      </body>
    </html>`;
  return context.html(document, status);
}

function partLink(part: (typeof PARTS)[number], current: string | undefined): Html {
  return part.name === current
    ? html`<li><a href="${part.path}" aria-current="page">${part.name}</a></li>`
    : html`<li><a href="${part.path}">${part.name}</a></li>`;
}

function trailOf(trail: NonNullable<Page["trail"]>): Html {
  return html`<nav aria-label="Where this is">
    <ol class="trail">
      ${trail.map(({ name, path }) => html`<li><a href="${path}">${plain(name)}</a></li>`)}
    </ol>
  </nav>`;
}

function signOut(context: RequestContext, email: string): Html {
  const { people } = context.get("wiring").config.pages;
  return people.length === 0
    ? NOTHING
    : html`<form method="post" action="/sign-out">
        ${tokenField(context, email)}<button class="link">Sign out</button>
      </form>`;
}
