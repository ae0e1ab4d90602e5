import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { takeImage } from "../../shared/app/take-image.ts";
import { digest } from "../../shared/domain/ids.ts";
import type { Release } from "../../shared/domain/release.ts";
import type { ImageView } from "../../shared/ports/registry.ts";
import type { SeenService } from "../../shared/ports/store.ts";
import { PageQuery, ReleaseBody } from "../../shared/wire/api/bodies.ts";
import { ReleaseList, ReleaseView } from "../../shared/wire/api/schemas.ts";
import { toReleaseView } from "../../shared/wire/api/views.ts";
import { parseImageReference } from "../../shared/wire/image-reference.ts";
import type { ImageReference } from "../../shared/wire/image-reference.ts";
import { answers, toBody } from "./answers.ts";
import { actorOf, permit, serviceNamed } from "../requests/context.ts";
import type { RequestContext, RequestEnvironment } from "../requests/context.ts";
import { RequestError, toRequestError } from "../requests/errors.ts";
import { releaseNamed } from "../requests/named-releases.ts";

const Named = z.object({ service: z.string() });

const list = createRoute({
  method: "get",
  path: "/v1/services/{service}/releases",
  summary: "A service's releases, newest first",
  request: { params: Named, query: PageQuery },
  responses: answers(200, ReleaseList, "A page of releases"),
});

const get = createRoute({
  method: "get",
  path: "/v1/services/{service}/releases/{release}",
  summary: "One release",
  request: { params: Named.extend({ release: z.string() }) },
  responses: answers(200, ReleaseView, "The release"),
});

const create = createRoute({
  method: "post",
  path: "/v1/services/{service}/releases",
  summary: "Make a release of an image that is in the registry",
  request: { params: Named, body: toBody(ReleaseBody) },
  responses: answers(201, ReleaseView, "The release, new or already there"),
});

/** Adds the calls about releases. */
export function addReleases(app: OpenAPIHono<RequestEnvironment>): void {
  app.openapi(list, async (context) => {
    const { state } = await serviceNamed(context, context.req.valid("param").service);
    const { store } = context.get("wiring").ports;
    const page = await store.releases(state.service.id, context.req.valid("query"));
    const releases = page.items.map(toReleaseView);
    return context.json({ releases, nextPageToken: page.nextPageToken }, 200);
  });
  app.openapi(get, async (context) => {
    const { service, release } = context.req.valid("param");
    const seen = await serviceNamed(context, service);
    return context.json(toReleaseView(await releaseNamed(context, seen, release)), 200);
  });
  app.openapi(create, async (context) => {
    const seen = await serviceNamed(context, context.req.valid("param").service);
    await permit(context, {
      right: "make-release",
      service: seen.state.service,
      where: "arrival",
    });
    const { image } = context.req.valid("json");
    return context.json(toReleaseView(await makeRelease(context, seen, image)), 201);
  });
}

async function makeRelease(
  context: RequestContext,
  seen: SeenService,
  text: string,
): Promise<Release> {
  const { ports } = context.get("wiring");
  const { service } = seen.state;
  const reference = parseImageReference(text);
  if (reference === null || reference.repository !== service.image) {
    const message = `image must be ${service.image}@sha256:… or ${service.image}:TAG, not ${text}`;
    throw new RequestError("INVALID_ARGUMENT", message);
  }
  const image = await findImage(context, reference);
  if (image === null) {
    throw new RequestError("NOT_FOUND", `the registry has no image ${text}; push it first`);
  }
  const tag = reference.tag ?? image.tags[0] ?? null;
  const taken = await takeImage(ports, seen, { image, tag, by: actorOf(context) });
  if (!taken.ok) {
    throw new RequestError("FAILED_PRECONDITION", `${text} cannot be released: ${taken.refusal}`);
  }
  const { reply } = taken.value;
  if (reply.kind === "refused") {
    throw toRequestError(reply.refusal);
  }
  if (reply.kind !== "release") {
    throw new RequestError("INTERNAL", "an image that is taken becomes a release");
  }
  return releaseNamed(context, seen, reply.release);
}

async function findImage(
  context: RequestContext,
  { repository, digest: named, tag }: ImageReference,
): Promise<ImageView | null> {
  const { registry } = context.get("wiring").ports;
  const found =
    named === null ? await registry.findTag(repository, tag ?? "latest") : digest(named);
  return found === null ? null : registry.getImage(repository, found);
}
