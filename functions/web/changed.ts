import { html } from "hono/html";
import type { Hono } from "hono";
import { z } from "zod";
import type { AuditRecord } from "../../shared/domain/audit-record.ts";
import { SYSTEM_CHAIN } from "../../shared/domain/audit-record.ts";
import { days, instant, minutes } from "../../shared/domain/time.ts";
import type { Duration, Instant } from "../../shared/domain/time.ts";
import type { PlacedEntry } from "../../shared/domain/timeline.ts";
import { boundedText } from "../../shared/wire/text.ts";
import type { RequestEnvironment } from "../requests/context.ts";
import { spanAsked } from "../requests/timeline.ts";
import { changedPicture } from "./charts/changed-picture.ts";
import { show } from "./layout.ts";
import { code, NOTHING, plain } from "./parts/html.ts";
import type { Html } from "./parts/html.ts";
import { stamp } from "./parts/moments.ts";
import { table } from "./parts/table.ts";

/** How many deployments, and how many of what else happened, a page shows. */
const CHANGED_PAGE_SIZE = 50;

/** Every how many seconds the newest page is made anew. */
const LIVE_SECONDS = 15;

const SPANS: Readonly<Record<"hour" | "day" | "week", Duration>> = {
  hour: minutes(60),
  day: days(1),
  week: days(7),
};

const Query = z.object({
  span: z.enum(["hour", "day", "week"]).catch("hour").default("hour"),
  deployments: boundedText(2000).catch("").default(""),
  happenings: boundedText(2000).catch("").default(""),
});

type Asked = z.output<typeof Query>;

/** Adds the page of what changed anywhere lately: what was deployed, and what else happened. */
export function addChanged(app: Hono<RequestEnvironment>): void {
  app.get("/changed", async (context) => {
    const asked = Query.parse(context.req.query());
    const { store, clock } = context.get("wiring").ports;
    const now = clock.now();
    const span = await spanAsked(context, { from: instant(now - SPANS[asked.span]) });
    const page = { ...span, pageSize: CHANGED_PAGE_SIZE };
    const [entries, records] = await Promise.all([
      store.timelineOfAll({ ...page, pageToken: asked.deployments }),
      store.happeningsOfAll({ ...page, pageToken: asked.happenings }),
    ]);
    const body = html`<p class="spans">
        ${Object.keys(SPANS).map((name) => spanLink(name, asked))}
      </p>
      ${changedPicture(span, entries.items, records.items)}
      <h2>Deployments</h2>
      ${entryTable(entries.items, now)} ${moreLink(asked, "deployments", entries.nextPageToken)}
      <h2>What else happened</h2>
      ${recordTable(records.items, now)} ${moreLink(asked, "happenings", records.nextPageToken)}`;
    const isNewest = asked.deployments === "" && asked.happenings === "";
    return show(context, {
      title: `What changed in the last ${asked.span}`,
      part: "Changed",
      body,
      ...(isNewest && { liveSeconds: LIVE_SECONDS }),
    });
  });
}

function spanLink(name: string, { span }: Asked): Html {
  const path = `/changed?span=${name}`;
  return name === span
    ? html`<a href="${path}" aria-current="page">${name}</a> `
    : html`<a href="${path}">${name}</a> `;
}

/** The way to the next page of one of the two lists; the other one stays where it is. */
function moreLink(asked: Asked, list: "deployments" | "happenings", token: string): Html {
  if (token === "") {
    return NOTHING;
  }
  const query = new URLSearchParams({ ...asked, [list]: token }).toString();
  const what = list === "deployments" ? "Earlier deployments" : "Earlier happenings";
  return html`<p><a href="/changed?${query}" rel="next">${what}</a></p>`;
}

function entryTable(entries: readonly PlacedEntry[], now: Instant): Html {
  return table({
    caption: "Deployments, the newest first",
    empty: "Nothing was deployed in this time.",
    headings: ["When", "Service", "Environment", "Release", "By", "Still there"],
    keys: entries.map(({ id }) => id),
    rows: entries.map(({ service, environment, deployment, to }) => [
      stamp(deployment.since, now),
      serviceLink(service),
      plain(environment),
      code(deployment.tag ?? deployment.release),
      html`<a href="/promotions/${deployment.promotion}"
        >${deployment.kind}<span class="unseen">
          promotion of ${service} into ${environment}</span
        ></a
      >`,
      to === null ? html`yes` : html`until ${stamp(to, now)}`,
    ]),
  });
}

function recordTable(records: readonly AuditRecord[], now: Instant): Html {
  return table({
    caption: "What else happened, the newest first",
    empty: "Nothing else happened.",
    headings: ["When", "Service", "Environment", "What", "By", "Reason"],
    keys: records.map(({ id }) => id),
    rows: records.map(({ time, chain, environment, kind, by, reason }) => [
      stamp(time, now),
      chain === SYSTEM_CHAIN ? html`<span class="quiet">all</span>` : serviceLink(chain),
      plain(environment ?? ""),
      code(kind),
      plain(by),
      plain(reason ?? ""),
    ]),
  });
}

function serviceLink(service: string): Html {
  return html`<a href="/services/${service}/timeline?span=hour">${code(service)}</a>`;
}
