import { html } from "hono/html";
import type { Hono } from "hono";
import { z } from "zod";
import { readOwnChannels } from "../../shared/app/own-channels.ts";
import { searchServices } from "../../shared/app/search-services.ts";
import { ATTENTIONS, isEverything } from "../../shared/domain/attention.ts";
import type { ServiceFilter } from "../../shared/domain/attention.ts";
import type { TroubledChannel } from "../../shared/domain/notices/troubled.ts";
import type { Instant } from "../../shared/domain/time.ts";
import type { ListedService } from "../../shared/ports/store.ts";
import { boundedText } from "../../shared/wire/text.ts";
import { deskOf, may, refuseStranger } from "../requests/context.ts";
import type { RequestContext, RequestEnvironment } from "../requests/context.ts";
import { troubledChannels } from "./parts/channels.ts";
import { columnsOf } from "./parts/columns.ts";
import type { Column } from "./parts/columns.ts";
import { code, NOTHING, plain } from "./parts/html.ts";
import type { Html } from "./parts/html.ts";
import { show } from "./layout.ts";
import { moment } from "./parts/moments.ts";
import { placeText } from "./parts/places.ts";
import { table } from "./parts/table.ts";

/** Every how many seconds the overview is made anew: it costs a read for each service. */
const LIVE_SECONDS = 15;

/** How many services a page shows. */
const OVERVIEW_PAGE_SIZE = 50;

const ANY = z.literal("").transform(() => null);

/** What the form above the overview asks for; what makes no sense there asks for nothing. */
const Query = z.object({
  text: boundedText().trim().catch("").default(""),
  owner: boundedText().trim().catch("").default(""),
  category: ANY.or(z.enum(["test", "internal", "external"])).catch(null),
  state: ANY.or(z.enum(ATTENTIONS)).catch(null),
  page: z.string().catch("").default(""),
});

/** Adds the page that shows every service in every environment. */
export function addOverview(app: Hono<RequestEnvironment>): void {
  app.get("/", async (context) => {
    const { page: pageToken, state: attention, ...asked } = Query.parse(context.req.query());
    const filter = { ...asked, attention };
    const { ports } = context.get("wiring");
    const request = { pageSize: OVERVIEW_PAGE_SIZE, pageToken, filter };
    const isWhole = pageToken === "" && isEverything(filter);
    const [{ items, nextPageToken }, own] = await Promise.all([
      searchServices(ports, deskOf(context), request),
      isWhole ? ownChannels(context) : [],
    ]);
    await refuseStranger(context, items.length === 0 && isWhole);
    const now = ports.clock.now();
    const body = html`${ownBanner(own, now)} ${channelsBanner(items)} ${filterForm(filter)}
    ${items.length === 0 ? emptiness(filter) : grid(items, now)}
    ${nextPageToken === "" ? NOTHING : nextLink(filter, nextPageToken)}`;
    return show(context, { title: "Overview", part: "Overview", body, liveSeconds: LIVE_SECONDS });
  });
}

/** The installation's own channels are for those who may read all. */
async function ownChannels(context: RequestContext): Promise<readonly TroubledChannel[]> {
  const { store } = context.get("wiring").ports;
  return (await may(context, { right: "read-all" })) ? readOwnChannels(store) : [];
}

/** The installation has no page but this one, so that all of it is said here. */
function ownBanner(channels: readonly TroubledChannel[], now: Instant): Html {
  return channels.length === 0
    ? NOTHING
    : html`<div>
        ${troubledChannels(channels, now)}
        <p>These are the channels of the installation, which <code>slipway.yaml</code> names.</p>
      </div>`;
}

/** Says whose channels take nothing; their pages say more. */
function channelsBanner(services: readonly ListedService[]): Html {
  const troubled = services.flatMap((found) =>
    found.kind === "readable" && found.seen.state.troubled.length > 0 ? [found.seen.state] : [],
  );
  return troubled.length === 0
    ? NOTHING
    : html`<p>
        <span class="problem">Notices do not arrive</span> of
        ${troubled.map(
          ({ service: { id, name }, troubled: [first] }, index) =>
            html`${index === 0 ? "" : ", "}<a href="/services/${id}">${plain(name)}</a>
              (${plain(first?.channel ?? "")})`,
        )}
      </p>`;
}

function filterForm({ text, owner, category, attention }: ServiceFilter): Html {
  return html`<form method="get" action="/" role="search" class="filter">
    <label
      >Service <input type="search" name="text" value="${text}" placeholder="name or id"
    /></label>
    <label>Owner <input name="owner" value="${owner}" placeholder="any" /></label>
    <label>Category ${select("category", ["test", "internal", "external"], category)}</label>
    <label>State ${select("state", ATTENTIONS, attention)}</label>
    <button>Show</button>
    <a href="/">Show all</a>
  </form>`;
}

function select(name: string, values: readonly string[], chosen: string | null): Html {
  return html`<select name="${name}">
    <option value="">any</option>
    ${values.map((value) => html`<option value="${value}" ${value === chosen ? "selected" : ""}>${value}</option>`)}
  </select>`;
}

function emptiness(filter: ServiceFilter): Html {
  return isEverything(filter)
    ? html`<p>There is no service yet. Apply one: <code>npx slipway apply DIRECTORY</code></p>`
    : html`<p>No service is like that. <a href="/">Show all services</a></p>`;
}

function nextLink({ text, owner, category, attention }: ServiceFilter, page: string): Html {
  const query = new URLSearchParams({
    text,
    owner,
    category: category ?? "",
    state: attention ?? "",
    page,
  });
  return html`<p><a href="/?${query.toString()}" rel="next">More services</a></p>`;
}

function grid(services: readonly ListedService[], now: Instant): Html {
  const states = services.flatMap((found) => (found.kind === "readable" ? [found.seen.state] : []));
  const columns = columnsOf(states.map(({ service }) => service));
  return table({
    caption: "Services and what runs in their environments",
    className: "grid",
    headings: ["Service", ...columns.map(({ heading }) => heading)],
    keys: services.map((found) =>
      found.kind === "readable" ? found.seen.state.service.id : found.service,
    ),
    rows: services.map((found) => row(found, columns, now)),
  });
}

function row(found: ListedService, columns: readonly Column[], now: Instant): readonly Html[] {
  if (found.kind === "unreadable") {
    const told = html`<span class="problem">cannot be read: ${plain(found.reason)}</span>`;
    const link = html`<a href="/services/${found.service}">${plain(found.service)}</a>`;
    return [link, ...columns.map((_, index) => (index === 0 ? told : NOTHING))];
  }
  const { state } = found.seen;
  const { id, name, owners } = state.service;
  const head = html`<a href="/services/${id}">${plain(name)}</a>
    <div class="quiet">${code(id)} ${owners.length === 0 ? "" : plain(owners.join(", "))}</div>`;
  if (state.removedAt !== null) {
    const told = html`<span class="quiet">removed ${moment(state.removedAt, now)}</span>`;
    return [head, ...columns.map((_, index) => (index === 0 ? told : NOTHING))];
  }
  return [head, ...columns.map((column) => cell(column, found, now))];
}

function cell({ find, isNamed }: Column, found: ListedService, now: Instant): Html {
  const state = found.kind === "readable" ? found.seen.state : null;
  const environment = state === null ? null : find(state.service);
  if (state === null || environment === null) {
    return html`<span class="quiet absent" aria-hidden="true">–</span
      ><span class="unseen">no such environment</span>`;
  }
  const label = isNamed ? NOTHING : html`<div class="label">${plain(environment.id)}</div>`;
  return html`${label}${placeText({ state, environment, now })}`;
}
