import { html } from "hono/html";
import type { Hono } from "hono";
import { may, strangerError } from "../requests/context.ts";
import type { RequestEnvironment } from "../requests/context.ts";
import { canLift, readableHolds } from "../requests/holds.ts";
import { show } from "./layout.ts";
import { holdTable } from "./parts/holds.ts";
import { NOTHING } from "./parts/html.ts";

/** Adds the page of every hold that the visitor may read. */
export function addHolds(app: Hono<RequestEnvironment>): void {
  app.get("/holds", async (context) => {
    const holds = await readableHolds(context);
    if (holds === null) {
      throw strangerError(context);
    }
    const shown = await Promise.all(
      holds.map(async (held) => ({ hold: held.hold, canLift: await canLift(context, held) })),
    );
    const canHoldAll = await may(context, { right: "stop-all" });
    const body = html`<p>
        A hold stops promotions, and never a rollback. To hold a service or an environment, go to
        its page.
      </p>
      ${holdTable(shown, context.get("wiring").ports.clock.now())}
      ${canHoldAll ? html`<p><a class="button quiet" href="/holds/new">Hold everything</a></p>` : NOTHING}`;
    return show(context, { title: "Holds", part: "Holds", body });
  });
}
