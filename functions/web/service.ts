import { html } from "hono/html";
import type { Hono } from "hono";
import { changesTo } from "../../shared/app/changes.ts";
import { findRelease } from "../../shared/app/explain.ts";
import { defaultRelease } from "../../shared/domain/events/promotion-requested.ts";
import { imageOf, releaseCommit } from "../../shared/domain/release.ts";
import type { Release } from "../../shared/domain/release.ts";
import type { Environment, Service } from "../../shared/domain/service.ts";
import { environmentState } from "../../shared/domain/state.ts";
import type { ServiceState } from "../../shared/domain/state.ts";
import type { Instant } from "../../shared/domain/time.ts";
import { serviceNamed } from "../requests/context.ts";
import type { RequestContext, RequestEnvironment } from "../requests/context.ts";
import { mayDo, needTo, needToEnter } from "../requests/needs.ts";
import { show } from "./layout.ts";
import { actLinks } from "./parts/act-links.ts";
import type { ActLink } from "./parts/act-links.ts";
import { badge } from "./parts/badges.ts";
import { troubledChannels } from "./parts/channels.ts";
import { holdsOf, holdTable, shownHolds } from "./parts/holds.ts";
import { code, NOTHING, plain } from "./parts/html.ts";
import type { Html } from "./parts/html.ts";
import { copyable, copyableTag, copyButton, idText } from "./parts/ids.ts";
import { moment, stamp } from "./parts/moments.ts";
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
    const [stages, releases, promotions, holds, acts] = await Promise.all([
      stagesText(context, state, now),
      store.releases(state.service.id, page),
      store.promotions(state.service.id, page),
      shownHolds(context, holdsOf(state)),
      serviceLinks(context, state),
    ]);
    const listed = await releaseTable(context, state, { releases: releases.items, now });
    const { id: service, name, owners, image } = state.service;
    const body = html`<p class="quiet">
        ${code(service)}
        ${owners.length === 0 ? NOTHING : html`of ${plain(owners.join(", "))}, `}from
        ${copyable(image, "the repository")}
      </p>
      <p>
        <a href="/audit?service=${service}">its record</a>,
        <a href="/services/${service}/timeline">its timeline</a>,
        <a href="/numbers?service=${service}">its numbers</a>
      </p>
      ${removedText(state, now)} ${troubledChannels(state.troubled, now)} ${stages}
      <h2>Releases</h2>
      ${listed}
      <h2>Promotions</h2>
      ${promotionTable(promotions.items, now)}
      <h2>Holds</h2>
      ${holdTable(holds, now)} ${acts}`;
    return show(context, {
      title: name,
      part: "Overview",
      trail: OVERVIEW_TRAIL,
      body,
      liveSeconds: LIVE_SECONDS,
    });
  });
}

function removedText({ removedAt }: ServiceState, now: Instant): Html {
  return removedAt === null
    ? NOTHING
    : html`<p>
        ${badge("none", "Removed")} ${moment(removedAt, now)}. What runs is left as it is, and
        nothing is delivered any more.
      </p>`;
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
  const wanted = defaultRelease(state, environment);
  const release = wanted === null ? null : await findRelease(ports, state, wanted);
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
  state: ServiceState,
  environment: Environment,
): Promise<Html> {
  const { service } = state;
  const place = { service, environment };
  const scope = {
    kind: "environment" as const,
    service: service.id,
    environment: environment.id,
  };
  const { contract, current } = environmentState(state, environment.id);
  const quiet = { kind: "button quiet" as const, unseen: environment.id };
  const to = (act: string): string =>
    `/services/${service.id}/environments/${environment.id}/${act}`;
  const rollBack: ActLink = {
    ...quiet,
    need: needTo.rollBack(place),
    verb: "Roll back",
    path: to("rollback"),
  };
  const acts: readonly ActLink[] = [
    {
      ...quiet,
      need: await needToEnter(context, place),
      verb: "Promote",
      path: to("promote"),
      kind: "button",
    },
    // Where nothing runs there is nothing to go back from.
    ...(current === null ? [] : [rollBack]),
    { ...quiet, need: needTo.hold({ scope, service }), verb: "Hold", path: to("hold") },
  ];
  const migrate = { need: needTo.migrate(place), verb: "Migrate", path: to("migrate") };
  const isWaiting = contract !== null && contract.startedBy === null;
  // Nothing is done any more with a service that was removed.
  return state.removedAt === null
    ? actLinks(context, [...acts, ...(isWaiting ? [{ ...quiet, ...migrate }] : [])])
    : NOTHING;
}

/** What the visitor may do with the service as a whole. */
async function serviceLinks(
  context: RequestContext,
  { service, removedAt }: ServiceState,
): Promise<Html> {
  if (removedAt !== null) {
    return NOTHING;
  }
  const scope = { kind: "service" as const, service: service.id };
  const need = needTo.hold({ scope, service });
  const path = `/services/${service.id}/hold`;
  return actLinks(context, [{ need, verb: "Hold the service", path, kind: "button quiet" }]);
}

async function releaseTable(
  context: RequestContext,
  { service, removedAt }: ServiceState,
  { releases, now }: { readonly releases: readonly Release[]; readonly now: Instant },
): Promise<Html> {
  const marks = await Promise.all(
    releases.map(async (release) => markText(context, service, release)),
  );
  return table({
    caption: "Releases, the newest first",
    empty: removedAt === null ? "There is none yet: push an image." : "There was none.",
    headings: ["Release", "Image", "Made", "Commit", "Succeeded in", "Mark"],
    keys: releases.map(({ id }) => id),
    rows: releases.map((release, index) => [
      html`${release.tag === null ? NOTHING : copyableTag(release.tag)}
        <div class="quiet">${copyable(release.id)}</div>`,
      imageText(release),
      stamp(release.createdAt, now),
      commitText(release),
      plain(Object.keys(release.succeededIn).join(", ")),
      marks[index] ?? NOTHING,
    ]),
  });
}

/** An image's digest; what is copied says where the image is, too. */
function imageText(release: Release): Html {
  const name = `the image of ${release.tag ?? release.id}`;
  return html`<span class="copyable"
    >${idText(release.digest)}${copyButton(imageOf(release), name)}</span
  >`;
}

function commitText(release: Release): Html {
  const commit = releaseCommit(release);
  return commit === null ? NOTHING : copyable(commit, `the commit of ${release.tag ?? release.id}`);
}

async function markText(
  context: RequestContext,
  service: Service,
  { id: release, tag, image: { bad } }: Release,
): Promise<Html> {
  const need = bad === null ? needTo.mark(service) : needTo.unmark(service, bad);
  const path = `/services/${service.id}/releases/${release}/${bad === null ? "mark" : "unmark"}`;
  const name = html`<span class="unseen"> ${plain(tag ?? release)}</span>`;
  const act = html`<a href="${path}">${bad === null ? "Mark bad" : "Take it away"}${name}</a>`;
  const told = bad === null ? NOTHING : html`${badge("bad", "Bad")} ${plain(bad.reason)} `;
  return html`${told}${(await mayDo(context, need)) ? act : NOTHING}`;
}
