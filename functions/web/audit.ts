import { html } from "hono/html";
import type { Hono } from "hono";
import { z } from "zod";
import { verifyChain } from "../../shared/adapters/canonical-hash.ts";
import { EMPTY_CHAIN, SYSTEM_CHAIN } from "../../shared/domain/audit-record.ts";
import type { AuditRecord } from "../../shared/domain/audit-record.ts";
import type { Instant } from "../../shared/domain/time.ts";
import { boundedText } from "../../shared/wire/text.ts";
import { toAuditView } from "../../shared/wire/api/views.ts";
import { chainNamed, readRecords } from "../requests/audit.ts";
import type { RequestEnvironment } from "../requests/context.ts";
import { show } from "./layout.ts";
import { badge } from "./parts/badges.ts";
import { code, NOTHING, plain } from "./parts/html.ts";
import type { Html } from "./parts/html.ts";
import { copyable, idText } from "./parts/ids.ts";
import { stamp } from "./parts/moments.ts";
import { table } from "./parts/table.ts";

/** How many records a page shows. */
const AUDIT_PAGE_SIZE = 50;

const Query = z.object({
  service: boundedText().trim().catch("").default(""),
  after: z.coerce.number().int().min(0).catch(0).default(0),
});

/** Adds the page of the record: a chain's facts in order, and whether what is shown of it verifies. */
export function addAudit(app: Hono<RequestEnvironment>): void {
  app.get("/audit", async (context) => {
    const { service, after } = Query.parse(context.req.query());
    const chain = await chainNamed(context, service === "" ? undefined : service);
    const { clock } = context.get("wiring").ports;
    const asked = { after, count: AUDIT_PAGE_SIZE };
    const { records, next } = await readRecords(context, chain, asked);
    const query = service === "" ? "" : `service=${encodeURIComponent(service)}&`;
    const more =
      next === null
        ? NOTHING
        : html`<a href="/audit?${query}after=${next}" rel="next">Later records</a>`;
    const { verdict, brokenAt } = verified(records, after);
    const body = html`${chainForm(service)} ${verdict}
      ${recordTable(records, { brokenAt, now: clock.now() })}
      <p>
        ${after === 0 ? NOTHING : html`<a href="/audit?${query}after=${Math.max(0, after - AUDIT_PAGE_SIZE)}" rel="prev">Earlier records</a>`}
        ${more}
      </p>`;
    const title = chain === SYSTEM_CHAIN ? "Audit" : `Audit of ${chain}`;
    return show(context, { title, part: "Audit", body });
  });
}

function chainForm(service: string): Html {
  return html`<form method="get" action="/audit" class="filter">
      <label>Service <input name="service" value="${service}" placeholder="id" /></label>
      <button>Show</button>
    </form>
    ${service === "" ? html`<p class="quiet">These records concern no single service. A service's own are shown by its id.</p>` : NOTHING}`;
}

/** Whether the records on the page are whole and in order; from the first one on, whether the chain is. */
function verified(
  records: readonly AuditRecord[],
  after: number,
): { readonly verdict: Html; readonly brokenAt: number | null } {
  const [first] = records;
  if (first === undefined) {
    return { verdict: NOTHING, brokenAt: null };
  }
  const before = after === 0 ? EMPTY_CHAIN : { sequence: after, hash: first.previousHash };
  const verdict = verifyChain(before, records.map(toAuditView));
  if (verdict.ok) {
    const intact = intactText(first.sequence, verdict.value.sequence);
    return { verdict: html`<p>${badge("good", "Intact")} ${intact}</p>`, brokenAt: null };
  }
  const { sequence, reason } = verdict.refusal;
  return {
    verdict: html`<p>${badge("bad", "Broken")} At record ${sequence}: ${plain(reason)}.</p>
      <p>
        It is not as Slipway wrote it. The audit feed had it as it was: compare it with the copy
        that is kept of the feed.
      </p>`,
    brokenAt: sequence,
  };
}

function intactText(first: number, last: number): string {
  return first === last
    ? `Record ${first} is the only one here, and is as its hash says.`
    : `Records ${first} to ${last} have no gap, and each has the hash of the one before.`;
}

function recordTable(
  records: readonly AuditRecord[],
  { brokenAt, now }: { readonly brokenAt: number | null; readonly now: Instant },
): Html {
  return table({
    caption: "Records in order",
    empty: "There is no record here.",
    headings: ["Number", "When", "What", "By", "Where", "Reason", "Hash"],
    rows: records.map((record) => [
      record.sequence === brokenAt
        ? badge("bad", String(record.sequence))
        : html`${record.sequence}`,
      stamp(record.time, now),
      code(record.kind),
      plain(record.by),
      whereText(record),
      plain(record.reason ?? ""),
      copyable(record.hash, `the hash of record ${record.sequence}`),
    ]),
  });
}

function whereText({ environment, release, promotion }: AuditRecord): Html {
  if (environment === null && release === null && promotion === null) {
    return NOTHING;
  }
  return html`${environment === null ? NOTHING : plain(environment)}
  ${release === null ? NOTHING : html`<div class="quiet">${idText(release)}</div>`}
  ${promotion === null ? NOTHING : html`<a href="/promotions/${promotion}">promotion</a>`}`;
}
