import { html } from "hono/html";
import type { RequestContext } from "../../requests/context.ts";
import { mayDo } from "../../requests/needs.ts";
import type { Need } from "../../requests/needs.ts";
import { NOTHING } from "./html.ts";
import type { Html } from "./html.ts";

/** A link to something that a visitor may be allowed to do. */
export type ActLink = {
  readonly need: Need;
  readonly verb: string;
  readonly path: string;
  readonly kind: "button" | "button quiet";
  /** What those hear besides who do not see where the link stands. */
  readonly unseen?: string;
};

/** Links to those acts that the visitor may do; nothing where they may do none. */
export async function actLinks(context: RequestContext, acts: readonly ActLink[]): Promise<Html> {
  const allowed = await Promise.all(acts.map(async ({ need }) => mayDo(context, need)));
  const links = acts.filter((_, index) => allowed[index] === true);
  return links.length === 0
    ? NOTHING
    : html`<p class="acts">
        ${links.map(
          ({ kind, path, verb, unseen }) =>
            html`<a class="${kind}" href="${path}"
              >${verb}${unseen === undefined ? NOTHING : html`<span class="unseen"> ${unseen}</span>`}</a
            >`,
        )}
      </p>`;
}
