import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { defaultRelease } from "../../shared/domain/events/promotion-requested.ts";
import { ChangesQuery } from "../../shared/wire/api/bodies.ts";
import { ChangesView } from "../../shared/wire/api/changes.ts";
import { answers } from "./answers.ts";
import { changesView } from "../requests/changes.ts";
import { placeNamed } from "../requests/context.ts";
import type { RequestEnvironment } from "../requests/context.ts";
import { RequestError } from "../requests/errors.ts";
import { releaseIdNamed, toPromote } from "../requests/named-releases.ts";

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
export function addChanges(app: OpenAPIHono<RequestEnvironment>): void {
  app.openapi(route, async (context) => {
    const { seen, environment } = await placeNamed(context, context.req.valid("param"));
    const { release: name } = context.req.valid("query");
    const named = await releaseIdNamed(context, seen, {
      name,
      isMeant: toPromote(seen, environment),
    });
    const id = named ?? defaultRelease(seen.state, environment);
    if (id === null) {
      const message = `no release would go to ${environment.id} now; name one with ?release=`;
      throw new RequestError("NOT_FOUND", message);
    }
    const wish = { environment, release: id, isRollback: false };
    const changes = await changesView(context, seen.state, wish);
    if (changes === null) {
      throw new RequestError("NOT_FOUND", `service ${seen.state.service.id} has no release ${id}`);
    }
    return context.json(changes, 200);
  });
}
