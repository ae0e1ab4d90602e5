import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { applyService, planApply, tryEvents } from "../../shared/app/apply-service.ts";
import { openClaims } from "../../shared/app/claims.ts";
import { removeService } from "../../shared/app/remove-service.ts";
import { changedRights } from "../../shared/domain/changed-rights.ts";
import type { Service } from "../../shared/domain/service.ts";
import type { SeenService } from "../../shared/ports/store.ts";
import {
  ApplyBody,
  ApplyView,
  RemovalQuery,
  RemovalView,
  toApplyView,
  toPlacement,
} from "../../shared/wire/api/specification.ts";
import { claimProblems } from "../../shared/wire/spec/claim-problems.ts";
import { readPlaced } from "../../shared/wire/spec/placed-service.ts";
import type { PlacedSpec } from "../../shared/wire/spec/placed-service.ts";
import type { Problem } from "../../shared/wire/spec/problem.ts";
import { answers, toBody } from "./answers.ts";
import { actorOf, findReadable, permit, serviceNamed } from "../requests/context.ts";
import type { RequestContext, RequestEnvironment } from "../requests/context.ts";
import { RequestError, toRequestError } from "../requests/errors.ts";

const Named = z.object({ service: z.string() });

const apply = createRoute({
  method: "put",
  path: "/v1/services/{service}",
  summary: "Apply a specification: record what is to be delivered, and by which policy",
  request: { params: Named, body: toBody(ApplyBody) },
  responses: answers(200, ApplyView, "What changed; with validateOnly, what would change"),
});

const remove = createRoute({
  method: "delete",
  path: "/v1/services/{service}",
  summary: "End a service: nothing of it is delivered from then on",
  request: { params: Named, query: RemovalQuery },
  responses: answers(200, RemovalView, "What remains, with validateOnly what would remain"),
});

/** Adds the calls that begin, change and end services. */
export function addSpecifications(app: OpenAPIHono<RequestEnvironment>): void {
  app.openapi(apply, async (context) => {
    const id = context.req.valid("param").service;
    const body = context.req.valid("json");
    const seen = await findReadable(context, id);
    await permitApply(context, id, seen);
    const placement = toPlacement(body);
    const read = readPlaced(body.specification, placement);
    const service = usable(read, id);
    refusePlace(context, service, body);
    const rights = await permitRights(context, seen, service);
    const { ports } = context.get("wiring");
    const before = seen === null || seen.state.removedAt !== null ? null : seen.state.service;
    const claims = await openClaims(ports, service, before);
    const taken = { claims: claims.fresh, severity: "error" as const };
    if (claims.fresh.length > 0) {
      refuseProblems(claimProblems(body.specification, service, taken));
    }
    const shared = { claims: claims.known, severity: "warning" as const };
    const problems = [...read.problems, ...claimProblems(body.specification, service, shared)];
    const application = {
      service,
      isSuspended: read.isSuspended,
      by: actorOf(context),
      text: body.specification,
    };
    const plan = planApply(seen, application, ports.clock.now());
    const wanted = { service, events: plan.events };
    if (body.validateOnly === true) {
      const refusal = await tryEvents(ports, seen, wanted);
      if (refusal !== null) {
        throw toRequestError(refusal);
      }
    } else {
      const applied = await applyService(ports, seen, wanted);
      if (!applied.ok) {
        throw toRequestError(applied.refusal);
      }
    }
    const revision = placement === null ? null : service.revision;
    const told = { service: service.id, revision };
    return context.json(toApplyView(told, rights, { problems, plan }), 200);
  });
  app.openapi(remove, async (context) => {
    const seen = await serviceNamed(context, context.req.valid("param").service);
    await permit(context, { right: "add-service" });
    const { validateOnly, reason = null } = context.req.valid("query");
    const removed = await removeService(context.get("wiring").ports, seen, {
      by: actorOf(context),
      reason,
      isTried: validateOnly === "true",
    });
    if (!removed.ok) {
      throw toRequestError(removed.refusal);
    }
    return context.json({ service: seen.state.service.id, remains: [...removed.value] }, 200);
  });
}

/**
 * Whoever adds a service needs that right; whoever changes one, a right in it. A service that they may not read is
 * answered for like one that is not there.
 */
async function permitApply(
  context: RequestContext,
  id: string,
  seen: SeenService | null,
): Promise<void> {
  if (!/^[a-z0-9-]{1,20}$/.test(id)) {
    throw new RequestError(
      "INVALID_ARGUMENT",
      `${id} cannot be the id of a service: it must be 1 to 20 lower-case letters, digits and hyphens`,
    );
  }
  if (seen === null || seen.state.removedAt !== null) {
    await permit(context, { right: "add-service" });
  } else {
    await permit(context, { right: "apply", service: seen.state.service, where: "anywhere" });
  }
}

/** @returns the service, if the text can be used for that id. @throws RequestError with every problem otherwise. */
function usable({ service, problems }: PlacedSpec, id: string): Service {
  if (service === null || problems.some(({ severity }) => severity === "error")) {
    return refuseProblems(problems);
  }
  if (service.id !== id) {
    const message = `the specification is of service ${service.id}, but the address names ${id}: make them the same`;
    throw new RequestError("INVALID_ARGUMENT", message);
  }
  return service;
}

function refuseProblems(problems: readonly Problem[]): never {
  const errors = problems.filter(({ severity }) => severity === "error");
  const told = errors.map(
    ({ line, column, path, message }) =>
      `${line}:${column} ${path === "" ? "" : `${path}: `}${message}`,
  );
  const message = `the specification cannot be applied: ${told.slice(0, TOLD_MAX).join("; ")}${told.length > TOLD_MAX ? `; and ${told.length - TOLD_MAX} more` : ""}`;
  throw new RequestError("INVALID_ARGUMENT", message, {
    details: [{ "@type": "slipway/Problems", problems }],
  });
}

/** How many problems the message tells; the details have all. */
const TOLD_MAX = 5;

/** What would be rendered, and by whose pipeline, is no free choice of whoever sends a specification. */
function refusePlace(
  context: RequestContext,
  { id, environments }: Service,
  { placement }: ApplyBody,
): void {
  if (placement === undefined) {
    return;
  }
  const { project, sourcesBucket } = context.get("wiring").config;
  const last = environments.findLast(({ stage }) => stage !== null)?.project ?? project;
  const { pipelineProject, source, revision } = placement;
  if (pipelineProject !== project && pipelineProject !== last) {
    const message = `placement.pipelineProject: must be ${project}, or ${last}, the project of the last stage`;
    throw new RequestError("INVALID_ARGUMENT", message);
  }
  const isPlatforms = source === `gs://${last}-cloudrun-skaffold/source.tar.gz`;
  const own = `gs://${sourcesBucket}/services/${id}/${revision}.tar.gz`;
  if (source !== own && !isPlatforms) {
    const message = `placement.source: must be ${own}, in the installation's bucket of archives (SLIPWAY_SOURCES_BUCKET)`;
    throw new RequestError("INVALID_ARGUMENT", message);
  }
}

/** What changes of rights, if the caller may change them. @throws RequestError that names what changes otherwise. */
async function permitRights(
  context: RequestContext,
  seen: SeenService | null,
  service: Service,
): Promise<readonly string[]> {
  if (seen === null || seen.state.removedAt !== null) {
    return [];
  }
  const rights = changedRights(seen.state.service, service);
  if (rights.length > 0) {
    await permit(context, { right: "govern" }, `the specification changes ${rights.join(", ")}`);
  }
  return rights;
}
