import { html } from "hono/html";
import type { Hono } from "hono";
import { ReasonBody } from "../../../shared/wire/api/bodies.ts";
import { serviceNamed } from "../../requests/context.ts";
import type { RequestContext, RequestEnvironment } from "../../requests/context.ts";
import { holdNamed, liftNamed } from "../../requests/holds.ts";
import { markNamed } from "../../requests/marks.ts";
import { needTo, permitAll } from "../../requests/needs.ts";
import { releaseNamed } from "../../requests/named-releases.ts";
import { toBody } from "../form.ts";
import { scopeText } from "../parts/holds.ts";
import { code, NOTHING, plain } from "../parts/html.ts";
import { idText } from "../parts/ids.ts";
import { serviceTrail } from "../trails.ts";
import { addAct } from "./act.ts";
import type { Act } from "./act.ts";
import { REASON } from "./field.ts";
import { holdAct } from "./hold-act.ts";

/** Adds what a person does with holds and marks. */
export function addOtherActs(app: Hono<RequestEnvironment>): void {
  addAct(app, "/holds/new", holdAll);
  addAct(app, "/services/:service/hold", holdService);
  addAct(app, "/holds/:hold/lift", lift);
  addAct(app, "/services/:service/releases/:release/mark", async (context) => mark(context, true));
  addAct(app, "/services/:service/releases/:release/unmark", async (context) =>
    mark(context, false),
  );
}

const HOLDS = [{ name: "Holds", path: "/holds" }];

async function holdAll(context: RequestContext): Promise<Act> {
  await permitAll(context, needTo.hold({ scope: { kind: "all" }, service: null }));
  return holdAct(context, {
    title: "Hold everything",
    trail: HOLDS,
    intro: html`<p>It stops promotions of every service, and never a rollback.</p>`,
    where: {},
  });
}

async function holdService(context: RequestContext): Promise<Act> {
  const { state } = await serviceNamed(context, context.req.param("service") ?? "");
  const { service } = state;
  const scope = { kind: "service" as const, service: service.id };
  await permitAll(context, needTo.hold({ scope, service }));
  return holdAct(context, {
    title: `Hold ${service.name}`,
    trail: serviceTrail(state),
    intro: html`<p>
      It stops promotions into every environment of the service, and never a rollback.
    </p>`,
    where: { service: service.id },
  });
}

async function lift(context: RequestContext): Promise<Act> {
  const id = context.req.param("hold") ?? "";
  const held = await holdNamed(context, id);
  await permitAll(context, needTo.lift(held));
  const { by, reason, scope } = held.hold;
  return {
    title: "Lift a hold",
    trail: HOLDS,
    intro: html`<p>${plain(by)} holds ${plain(scopeText(scope))}: ${plain(reason)}</p>
      <p>What waits for it goes on once every other gate is open.</p>`,
    fields: [],
    verb: "Lift the hold",
    preview: null,
    perform: async () => {
      await liftNamed(context, id);
      return "/holds";
    },
  };
}

async function mark(context: RequestContext, isBad: boolean): Promise<Act> {
  const { service = "", release = "" } = context.req.param();
  const seen = await serviceNamed(context, service);
  const { id, tag, image } = await releaseNamed(context, seen, release);
  const { bad } = image;
  const whole = seen.state.service;
  await permitAll(context, isBad ? needTo.mark(whole) : needTo.unmark(whole, bad));
  return {
    title: `${isBad ? "Mark a release bad" : "Take a bad mark away"}: ${whole.name}`,
    trail: serviceTrail(seen.state),
    intro: html`<p>${tag === null ? NOTHING : code(tag)} ${idText(id)}</p>
      ${bad === null ? NOTHING : html`<p>${plain(bad.by)} marked it bad: ${plain(bad.reason)}</p>`}
      <p>
        From then on
        ${isBad ? "no promotion takes its image anywhere." : "its image can be promoted again."}
      </p>`,
    fields: [REASON],
    verb: isBad ? "Mark it bad" : "Take the mark away",
    isDangerous: isBad,
    preview: null,
    perform: async (form) => {
      const { reason } = toBody(ReasonBody, { reason: form["reason"] });
      await markNamed(context, { service, release: id }, { isBad, reason });
      return `/services/${service}`;
    },
  };
}
