import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { changesTo } from "../../shared/app/changes.ts";
import type { ChangesWish } from "../../shared/app/changes.ts";
import { findRelease } from "../../shared/app/explain.ts";
import { defaultRelease } from "../../shared/domain/events/promotion-requested.ts";
import type { ReleaseId } from "../../shared/domain/ids.ts";
import type { ServiceState } from "../../shared/domain/state.ts";
import { ChangesQuery } from "../../shared/wire/api/bodies.ts";
import { ChangesView, toChangesView } from "../../shared/wire/api/changes.ts";
import { answers } from "./answers.ts";
import { placeNamed } from "./context.ts";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { ApiError } from "./errors.ts";
import { releaseIdNamed, toPromote } from "./named-releases.ts";

const route = createRoute({
  method: "get",
  path: "/v1/services/{service}/environments/{environment}/changes",
  summary: "What goes to an environment with a release",
  request: {
    params: z.object({ service: z.string(), environment: z.string() }),
    query: ChangesQuery,
  },
  responses: answers(200, ChangesView, "Releases, commits, lines of the specification, migrations"),
});

/** Adds the call that tells of changes. */
export function addChanges(app: OpenAPIHono<ApiEnvironment>): void {
  app.openapi(route, async (context) => {
    const { seen, environment } = await placeNamed(context, context.req.valid("param"));
    const { release: name } = context.req.valid("query");
    const named = await releaseIdNamed(context, seen, {
      name,
      isMeant: toPromote(seen, environment),
    });
    const id = named ?? defaultRelease(seen.state, environment);
    if (id === null) {
      const message = `there is no release to go to ${environment.id} by itself; name one with ?release=`;
      throw new ApiError("NOT_FOUND", message);
    }
    const wish = { environment, release: id, isRollback: false };
    const changes = await changesView(context, seen.state, wish);
    if (changes === null) {
      throw new ApiError("NOT_FOUND", `service ${seen.state.service.id} has no release ${id}`);
    }
    return context.json(changes, 200);
  });
}

/** What goes to an environment with a release; null when the release is not known. */
export async function changesView(
  context: ApiContext,
  state: ServiceState,
  wish: Omit<ChangesWish, "release"> & { readonly release: ReleaseId },
): Promise<z.output<typeof ChangesView> | null> {
  const { ports } = context.get("wiring");
  const release = await findRelease(ports, state, wish.release);
  if (release === null) {
    return null;
  }
  const { id: service, source } = state.service;
  const place = { service, environment: wish.environment.id, folder: source?.dir ?? null };
  return toChangesView(await changesTo(ports, state, { ...wish, release }), place);
}
