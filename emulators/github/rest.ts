import type { Context as HonoContext, Hono } from "hono";
import { parseJson, readText } from "../kit/body.ts";
import { type Fault, type FaultPlan, runWithFaults } from "../kit/faults.ts";
import { httpStatus } from "../kit/google-error.ts";
import { isRecord } from "../kit/json.ts";
import { callerOf, type GithubApp, TOKEN_MAX_MS } from "./app.ts";
import { GithubError, notFound, toResponse } from "./github-error.ts";
import { type Operation, OPERATIONS } from "./operations.ts";
import { timeText } from "./views.ts";
import { findRepository, type Hub, nextId, type Repository } from "./state.ts";

/** How the API answers. */
export type RestApi = {
  readonly hub: Hub;
  readonly app: () => GithubApp;
  readonly faults: FaultPlan;
  /** Until when no call is answered, as after too many; 0 for never. */
  readonly limitedUntilMs: () => number;
  /** The repository of a name that nobody has, where one is made. */
  readonly makeRepository: (owner: string, name: string) => Repository | undefined;
};

/** After how many seconds a call may be made again, where the fault does not say. */
const RETRY_AFTER_SECONDS = 60;

/** How many a page has, and at most. Source: https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api */
const PAGE_DEFAULT = 30;
const PAGE_MAX = 100;

/** Serves the REST API at the server's root, as api.github.com does. */
export function addRest(app: Hono, api: RestApi): void {
  app.post("/app/installations/:installation_id/access_tokens", async (c) =>
    answer(api, "apps/create-installation-access-token", () => createToken(c, api)),
  );
  app.get("/repos/:owner/:repo/installation", async (c) =>
    answer(api, "apps/get-repo-installation", () => getInstallation(c, api)),
  );
  for (const operation of OPERATIONS) {
    app.on(
      "make" in operation ? "POST" : "GET",
      `/repos/:owner/:repo${operation.path}`,
      async (c) => answer(api, operation.id, async () => runOn(c, api, operation)),
    );
  }
  app.all("/repos/*", (c) => {
    const message = `This emulator does not have ${c.req.method} ${c.req.path}`;
    return toResponse(new GithubError(501, message));
  });
}

async function answer(
  { faults, hub, limitedUntilMs }: RestApi,
  id: string,
  run: () => Response | Promise<Response>,
): Promise<Response> {
  const safely = async (): Promise<Response> => {
    try {
      const until = limitedUntilMs();
      if (until > hub.clock.now()) {
        const headers = {
          "x-ratelimit-limit": "5000",
          "x-ratelimit-remaining": "0",
          "x-ratelimit-reset": String(Math.ceil(until / 1000)),
        };
        throw new GithubError(403, "API rate limit exceeded for installation ID 1.", { headers });
      }
      return await run();
    } catch (error) {
      if (error instanceof GithubError) {
        return toResponse(error);
      }
      throw error;
    }
  };
  const plan = { faults, clock: hub.clock, method: `github/${id}`, refuse: refusal };
  return runWithFaults(plan, safely);
}

/** Too many calls in a short time are answered with when to come again; an app that may not, with 403. */
function refusal({ status = "UNAVAILABLE", delayMs }: Fault): Response {
  if (status === "RESOURCE_EXHAUSTED") {
    const seconds = delayMs === undefined ? RETRY_AFTER_SECONDS : Math.ceil(delayMs / 1000);
    const headers = { "retry-after": String(seconds) };
    const message = "You have exceeded a secondary rate limit. Please wait a few minutes.";
    return toResponse(new GithubError(429, message, { headers }));
  }
  return status === "PERMISSION_DENIED"
    ? toResponse(new GithubError(403, "Resource not accessible by integration"))
    : new Response("<html>Unicorn!</html>", { status: httpStatus(status) });
}

function asApp(c: HonoContext, hub: Hub, app: GithubApp): void {
  if (callerOf(hub, app, c.req.header("authorization")) !== "app") {
    throw new GithubError(401, "A JSON web token could not be decoded");
  }
}

function getInstallation(c: HonoContext, api: RestApi): Response {
  const { hub, app } = api;
  asApp(c, hub, app());
  const { isReachable, isSuspended } = repositoryOf(c, api);
  if (!isReachable) {
    throw notFound();
  }
  const { id, slug, permissions } = app();
  const suspended_at = isSuspended ? timeText(0) : null;
  return Response.json({ id: 1, app_id: id, app_slug: slug, permissions, suspended_at });
}

function createToken(c: HonoContext, { hub, app }: RestApi): Response {
  asApp(c, hub, app());
  const { state, clock } = hub;
  if ([...state.repositories.values()].some(({ isSuspended }) => isSuspended)) {
    throw new GithubError(403, "This installation has been suspended");
  }
  const value = `ghs_${String(nextId(state)).padStart(36, "0")}`;
  const expiresMs = clock.now() + TOKEN_MAX_MS;
  state.tokens.set(value, { value, expiresMs });
  const { permissions } = app();
  const token = { token: value, expires_at: timeText(expiresMs), permissions };
  return Response.json({ ...token, repository_selection: "selected" }, { status: 201 });
}

/** @throws GithubError 404, or where it is now for one that moved. */
function repositoryOf(c: HonoContext, { hub, makeRepository }: RestApi): Repository {
  const { owner = "", repo = "" } = c.req.param();
  const found = findRepository(hub.state, owner, repo) ?? makeRepository(owner, repo);
  if (found === undefined) {
    throw notFound();
  }
  if (found.movedTo !== null) {
    const rest = c.req.path.split("/").slice(4).join("/");
    const url = `${new URL(c.req.url).origin}/repositories/${found.movedTo}${rest === "" ? "" : `/${rest}`}`;
    const isRead = c.req.method === "GET";
    throw new GithubError(isRead ? 301 : 307, isRead ? "Moved Permanently" : "Temporary Redirect", {
      headers: { location: url },
    });
  }
  return found;
}

async function runOn(c: HonoContext, api: RestApi, operation: Operation): Promise<Response> {
  const { hub, app } = api;
  const caller = callerOf(hub, app(), c.req.header("authorization"));
  const repository = repositoryOf(c, api);
  if (caller === "app" || !repository.isReachable) {
    throw notFound();
  }
  const [name, access] = operation.needs;
  const allowed = app().permissions[name];
  if (caller === "installation" && allowed !== "write" && allowed !== access) {
    throw new GithubError(403, "Resource not accessible by integration");
  }
  if (repository.isArchived && "make" in operation) {
    throw new GithubError(403, "Repository was archived so is read-only.");
  }
  const call = { hub, repository, parameters: { ...c.req.query(), ...c.req.param() } };
  return "make" in operation
    ? Response.json(operation.make({ ...call, body: await bodyOf(c) }), { status: 201 })
    : pageOf(c, operation.list({ ...call, body: {} }), operation.narrows);
}

function pageOf(
  c: HonoContext,
  list: readonly unknown[],
  narrows: readonly string[] = [],
): Response {
  const { per_page: asked = PAGE_DEFAULT, page = 1, ...narrowing } = c.req.query();
  const strange = Object.keys(narrowing).find((name) => !narrows.includes(name));
  if (strange !== undefined) {
    throw new GithubError(501, `This emulator does not have the parameter ${strange}`);
  }
  const size = Math.min(Math.max(1, Number(asked)), PAGE_MAX);
  const start = (Math.max(1, Number(page)) - 1) * size;
  return Response.json(list.slice(start, start + size));
}

async function bodyOf(c: HonoContext): Promise<Readonly<Record<string, unknown>>> {
  const text = await readText(c.req.raw.body);
  try {
    const body = parseJson(text ?? "");
    if (isRecord(body)) {
      return body;
    }
  } catch {
    // Told below, as whatever else is no object.
  }
  throw new GithubError(400, "Problems parsing JSON");
}
