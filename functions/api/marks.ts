import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { decideOnlySeen } from "../../shared/app/decide-only.ts";
import type { Release } from "../../shared/domain/release.ts";
import { ReasonBody } from "../../shared/wire/api/bodies.ts";
import { ReleaseView } from "../../shared/wire/api/schemas.ts";
import { toReleaseView } from "../../shared/wire/api/views.ts";
import { answers, toBody } from "./answers.ts";
import { actorOf, may, permit, serviceNamed } from "./context.ts";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { toApiError } from "./errors.ts";
import { releaseNamed } from "./named-releases.ts";

const Named = z.object({ service: z.string(), release: z.string() });

const markBad = createRoute({
  method: "post",
  path: "/v1/services/{service}/releases/{release}/~markBad",
  summary: "Mark a release bad, so that no promotion takes it anywhere",
  request: { params: Named, body: toBody(ReasonBody) },
  responses: answers(200, ReleaseView, "The release"),
});

const unmarkBad = createRoute({
  method: "post",
  path: "/v1/services/{service}/releases/{release}/~unmarkBad",
  summary: "Take the bad mark away",
  request: { params: Named, body: toBody(ReasonBody) },
  responses: answers(200, ReleaseView, "The release"),
});

/** Adds the calls that mark releases. */
export function addMarks(app: OpenAPIHono<ApiEnvironment>): void {
  app.openapi(markBad, async (context) => {
    const { reason } = context.req.valid("json");
    const release = await mark(context, context.req.valid("param"), { isBad: true, reason });
    return context.json(toReleaseView(release), 200);
  });
  app.openapi(unmarkBad, async (context) => {
    const { reason } = context.req.valid("json");
    const release = await mark(context, context.req.valid("param"), { isBad: false, reason });
    return context.json(toReleaseView(release), 200);
  });
}

async function mark(
  context: ApiContext,
  named: z.output<typeof Named>,
  how: { readonly isBad: boolean; readonly reason: string },
): Promise<Release> {
  const seen = await serviceNamed(context, named.service);
  const { service } = seen.state;
  const release = await releaseNamed(context, seen, named.release);
  const by = actorOf(context);
  // A mark stops a release everywhere: whoever found out may make it, and taking it away is for those who act where it matters.
  await permit(context, { right: "stop", service, where: how.isBad ? "anywhere" : "whole" });
  const asOncall = await may(context, { right: "overrule", service, where: "whole" });
  const event = { kind: "release-marked" as const, release: release.id, by, asOncall, ...how };
  const { reply } = await decideOnlySeen(context.get("wiring").ports, seen, [event]);
  if (reply.kind === "refused") {
    throw toApiError(reply.refusal);
  }
  return releaseNamed(context, seen, release.id);
}
