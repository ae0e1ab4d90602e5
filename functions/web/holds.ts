import { html } from "hono/html";
import type { Hono } from "hono";
import { strangerError } from "../requests/context.ts";
import type { RequestEnvironment } from "../requests/context.ts";
import { readableHolds } from "../requests/holds.ts";
import { needTo } from "../requests/needs.ts";
import { show } from "./layout.ts";
import { actLinks } from "./parts/act-links.ts";
import { holdTable, shownHolds } from "./parts/holds.ts";

/** Adds the page of every hold that the visitor may read. */
export function addHolds(app: Hono<RequestEnvironment>): void {
  app.get("/holds", async (context) => {
    const holds = await readableHolds(context);
    if (holds === null) {
      throw strangerError(context);
    }
    const need = needTo.hold({ scope: { kind: "all" }, service: null });
    const hold = {
      need,
      verb: "Hold everything",
      path: "/holds/new",
      kind: "button quiet" as const,
    };
    const [shown, acts] = await Promise.all([
      shownHolds(context, holds),
      actLinks(context, [hold]),
    ]);
    const body = html`<p>
        A hold stops promotions, and never a rollback. To hold a service or an environment, go to
        its page.
      </p>
      ${holdTable(shown, context.get("wiring").ports.clock.now())} ${acts}`;
    return show(context, { title: "Holds", part: "Holds", body });
  });
}
