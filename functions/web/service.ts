import { html } from "hono/html";
import type { Hono } from "hono";
import { changesTo } from "../../shared/app/changes.ts";
import { findRelease } from "../../shared/app/explain.ts";
import { defaultRelease } from "../../shared/domain/events/promotion-requested.ts";
import { imageOf, releaseCommit } from "../../shared/domain/release.ts";
import type { Release } from "../../shared/domain/release.ts";
import type { Environment } from "../../shared/domain/service.ts";
import type { ServiceState } from "../../shared/domain/state.ts";
import type { Instant } from "../../shared/domain/time.ts";
import { may, serviceNamed } from "../requests/context.ts";
import type { RequestContext, RequestEnvironment } from "../requests/context.ts";
import { show } from "./layout.ts";
import { actLinks } from "./parts/act-links.ts";
import { badge } from "./parts/badges.ts";
import { holdTable } from "./parts/holds.ts";
import { code, NOTHING, plain } from "./parts/html.ts";
import type { Html } from "./parts/html.ts";
import { moment } from "./parts/moments.ts";
import { placeText } from "./parts/places.ts";
import { promotionTable } from "./parts/promotions.ts";
import { table } from "./parts/table.ts";
import { OVERVIEW_TRAIL } from "./trails.ts";

/** Every how many seconds the page is made anew. */
const LIVE_SECONDS = 10;

/** How many releases and promotions a service's page lists. */
const LISTED_COUNT = 15;

/** Adds the page of a service: its stages, what lies between them, its releases, promotions and holds. */
export function addService(app: Hono<RequestEnvironment>): void {
  app.get("/services/:service", async (context) => {
    const { state } = await serviceNamed(context, context.req.param("service"));
    const { store, clock } = context.get("wiring").ports;
    const now = clock.now();
    const page = { pageSize: LISTED_COUNT, pageToken: "" };
    const [stages, releases, promotions, canStop] = await Promise.all([
      stagesText(context, state, now),
      store.releases(state.service.id, page),
      store.promotions(state.service.id, page),
      may(context, { right: "stop", service: state.service, where: "anywhere" }),
    ]);
    const { id, name, owners, image } = state.service;
    const body = html`<p class="quiet">
        ${code(id)} ${owners.length === 0 ? NOTHING : html`of ${plain(owners.join(", "))}, `}image
        ${code(image)},
        <a href="/audit?service=${id}">its record</a>,
        <a href="/services/${id}/timeline">its timeline</a>,
        <a href="/numbers?service=${id}">its numbers</a>
      </p>
      ${stages}
      <h2>Releases</h2>
      ${releaseTable(releases.items, { now, canStop })}
      <h2>Promotions</h2>
      ${promotionTable(promotions.items, now)}
      <h2>Holds</h2>
      ${holdTable(
        [...state.globalHolds, ...state.holds].map((hold) => ({ hold, canLift: canStop })),
        now,
      )}
      ${canStop ? html`<p><a class="button quiet" href="/services/${id}/hold">Hold the service</a></p>` : NOTHING}`;
    return show(context, {
      title: name,
      part: "Overview",
      trail: OVERVIEW_TRAIL,
      body,
      liveSeconds: LIVE_SECONDS,
    });
  });
}

async function stagesText(
  context: RequestContext,
  state: ServiceState,
  now: Instant,
): Promise<Html> {
  const cards = await Promise.all(
    state.service.environments.map(async (environment) => {
      const [between, acts] = await Promise.all([
        betweenText(context, state, environment),
        placeLinks(context, state, environment),
      ]);
      return html`<li class="stage">
        <h2>
          <a href="/services/${state.service.id}/environments/${environment.id}"
            >${plain(environment.id)}</a
          >
          <span class="quiet">${environment.category}</span>
        </h2>
        ${placeText({ state, environment, now })} ${between} ${acts}
      </li>`;
    }),
  );
  return html`<ol class="stages">
    ${cards}
  </ol>`;
}

/** What would come into an environment with the release that a promotion takes by itself. */
async function betweenText(
  context: RequestContext,
  state: ServiceState,
  environment: Environment,
): Promise<Html> {
  const { ports } = context.get("wiring");
  const id = defaultRelease(state, environment);
  const release = id === null ? null : await findRelease(ports, state, id);
  if (release === null) {
    return NOTHING;
  }
  const { direction, releases, commits, isCut } = await changesTo(ports, state, {
    environment,
    release,
    isRollback: false,
  });
  if (direction === "none") {
    return html`<p class="between quiet">It has the newest that it can get.</p>`;
  }
  const path = `/services/${state.service.id}/environments/${environment.id}`;
  const more = isCut ? "more than " : "";
  const counts = [
    countOf(releases.length, "release", more),
    ...(commits.length === 0 ? [] : [countOf(commits.length, "commit", more)]),
  ];
  return html`<p class="between">
    <a href="${path}#changes">${counts.join(", ")}</a> to come: ${code(release.tag ?? release.id)}
  </p>`;
}

function countOf(count: number, noun: string, more: string): string {
  return `${more}${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Links to what the visitor may do in an environment; nothing where they may do nothing. */
export async function placeLinks(
  context: RequestContext,
  { service }: ServiceState,
  environment: Environment,
): Promise<Html> {
  const path = `/services/${service.id}/environments/${environment.id}`;
  const unseen = environment.id;
  return actLinks(context, { service, environment }, [
    { right: "promote", verb: "Promote", path: `${path}/promote`, kind: "button", unseen },
    {
      right: "roll-back",
      verb: "Roll back",
      path: `${path}/rollback`,
      kind: "button quiet",
      unseen,
    },
    { right: "stop", verb: "Hold", path: `${path}/hold`, kind: "button quiet", unseen },
  ]);
}

function releaseTable(
  releases: readonly Release[],
  { now, canStop }: { readonly now: Instant; readonly canStop: boolean },
): Html {
  return table({
    caption: "Releases, the newest first",
    empty: "There is none yet: push an image.",
    headings: ["Release", "Made", "Commit", "Succeeded in", "Mark"],
    rows: releases.map((release) => [
      html`${code(release.tag ?? release.id)}
        <div class="quiet" title="${imageOf(release)}">${code(release.id)}</div>`,
      moment(release.createdAt, now),
      code((releaseCommit(release) ?? "").slice(0, 12)),
      plain(Object.keys(release.succeededIn).join(", ")),
      markText(release, canStop),
    ]),
  });
}

function markText({ service, id, tag, image }: Release, canStop: boolean): Html {
  const path = `/services/${service}/releases/${id}`;
  const name = html`<span class="unseen"> ${plain(tag ?? id)}</span>`;
  if (image.bad === null) {
    return canStop ? html`<a href="${path}/mark">Mark bad${name}</a>` : NOTHING;
  }
  return html`${badge("bad", "Bad")} ${plain(image.bad.reason)}
  ${canStop ? html`<a href="${path}/unmark">Take it away${name}</a>` : NOTHING}`;
}
