import type { Context as HonoContext, Hono } from "hono";
import { parseJson, readBody } from "./body.ts";
import { checkNeeds, type Guard, identifyCaller } from "./access/guard.ts";
import type { Rule } from "./access/rules.ts";
import type { Message } from "./call.ts";
import type { Clock } from "./clock.ts";
import { type FaultPlan, runWithFaults } from "./faults.ts";
import { notServed } from "./google-error.ts";
import { compileTemplate, matchPath, type PathPattern } from "./http-rule.ts";
import { isRecord } from "./json.ts";

/** What a method knows of the call beside the request. */
export type RestCall = {
  readonly nowMs: number;
  /** Who calls, where callers are checked; else null. */
  readonly member: string | null;
};

/** A method of an API that is served without descriptors: its path as in `google.api.http`. */
export type RestMethod = {
  /** `package.Service/Method`, as fault plans name it. */
  readonly name: string;
  readonly at: readonly ["GET" | "POST" | "PUT" | "PATCH" | "DELETE", string];
  /** What callers need; it sees the request with the path's variables, the parameters and the body's fields. */
  readonly needs: Rule;
  readonly run: (request: Message, call: RestCall) => unknown;
};

type Around = {
  readonly clock: Clock;
  readonly faults: FaultPlan;
  /** Undefined lets everybody in. */
  readonly guard: Guard | undefined;
};

type Route = { readonly method: RestMethod; readonly verb: string; readonly path: PathPattern };

/** Serves methods over REST, the more particular path first; any other path answers UNIMPLEMENTED and names itself. */
export function addRestTable(app: Hono, methods: readonly RestMethod[], around: Around): void {
  around.faults.declare(methods.map(({ name }) => name));
  const routes = methods
    .map((method): Route => {
      const [verb, template] = method.at;
      return { method, verb, path: compileTemplate(template) };
    })
    .toSorted((left, right) => right.path.rank - left.path.rank);
  app.all("*", async (c) => {
    const path = new URL(c.req.url).pathname.replaceAll(/%3A/gi, ":");
    for (const { method, verb, path: pattern } of routes) {
      const variables = verb === c.req.method ? matchPath(pattern, path) : null;
      if (variables !== null) {
        const named = Object.fromEntries(variables.map(({ path: name, value }) => [name, value]));
        return Response.json(await answer(c, method, { ...around, named }));
      }
    }
    throw notServed(c.req.method, path);
  });
}

async function answer(
  c: HonoContext,
  method: RestMethod,
  { clock, faults, guard, named }: Around & { readonly named: Readonly<Record<string, string>> },
): Promise<unknown> {
  const body = parseBody(await readBody(c.req.raw));
  const request = { ...body, ...queryOf(c), ...named };
  return runWithFaults({ clock, faults, method: method.name }, () => {
    const headers = c.req.header();
    const member = guard === undefined ? null : identifyCaller(guard, headers);
    if (guard !== undefined && member !== null) {
      checkNeeds(guard, { member, headers, needed: method.needs(request) });
    }
    return method.run(request, { nowMs: clock.now(), member });
  });
}

/** Parameters in camelCase; one that is given several times is a list. System parameters stay out. */
function queryOf(c: HonoContext): Readonly<Record<string, unknown>> {
  const entries = Object.entries(c.req.queries()).filter(
    ([name]) => !/^(?:\$|alt$|prettyPrint$|key$|fields$|quotaUser$)/.test(name),
  );
  return Object.fromEntries(
    entries.map(([name, values]) => [
      name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      values.length > 1 ? values : (values[0] ?? ""),
    ]),
  );
}

function parseBody(text: string): Message {
  if (text.trim() === "") {
    return {};
  }
  const body = parseJson(text);
  return isRecord(body) ? body : {};
}
