import type { Context as HonoContext, Hono } from "hono";
import { parseJson, readBody } from "../kit/body.ts";
import { withoutHidden } from "../kit/collection.ts";
import { type Fault, type FaultPlan, runWithFaults } from "../kit/faults.ts";
import { httpStatus } from "../kit/google-error.ts";
import { isRecord } from "../kit/json.ts";
import { callerOf, TOKEN_MAX_MS } from "./app.ts";
import { GithubError, notFound, toResponse } from "./github-error.ts";
import { type Operation, OPERATIONS } from "./operations.ts";
import {
  addRepository,
  findRepository,
  type Hub,
  nextId,
  type Repository,
  timeText,
} from "./state.ts";

/** After how many seconds a call may be made again, where the fault does not say. */
const RETRY_AFTER_SECONDS = 60;

/** How many a page has, and at most. Source: https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api */
const PAGE_DEFAULT = 30;
const PAGE_MAX = 100;

/** Serves the REST API at the server's root, as api.github.com does. */
export function addRest(app: Hono, hub: Hub, faults: FaultPlan): void {
  const serve = (id: string, run: (c: HonoContext) => Promise<Response>) => {
    const plan = { faults, clock: hub.clock, method: `github/${id}`, refuse: refusal };
    return async (c: HonoContext) => runWithFaults(plan, async () => answer(hub, () => run(c)));
  };
  app.post(
    "/app/installations/:installation_id/access_tokens",
    serve("apps/create-installation-access-token", async (c) => createToken(c, hub)),
  );
  app.get(
    "/repos/:owner/:repo/installation",
    serve("apps/get-repo-installation", async (c) => getInstallation(c, hub)),
  );
  for (const operation of OPERATIONS) {
    app.on(
      "make" in operation ? "POST" : "GET",
      `/repos/:owner/:repo${operation.path}`,
      serve(operation.id, async (c) => runOn(c, hub, operation)),
    );
  }
  app.all("/repos/*", (c) => {
    const message = `This emulator does not have ${c.req.method} ${c.req.path}`;
    return toResponse(new GithubError(501, message));
  });
}

async function answer(
  { limitedUntilMs, clock }: Hub,
  run: () => Promise<Response>,
): Promise<Response> {
  const untilMs = limitedUntilMs();
  if (untilMs > clock.now()) {
    const headers = {
      "x-ratelimit-limit": "5000",
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": String(Math.ceil(untilMs / 1000)),
    };
    const message = "API rate limit exceeded for installation ID 1.";
    return toResponse(new GithubError(403, message, { headers }));
  }
  try {
    return await run();
  } catch (error) {
    if (error instanceof GithubError) {
      return toResponse(error);
    }
    throw error;
  }
}

/** Too many calls in a short time are answered with when to come again. */
function refusal({ status = "UNAVAILABLE", delayMs }: Fault): Response {
  if (status === "RESOURCE_EXHAUSTED") {
    const seconds = delayMs === undefined ? RETRY_AFTER_SECONDS : Math.ceil(delayMs / 1000);
    const headers = { "retry-after": String(seconds) };
    const message = "You have exceeded a secondary rate limit. Please wait a few minutes.";
    return toResponse(new GithubError(429, message, { headers }));
  }
  return new Response("<html>Unicorn!</html>", { status: httpStatus(status) });
}

async function asApp(c: HonoContext, hub: Hub): Promise<void> {
  if ((await callerOf(hub, c.req.header("authorization"))) !== "app") {
    throw new GithubError(401, "A JSON web token could not be decoded");
  }
}

async function getInstallation(c: HonoContext, hub: Hub): Promise<Response> {
  await asApp(c, hub);
  const { isReachable, isSuspended } = repositoryOf(c, hub);
  if (!isReachable) {
    throw notFound();
  }
  const { id, slug, permissions } = hub.app();
  const suspended_at = isSuspended ? timeText(0) : null;
  return Response.json({ id: 1, app_id: id, app_slug: slug, permissions, suspended_at });
}

async function createToken(c: HonoContext, hub: Hub): Promise<Response> {
  await asApp(c, hub);
  const { state, clock, app } = hub;
  if ([...state.known.values()].some(({ isSuspended }) => isSuspended)) {
    throw new GithubError(403, "This installation has been suspended");
  }
  const token = `ghs_${String(nextId(state)).padStart(36, "0")}`;
  const expiresMs = clock.now() + TOKEN_MAX_MS;
  state.tokens.set(token, expiresMs);
  const about = { permissions: app().permissions, repository_selection: "selected" };
  return Response.json({ token, expires_at: timeText(expiresMs), ...about }, { status: 201 });
}

/** @throws GithubError 404, or where it is now for one that moved. */
function repositoryOf(c: HonoContext, { state, makesCommits }: Hub): Repository {
  const name = `${c.req.param("owner")}/${c.req.param("repo")}`;
  const found = findRepository(state, name) ?? (makesCommits ? addRepository(state, name) : null);
  if (found === null) {
    throw notFound();
  }
  if (found.movedTo !== null) {
    const rest = c.req.path.split("/").slice(4).join("/");
    const path = `/repositories/${found.movedTo}${rest === "" ? "" : `/${rest}`}`;
    const location = new URL(path, c.req.url).href;
    const isRead = c.req.method === "GET";
    throw new GithubError(isRead ? 301 : 307, isRead ? "Moved Permanently" : "Temporary Redirect", {
      headers: { location },
    });
  }
  return found;
}

async function runOn(c: HonoContext, hub: Hub, operation: Operation): Promise<Response> {
  const caller = await callerOf(hub, c.req.header("authorization"));
  const repository = repositoryOf(c, hub);
  if (caller === "app" || !repository.isReachable) {
    throw notFound();
  }
  const [name, access] = operation.needs;
  const allowed = hub.app().permissions[name];
  if (caller === "installation" && allowed !== "write" && allowed !== access) {
    throw new GithubError(403, "Resource not accessible by integration");
  }
  if (repository.isArchived && "make" in operation) {
    throw new GithubError(403, "Repository was archived so is read-only.");
  }
  const call = { hub, repository, parameters: { ...c.req.query(), ...c.req.param() } };
  return "make" in operation
    ? Response.json(withoutHidden(operation.make({ ...call, body: await bodyOf(c) })), {
        status: 201,
      })
    : pageOf(c, operation.list({ ...call, body: {} }), operation.narrows);
}

function pageOf(
  c: HonoContext,
  list: readonly object[],
  narrows: readonly string[] = [],
): Response {
  const { per_page: asked = PAGE_DEFAULT, page = 1, ...narrowing } = c.req.query();
  const strange = Object.keys(narrowing).find((name) => !narrows.includes(name));
  if (strange !== undefined) {
    throw new GithubError(501, `This emulator does not have the parameter ${strange}`);
  }
  const size = Math.min(Math.max(1, Number(asked)), PAGE_MAX);
  const start = (Math.max(1, Number(page)) - 1) * size;
  return Response.json(list.slice(start, start + size).map(withoutHidden));
}

async function bodyOf(c: HonoContext): Promise<Readonly<Record<string, unknown>>> {
  try {
    const body = parseJson(await readBody(c.req.raw));
    if (isRecord(body)) {
      return body;
    }
  } catch {
    // Told below, as whatever else is no object.
  }
  throw new GithubError(400, "Problems parsing JSON");
}
