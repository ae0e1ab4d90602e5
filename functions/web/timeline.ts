import { html } from "hono/html";
import type { Hono } from "hono";
import { z } from "zod";
import type { AuditRecord } from "../../shared/domain/audit-record.ts";
import { days, instant, minutes } from "../../shared/domain/time.ts";
import type { Duration, Instant } from "../../shared/domain/time.ts";
import type { TimelineEntry } from "../../shared/domain/timeline.ts";
import type { SeenService } from "../../shared/ports/store.ts";
import { serviceNamed } from "../requests/context.ts";
import type { RequestContext, RequestEnvironment } from "../requests/context.ts";
import { isDrawn, legend, timelinePicture } from "./charts/timeline-picture.ts";
import type { Drawn } from "./charts/timeline-picture.ts";
import { show } from "./layout.ts";
import { code, NOTHING, plain } from "./parts/html.ts";
import type { Html } from "./parts/html.ts";
import { stamp } from "./parts/moments.ts";
import { table } from "./parts/table.ts";
import { serviceTrail } from "./trails.ts";

/** How many deployments and how many of the last records a timeline reads, whatever the history. */
const ENTRIES_READ_COUNT = 100;
const RECORDS_READ_COUNT = 200;

const SPANS: Readonly<Record<"hour" | "day" | "week" | "month", Duration>> = {
  hour: minutes(60),
  day: days(1),
  week: days(7),
  month: days(30),
};

const Query = z.object({
  span: z.enum(["hour", "day", "week", "month"]).catch("week").default("week"),
});

/** Adds the page that draws what was where from when to when, and what happened meanwhile. */
export function addTimeline(app: Hono<RequestEnvironment>): void {
  app.get("/services/:service/timeline", async (context) => {
    const { span: name } = Query.parse(context.req.query());
    const seen = await serviceNamed(context, context.req.param("service"));
    const { service } = seen.state;
    const now = context.get("wiring").ports.clock.now();
    const span = { from: instant(now - SPANS[name]), to: now };
    const read = await readSpan(context, seen, span);
    const drawn: Drawn = {
      span,
      lanes: service.environments.map(({ id }) => id),
      entries: read.entries.map((entry) => ({ ...entry, lane: entry.environment })),
      records: read.records.map((record) => ({ record, lane: record.environment })),
    };
    const body = html`<p class="spans">
        ${Object.keys(SPANS).map((other) => spanLink(service.id, other, name))}
      </p>
      ${timelinePicture(drawn)} ${legend()}
      ${read.isCut ? html`<p class="quiet">There is more than is drawn: the newest ${ENTRIES_READ_COUNT} deployments and ${RECORDS_READ_COUNT} records are.</p>` : NOTHING}
      <h2>Deployments</h2>
      ${entryTable(read.entries, now)}
      <h2>What happened</h2>
      ${eventTable(read.records, now)}`;
    return show(context, {
      title: `Timeline of ${service.name}`,
      part: "Overview",
      trail: serviceTrail(seen.state),
      body,
    });
  });
}

type Read = {
  readonly entries: readonly TimelineEntry[];
  readonly records: readonly AuditRecord[];
  readonly isCut: boolean;
};

async function readSpan(
  context: RequestContext,
  { state, chain }: SeenService,
  { from }: { readonly from: Instant },
): Promise<Read> {
  const { store } = context.get("wiring").ports;
  const { id } = state.service;
  const after = Math.max(0, chain.head.sequence - RECORDS_READ_COUNT);
  const [page, records] = await Promise.all([
    store.timeline(id, { pageSize: ENTRIES_READ_COUNT, pageToken: "" }),
    store.records(id, after, RECORDS_READ_COUNT),
  ]);
  const oldest = page.items.at(-1);
  const firstRecord = records[0];
  return {
    entries: page.items.filter(({ to }) => to === null || to >= from),
    // Newest first, as the deployments are.
    records: records.filter((record) => record.time >= from && isDrawn(record)).toReversed(),
    isCut:
      (page.nextPageToken !== "" && oldest !== undefined && oldest.deployment.since >= from) ||
      (after > 0 && firstRecord !== undefined && firstRecord.time >= from),
  };
}

function spanLink(service: string, name: string, chosen: string): Html {
  const path = `/services/${service}/timeline?span=${name}`;
  return name === chosen
    ? html`<a href="${path}" aria-current="page">${name}</a> `
    : html`<a href="${path}">${name}</a> `;
}

function entryTable(entries: readonly TimelineEntry[], now: Instant): Html {
  return table({
    caption: "Deployments, the newest first",
    empty: "Nothing ran in this time.",
    headings: ["Environment", "Release", "From", "Until", "By"],
    rows: entries.map(({ environment, deployment, to }) => [
      plain(environment),
      code(deployment.tag ?? deployment.release),
      stamp(deployment.since, now),
      to === null ? html`now` : stamp(to, now),
      html`<a href="/promotions/${deployment.promotion}"
        >${deployment.kind}<span class="unseen"> promotion into ${environment}</span></a
      >`,
    ]),
  });
}

function eventTable(records: readonly AuditRecord[], now: Instant): Html {
  return table({
    caption: "What happened, the newest first",
    empty: "Nothing but deployments.",
    headings: ["When", "What", "Where", "By", "Reason"],
    rows: records.map(({ time, kind, environment, by, reason }) => [
      stamp(time, now),
      code(kind),
      plain(environment ?? ""),
      plain(by),
      plain(reason ?? ""),
    ]),
  });
}
