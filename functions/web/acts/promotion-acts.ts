import { html } from "hono/html";
import type { Hono } from "hono";
import { findRelease } from "../../../shared/app/explain.ts";
import type { Environment } from "../../../shared/domain/service.ts";
import { ApproveBody, CancelBody, ReasonBody } from "../../../shared/wire/api/bodies.ts";
import { approveNamed, rejectNamed, retryNamed } from "../../requests/approvals.ts";
import { changesView } from "../../requests/changes.ts";
import { environmentNamed, promotionNamed } from "../../requests/context.ts";
import type { RequestContext, RequestEnvironment } from "../../requests/context.ts";
import { needTo, permitAll } from "../../requests/needs.ts";
import type { Need, Place } from "../../requests/needs.ts";
import { cancelNamed } from "../../requests/promote.ts";
import { toBody } from "../form.ts";
import { changesText } from "../parts/changes.ts";
import { code, NOTHING, plain } from "../parts/html.ts";
import type { Html } from "../parts/html.ts";
import { idText } from "../parts/ids.ts";
import { lastWords } from "../parts/promotions.ts";
import { environmentTrail } from "../trails.ts";
import { addAct } from "./act.ts";
import type { Act } from "./act.ts";
import { REASON, REASON_IF_ANY } from "./field.ts";

const PROMOTION = "/promotions/:promotion";

/** Adds what a person decides on a promotion: approve, reject, cancel, retry. */
export function addPromotionActs(app: Hono<RequestEnvironment>): void {
  addAct(app, `${PROMOTION}/approve`, approve);
  addAct(app, `${PROMOTION}/reject`, reject);
  addAct(app, `${PROMOTION}/cancel`, cancel);
  addAct(app, `${PROMOTION}/retry`, retry);
}

type About = Awaited<ReturnType<typeof promotionNamed>> & {
  readonly environment: Environment;
  readonly path: string;
  readonly trail: Act["trail"];
  readonly what: Html;
  /** The service's name. */
  readonly name: string;
};

async function aboutIt(context: RequestContext, need: (place: Place) => Need): Promise<About> {
  const named = await promotionNamed(context, context.req.param("promotion") ?? "");
  const { promotion, seen } = named;
  const { service } = seen.state;
  const environment = environmentNamed(service, promotion.environment);
  await permitAll(context, need({ service, environment }));
  const path = `/promotions/${promotion.id}`;
  const trail = [...environmentTrail(seen.state, environment), { name: "promotion", path }];
  const release = await findRelease(context.get("wiring").ports, seen.state, promotion.release);
  const tag = release?.tag ?? null;
  const what = html`<p>
    ${tag === null ? NOTHING : code(tag)} ${idText(promotion.release)} into
    ${plain(environment.id)}, asked for by ${plain(promotion.requestedBy)}.
  </p>`;
  return { ...named, environment, path, trail, what, name: service.name };
}

async function approve(context: RequestContext): Promise<Act> {
  const { promotion, seen, environment, path, trail, what, name } = await aboutIt(
    context,
    needTo.approve,
  );
  const { release, kind } = promotion;
  const isRollback = kind === "rollback";
  const changes = await changesView(context, seen.state, { environment, release, isRollback });
  const { clock } = context.get("wiring").ports;
  return {
    title: `Approve the promotion of ${name} into ${environment.id}`,
    trail,
    intro: html`${what}
      <h2>What you approve</h2>
      ${changes === null ? NOTHING : changesText(changes, clock.now())}`,
    fields: [{ ...REASON_IF_ANY, name: "comment", label: "Comment, if any" }],
    ...(changes !== null && { fixed: { shown: changes.material } }),
    verb: "Approve",
    preview: null,
    perform: async (form) => {
      const body = toBody(ApproveBody, { comment: form["comment"], shown: form["shown"] });
      await approveNamed(context, promotion.id, body);
      return path;
    },
  };
}

async function reject(context: RequestContext): Promise<Act> {
  const { promotion, environment, path, trail, what, name } = await aboutIt(
    context,
    needTo.approve,
  );
  return {
    title: `Reject the promotion of ${name} into ${environment.id}`,
    trail,
    intro: html`${what}
      <p>It ends, and does not come again by itself.</p>`,
    fields: [REASON],
    verb: "Reject",
    isDangerous: true,
    preview: null,
    perform: async (form) => {
      await rejectNamed(context, promotion.id, toBody(ReasonBody, { reason: form["reason"] }));
      return path;
    },
  };
}

async function cancel(context: RequestContext): Promise<Act> {
  const { promotion, environment, path, trail, what, name } = await aboutIt(context, needTo.cancel);
  return {
    title: `Cancel the promotion of ${name} into ${environment.id}`,
    trail,
    intro: html`${what}
      <p>
        ${
          promotion.state === "WAITING"
            ? "It waits and has changed nothing yet: it ends at once."
            : "It is under way: its rollout is stopped first."
        }
      </p>`,
    fields: [REASON_IF_ANY],
    verb: "Cancel the promotion",
    isDangerous: true,
    preview: null,
    perform: async (form) => {
      await cancelNamed(context, promotion.id, toBody(CancelBody, { reason: form["reason"] }));
      return path;
    },
  };
}

async function retry(context: RequestContext): Promise<Act> {
  const { promotion, environment, trail, what, name } = await aboutIt(context, needTo.retry);
  const why = lastWords(promotion);
  return {
    title: `Retry the promotion of ${name} into ${environment.id}`,
    trail,
    intro: html`${what} ${why === "" ? NOTHING : html`<p>It ended so: ${plain(why)}</p>`}
      <p>A new promotion goes on where this one stopped. Remove the cause first.</p>`,
    fields: [],
    verb: "Retry",
    preview: null,
    perform: async () => `/promotions/${(await retryNamed(context, promotion.id)).id}`,
  };
}
