import { html } from "hono/html";
import type { Hono } from "hono";
import { preview } from "../../shared/app/preview.ts";
import { entryOf } from "../../shared/domain/entry-of.ts";
import { howToOpen } from "../../shared/domain/explain/gate.ts";
import { isClosed } from "../../shared/domain/gates/verdict.ts";
import { findRelease } from "../../shared/app/explain.ts";
import { arrivalOf } from "../../shared/domain/explain/arrival.ts";
import { isEnded, isForward } from "../../shared/domain/promotion.ts";
import type { Promotion } from "../../shared/domain/promotion.ts";
import type { Environment } from "../../shared/domain/service.ts";
import type { SeenService } from "../../shared/ports/store.ts";
import type { Instant } from "../../shared/domain/time.ts";
import { toArrivalView } from "../../shared/wire/api/arrival.ts";
import { toGateView } from "../../shared/wire/api/views.ts";
import { actorOf, environmentNamed, promotionNamed } from "../requests/context.ts";
import type { RequestContext, RequestEnvironment } from "../requests/context.ts";
import { needTo } from "../requests/needs.ts";
import type { Need } from "../requests/needs.ts";
import { show } from "./layout.ts";
import { actLinks } from "./parts/act-links.ts";
import type { ActLink } from "./parts/act-links.ts";
import { consoleLinks } from "./parts/consoles.ts";
import { gateTable } from "./parts/gates.ts";
import type { ShownGate } from "./parts/gates.ts";
import { NOTHING, plain } from "./parts/html.ts";
import type { Html } from "./parts/html.ts";
import { copyable, copyableTag, idText } from "./parts/ids.ts";
import { moment } from "./parts/moments.ts";
import { waitsFor } from "./parts/places.ts";
import { arrivalText } from "./parts/arrivals.ts";
import { isLong, lastWords, stateBadge, stepTable } from "./parts/promotions.ts";
import { environmentTrail } from "./trails.ts";

/** Every how many seconds the page of a promotion is made anew that has not ended. */
const LIVE_SECONDS = 3;

/** Adds the page of a promotion: its steps, what it waits for, who agreed, and what one can do about it. */
export function addPromotion(app: Hono<RequestEnvironment>): void {
  app.get("/promotions/:promotion", async (context) => {
    const { promotion, seen } = await promotionNamed(context, context.req.param("promotion"));
    const { service } = seen.state;
    const environment = environmentNamed(service, promotion.environment);
    const now = context.get("wiring").ports.clock.now();
    const { ports } = context.get("wiring");
    const [acts, release] = await Promise.all([
      promotionLinks(context, { promotion, seen, environment }),
      findRelease(ports, seen.state, promotion.release),
    ]);
    const body = html`<div class="news">
        ${newsText(promotion, now)}
        ${arrivalText(toArrivalView(arrivalOf(seen.state, promotion, now)), now)}
      </div>
      ${factsText(promotion, release?.tag ?? null, now)}
      ${consolesText(context, promotion, environment)}
      <div class="room">${acts}</div>
      <h2>Steps</h2>
      ${stepTable(promotion, now)}
      <h2>Gates</h2>
      ${gateTable(gatesOf(promotion, { seen, environment, now }), now)}
      ${approvalsText(promotion, now)} ${dataText(promotion)}`;
    return show(context, {
      title: `${service.name} into ${environment.id}`,
      part: "Overview",
      trail: environmentTrail(seen.state, environment),
      body,
      ...(!isEnded(promotion) && { liveSeconds: LIVE_SECONDS }),
    });
  });
}

/** How it stands. What is cut off while the page changes by itself can be gone to, and stands below as well. */
function newsText(promotion: Promotion, now: Instant): Html {
  const goTo = isLong(lastWords(promotion)) ? html`tabindex="0"` : NOTHING;
  return html`<p class="told" ${goTo}>
    <span role="status">${stateBadge(promotion.state)}</span> ${sentence(promotion, now)}
  </p>`;
}

/** How it stands, in a sentence. */
function sentence(promotion: Promotion, now: Instant): Html {
  const { state, endedAt, deadline, steps } = promotion;
  if (state === "WAITING") {
    const until = deadline === null ? NOTHING : html`; it is given up ${moment(deadline, now)}`;
    return html`It waits for ${plain(waitsFor(promotion))}${until}.`;
  }
  if (state === "RUNNING") {
    const step = steps.find((one) => one.state === "RUNNING");
    return step === undefined
      ? html`It goes on.`
      : html`The step ${step.name} is under
        way${step.message === null ? NOTHING : html`: ${plain(step.message)}`}.`;
  }
  const why = lastWords(promotion);
  return endedAt === null
    ? NOTHING
    : html`It ended ${moment(endedAt, now)}${why === "" ? NOTHING : html`: ${plain(why)}`}.`;
}

/** Its gates; while it is open, with what would open each. */
function gatesOf(
  promotion: Promotion,
  { seen, environment, now }: Omit<About, "promotion"> & { readonly now: Instant },
): readonly ShownGate[] {
  const { state } = seen;
  const release = entryOf(state.releases, promotion.release);
  const context =
    isEnded(promotion) || release === undefined
      ? null
      : { state, environment, release, promotion, now };
  return promotion.gates.map((report) => ({
    ...toGateView(report),
    opensWhen:
      context === null || !isClosed(report) ? null : howToOpen(report.gate, context, true).when,
  }));
}

function factsText(promotion: Promotion, tag: string | null, now: Instant): Html {
  const { release, kind, requestedBy, reason, createdAt, retry, breakGlass } = promotion;
  return html`<dl class="facts">
    <div>
      <dt>Release</dt>
      <dd>${tag === null ? NOTHING : copyableTag(tag)} ${copyable(release)}</dd>
    </div>
    <div>
      <dt>Kind</dt>
      <dd>${kind}</dd>
    </div>
    <div>
      <dt>Asked for by</dt>
      <dd>
        ${plain(requestedBy)}
        <div>${moment(createdAt, now)}</div>
      </dd>
    </div>
    ${
      reason === null
        ? NOTHING
        : html`<div>
            <dt>Reason</dt>
            <dd>${plain(reason)}</dd>
          </div>`
    }
    ${
      breakGlass === null
        ? NOTHING
        : html`<div>
            <dt>Broken glass</dt>
            <dd>
              ${plain(breakGlass.by)}: ${plain(breakGlass.reason)} (${breakGlass.gates.join(", ")})
            </dd>
          </div>`
    }
    ${
      retry === null
        ? NOTHING
        : html`<div>
            <dt>Retry of</dt>
            <dd><a href="/promotions/${retry.of}">${idText(retry.of)}</a></dd>
          </div>`
    }
    <div>
      <dt>Id</dt>
      <dd>${copyable(promotion.id)}</dd>
    </div>
  </dl>`;
}

/** In a local cloud there is no console of Google's to go to. */
function consolesText(
  context: RequestContext,
  promotion: Promotion,
  environment: Environment,
): Html {
  const isLocal = context.get("wiring").config.endpoints.cloudDeploy !== null;
  const links = isLocal ? [] : consoleLinks(promotion, environment);
  if (isLocal || (links.length === 0 && isEnded(promotion))) {
    return NOTHING;
  }
  const list = links.map((one, index) => html`${index === 0 ? "" : ", "}${one}`);
  return html`<p class="links">
    In Google's console: ${links.length === 0 ? "nothing yet" : list}.
  </p>`;
}

function approvalsText({ approvals }: Promotion, now: Instant): Html {
  return approvals.length === 0
    ? NOTHING
    : html`<h2>Approvals</h2>
        <ul>
          ${approvals.map(
            ({ by, at, comment }) =>
              html`<li>
                ${plain(by)}
                ${moment(at, now)}${comment === null ? NOTHING : html`: ${plain(comment)}`}
              </li>`,
          )}
        </ul>`;
}

function dataText({ backups, restores }: Promotion): Html {
  return backups.length === 0 && restores.length === 0
    ? NOTHING
    : html`<h2>Data</h2>
        <ul>
          ${backups.map((backup) => html`<li>backup ${copyable(backup.id)}: ${backup.state.toLowerCase()}</li>`)}
          ${restores.map(
            ({ backup, isDone }) =>
              html`<li>restore of ${copyable(backup)}: ${isDone ? "done" : "to be done"}</li>`,
          )}
        </ul>`;
}

/** Links to what the visitor may do about it; nothing where they may do nothing. */
async function promotionLinks(context: RequestContext, about: About): Promise<Html> {
  const { promotion, seen, environment } = about;
  const { id, state, kind } = promotion;
  const place = { service: seen.state.service, environment };
  const to = (verb: string, need: Need, looks: ActLink["kind"]): ActLink => ({
    need,
    verb,
    path: `/promotions/${id}/${verb.toLowerCase()}`,
    kind: looks,
  });
  const approve = to("Approve", needTo.approve(place), "button");
  const reject = to("Reject", needTo.approve(place), "button quiet");
  const cancel = to("Cancel", needTo.cancel(place), "button quiet");
  const retry = to("Retry", needTo.retry(place), "button");
  const canRetry = isForward(kind) && (state === "FAILED" || state === "CANCELLED");
  return actLinks(context, [
    ...((await canStillApprove(context, about)) ? [approve] : []),
    ...(state === "WAITING" ? [reject] : []),
    ...(isEnded(promotion) ? [] : [cancel]),
    ...(canRetry ? [retry] : []),
  ]);
}

type About = {
  readonly promotion: Promotion;
  readonly seen: SeenService;
  readonly environment: Environment;
};

/** Whether an approval is missing, and the visitor's would be taken: who asked for it may not give one, say. */
async function canStillApprove(
  context: RequestContext,
  { promotion, seen }: About,
): Promise<boolean> {
  const { state, gates, id } = promotion;
  const isMissing = gates.some(
    ({ gate, verdict }) => gate === "approval" && verdict.kind === "CLOSED",
  );
  if (state !== "WAITING" || !isMissing) {
    return false;
  }
  const by = actorOf(context);
  const event = { kind: "approval-given" as const, promotion: id, by, comment: null };
  const { reply } = await preview(context.get("wiring").ports, seen, [event]);
  return reply.kind !== "refused";
}
