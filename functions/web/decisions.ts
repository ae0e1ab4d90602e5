import { html } from "hono/html";
import type { Hono } from "hono";
import type { CameTo, Decision } from "../../shared/domain/decision.ts";
import type { Instant } from "../../shared/domain/time.ts";
import { permit } from "../requests/context.ts";
import type { RequestEnvironment } from "../requests/context.ts";
import { show } from "./layout.ts";
import { sign } from "./parts/badges.ts";
import type { Sign } from "./parts/badges.ts";
import { code, NOTHING, plain } from "./parts/html.ts";
import type { Html } from "./parts/html.ts";
import { stamp } from "./parts/moments.ts";
import { table } from "./parts/table.ts";

/** How many events a page shows. */
const DECISIONS_PAGE_SIZE = 50;

const OUTCOMES: Readonly<Record<CameTo, Sign>> = {
  decided: { tone: "good", word: "Decided" },
  ignored: { tone: "none", word: "Ignored" },
  refused: { tone: "bad", word: "Refused" },
  failed: { tone: "bad", word: "Failed" },
};

/** Adds the page of every event that came in lately, also of those that changed nothing. */
export function addDecisions(app: Hono<RequestEnvironment>): void {
  app.get("/decisions", async (context) => {
    await permit(context, { right: "read-all" });
    const { store, clock } = context.get("wiring").ports;
    const pageToken = context.req.query("page") ?? "";
    const request = { pageSize: DECISIONS_PAGE_SIZE, pageToken };
    const { items, nextPageToken } = await store.decisions(request);
    const more = new URLSearchParams({ page: nextPageToken }).toString();
    const body = html`<p>
        Every event of the last 30 days that came from outside, and what became of it.
      </p>
      ${decisionTable(items, clock.now())}
      ${nextPageToken === "" ? NOTHING : html`<p><a href="/decisions?${more}" rel="next">Earlier events</a></p>`}`;
    return show(context, { title: "Decisions", part: "Decisions", body });
  });
}

function decisionTable(decisions: readonly Decision[], now: Instant): Html {
  return table({
    caption: "Events, the newest first",
    empty: "Nothing has come in yet.",
    headings: ["When", "Taken by", "Outcome", "Why"],
    rows: decisions.map(({ at, trigger, outcome, why }) => [
      stamp(at, now),
      code(trigger),
      sign(OUTCOMES[outcome]),
      plain(why),
    ]),
  });
}
