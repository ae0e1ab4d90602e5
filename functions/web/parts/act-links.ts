import { html } from "hono/html";
import type { Right } from "../../../shared/domain/rights/table.ts";
import type { Environment, Service } from "../../../shared/domain/service.ts";
import { may } from "../../requests/context.ts";
import type { RequestContext } from "../../requests/context.ts";
import { NOTHING } from "./html.ts";
import type { Html } from "./html.ts";

/** A link to something that a visitor may be allowed to do. */
export type ActLink = {
  readonly right: Right;
  readonly verb: string;
  readonly path: string;
  readonly kind: "button" | "button quiet";
  /** What those hear besides who do not see where the link stands. */
  readonly unseen?: string;
};

/** Links to those acts that the visitor may do in an environment; nothing where they may do none. */
export async function actLinks(
  context: RequestContext,
  { service, environment }: { readonly service: Service; readonly environment: Environment },
  acts: readonly ActLink[],
): Promise<Html> {
  const allowed = await Promise.all(
    acts.map(async ({ right }) => may(context, { right, service, where: environment })),
  );
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
