import { html } from "hono/html";
import type { Hono } from "hono";
import { ReasonBody } from "../../../shared/wire/api/bodies.ts";
import { permit, serviceNamed } from "../../requests/context.ts";
import type { RequestContext, RequestEnvironment } from "../../requests/context.ts";
import { RequestError } from "../../requests/errors.ts";
import { liftNamed, readableHolds } from "../../requests/holds.ts";
import { markNamed } from "../../requests/marks.ts";
import { releaseNamed } from "../../requests/named-releases.ts";
import { toBody } from "../form.ts";
import { code, plain } from "../parts/html.ts";
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
  await permit(context, { right: "stop-all" });
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
  await permit(context, { right: "stop", service, where: "whole" });
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
  const found = (await readableHolds(context))?.find(({ hold }) => hold.id === id);
  if (found === undefined) {
    throw new RequestError("NOT_FOUND", `there is no hold ${id}; it may have ended`);
  }
  const { by, reason } = found.hold;
  return {
    title: "Lift a hold",
    trail: HOLDS,
    intro: html`<p>${plain(by)} holds because: ${plain(reason)}</p>
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
  const where = isBad ? ("anywhere" as const) : ("whole" as const);
  await permit(context, { right: "stop", service: seen.state.service, where });
  const { id, tag } = await releaseNamed(context, seen, release);
  return {
    title: isBad ? "Mark a release bad" : "Take a bad mark away",
    trail: serviceTrail(seen.state),
    intro: html`<p>${code(tag ?? id)} (${code(id)})</p>
      <p>
        ${isBad ? "No promotion takes its image anywhere." : "Its image can be promoted again."}
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
