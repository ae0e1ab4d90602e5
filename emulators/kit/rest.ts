import type { Http2Bindings, HttpBindings } from "@hono/node-server";
import type { Context as HonoContext, Hono } from "hono";
import { httpRefusal, readBody } from "./body.ts";
import { LostAnswerError } from "./faults.ts";
import { errorBody, notServed, toGoogleError } from "./google-error.ts";
import { matchPath, type Route } from "./http-rule.ts";
import type { Callable } from "./method.ts";
import { statusFor } from "./patience.ts";
import type { Persistence } from "./persistence.ts";
import { type CallInput, type Context, runStream, runUnary, startStream } from "./run-method.ts";

type Match = {
  readonly method: Callable;
  readonly route: Route;
  readonly variables: readonly { readonly path: string; readonly value: string }[];
};

/** Answers these methods over HTTP, each where its routes say, the more particular first. */
export function addRestRoutes(app: Hono, methods: readonly Callable[], context: Context): void {
  const routes = methods
    .flatMap((method) => method.routes.map((route) => ({ method, route })))
    .toSorted((left, right) => right.route.path.rank - left.route.path.rank);
  app.all("*", async (c, next) => {
    const match = findMatch(routes, c);
    return match === null ? next() : answer(match, context, c);
  });
}

/** Turns a refusal into the body that Google's APIs answer with. */
export function toErrorResponse(error: unknown): Response {
  const refusal = toGoogleError(error);
  const { error: told } = errorBody(refusal);
  const http = httpRefusal(refusal);
  return Response.json({ error: { ...told, code: http.status } }, http);
}

/**
 * Runs HTTP requests through an app, and answers when all that changed is on disk; where the answer is to be lost, the
 * connection is cut instead. What the app has no route for is refused by its name.
 */
export function toFetch(
  app: Hono,
  saved: Persistence["saved"],
): (request: Request, env: HttpBindings | Http2Bindings) => Promise<Response> {
  const lost = new WeakSet<Response>();
  app.all("*", (c) => {
    throw notServed(c.req.method, new URL(c.req.url).pathname);
  });
  app.onError((error) => {
    const response = toErrorResponse(error);
    if (error instanceof LostAnswerError) {
      lost.add(response);
    }
    return response;
  });
  return async (request, env) => {
    const response = await app.fetch(request, env);
    try {
      await saved();
    } catch (error) {
      return toErrorResponse(error);
    }
    if (lost.has(response)) {
      env.incoming.socket.destroy();
    }
    const status = statusFor(response.status, request.headers.get("user-agent") ?? undefined);
    return status === response.status
      ? response
      : new Response(response.body, { status, headers: response.headers });
  };
}

function findMatch(
  routes: readonly Pick<Match, "method" | "route">[],
  c: HonoContext,
): Match | null {
  const path = new URL(c.req.url).pathname.replaceAll(/%3A/gi, ":");
  for (const { method, route } of routes) {
    const variables = route.rule.verb === c.req.method ? matchPath(route.path, path) : null;
    if (variables !== null) {
      return { method, route, variables };
    }
  }
  return null;
}

async function answer(
  { method, route: { rule }, variables }: Match,
  context: Context,
  c: HonoContext,
): Promise<Response> {
  const query = new URL(c.req.url).searchParams;
  const host = c.req.header("host") ?? "";
  const body = await readBody(c.req.raw);
  const request = method.readHttp({ rule, variables, query, body, host });
  const input: CallInput = {
    headers: c.req.header(),
    signal: c.req.raw.signal,
    connection: new AbortController().signal,
  };
  if (!method.isResponseStream) {
    const answered = await runUnary({ context, method }, request, input);
    return Response.json(method.writeHttp(answered));
  }
  // Over HTTP a stream is one JSON array, so only a stream that ends can be answered.
  const called = { context, method: { ...method, bidi: undefined } };
  await startStream(called);
  const answers: unknown[] = [];
  for await (const one of runStream(called, only(request), input)) {
    answers.push(method.writeHttp(one));
  }
  return Response.json(answers);
}

async function* only<One>(one: One): AsyncGenerator<One> {
  yield one;
}
