import type { Context as HonoContext, Hono } from "hono";
import { z } from "zod";
import { parseJson, readBody } from "./body.ts";
import { checkNeeds, type Guard, identifyCaller } from "./access/guard.ts";
import type { Rule } from "./access/rules.ts";
import type { Message } from "./call.ts";
import { checked } from "./checked.ts";
import type { Clock } from "./clock.ts";
import { type FaultPlan, runWithFaults } from "./faults.ts";
import { badRequest } from "./google-error.ts";
import { compileTemplate, matchPath, type PathPattern } from "./http-rule.ts";
import { isRecord } from "./json.ts";
import type { Pace } from "./pace.ts";
import { isSystemParameter, toCamelCase } from "./field-names.ts";
import { unknownParameter } from "./payload.ts";

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
  /** The field that the body is; without one it is the whole request. */
  readonly body?: string | undefined;
  readonly takes: Taking;
};

/** What a method takes, and what it does with it. */
export type Taking = {
  /** The whole request: the path's variables, the parameters and the body's fields. */
  readonly schema: z.ZodObject;
  readonly run: (request: Message, call: RestCall) => unknown;
};

/** Gives a method the type of its request, which is checked against the schema before. */
export function taking<Schema extends z.ZodObject>(
  schema: Schema,
  run: (request: z.infer<Schema>, call: RestCall) => unknown,
): Taking {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the request was parsed by that schema
  return { schema, run: (request, call) => run(request as z.infer<Schema>, call) };
}

type Around = {
  readonly clock: Clock;
  readonly faults: FaultPlan;
  /** Undefined lets everybody in. */
  readonly guard: Guard | undefined;
  readonly pace?: Pace | undefined;
  /** What the name under which a caller asks says, as fields of the request. */
  readonly fromHost?: ((host: string) => Message) | undefined;
};

type Route = { readonly method: RestMethod; readonly verb: string; readonly path: PathPattern };

/** Serves methods over REST, the more particular path first. */
export function addRestTable(app: Hono, methods: readonly RestMethod[], around: Around): void {
  around.faults.declare(methods.map(({ name }) => name));
  const routes = methods
    .map((method): Route => {
      const [verb, template] = method.at;
      return { method, verb, path: compileTemplate(template) };
    })
    .toSorted((left, right) => right.path.rank - left.path.rank);
  app.all("*", async (c, next) => {
    const path = new URL(c.req.url).pathname.replaceAll(/%3A/gi, ":");
    for (const { method, verb, path: pattern } of routes) {
      const variables = verb === c.req.method ? matchPath(pattern, path) : null;
      if (variables !== null) {
        const named = Object.fromEntries(variables.map(({ path: name, value }) => [name, value]));
        return Response.json(await answer(c, method, { ...around, named }));
      }
    }
    return next();
  });
}

async function answer(
  c: HonoContext,
  method: RestMethod,
  around: Around & { readonly named: Readonly<Record<string, string>> },
): Promise<unknown> {
  const { clock, faults, guard, pace, named, fromHost } = around;
  const parsed = parseBody(await readBody(c.req.raw));
  const body = method.body === undefined ? parsed : { [method.body]: parsed };
  const { schema, run } = method.takes;
  const given = { ...body, ...readParameters(schema.shape, c.req.queries()), ...named };
  const request = { ...checked(schema, given), ...fromHost?.(c.req.header("host") ?? "") };
  return runWithFaults({ clock, faults, method: method.name }, async () => {
    const headers = c.req.header();
    const member = guard === undefined ? null : identifyCaller(guard, headers);
    if (guard !== undefined && member !== null) {
      checkNeeds(guard, { member, headers, needed: method.needs(request) });
    }
    pace?.settle();
    const answered = await run(request, { nowMs: clock.now(), member });
    pace?.advance();
    return answered;
  });
}

/** Parameters as the schema has them: one that is given several times is a list. */
function readParameters(
  shape: z.ZodObject["shape"],
  queries: Readonly<Record<string, readonly string[]>>,
): Message {
  const entries = Object.entries(queries).flatMap(([name, values]) => {
    const field = toCamelCase(name).split(".");
    const schema: unknown = shape[field[0] ?? ""];
    if (schema === undefined) {
      if (isSystemParameter(name)) {
        return [];
      }
      throw unknownParameter(name);
    }
    const own = schemaAt(schema, field.slice(1));
    return [[field, values.length > 1 ? values : toValue(own, values[0] ?? "")] as const];
  });
  return Object.fromEntries(
    entries.map(([[head = "", ...rest], value]) => [head, nested(rest, value)]),
  );
}

/** `options.requestedPolicyVersion=3` is a message in the field `options`. */
function nested(names: readonly string[], value: unknown): unknown {
  return names.reduceRight((inner, name) => ({ [name]: inner }), value);
}

/** The schema of a field within a message; undefined where there is none. */
function schemaAt(schema: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) {
    return schema;
  }
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return schemaAt(schema.unwrap(), [name, ...rest]);
  }
  return schema instanceof z.ZodObject ? schemaAt(schema.shape[name], rest) : undefined;
}

/** A parameter is text, also where the field is none. */
function toValue(schema: unknown, text: string): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return toValue(schema.unwrap(), text);
  }
  if (schema instanceof z.ZodArray) {
    return [text];
  }
  if (schema instanceof z.ZodNumber && /^-?\d+$/.test(text)) {
    return Number(text);
  }
  return schema instanceof z.ZodBoolean && /^(?:true|false)$/i.test(text)
    ? text.toLowerCase() === "true"
    : text;
}

function parseBody(text: string): Message {
  const body = text.trim() === "" ? {} : parseJson(text);
  if (!isRecord(body)) {
    throw badRequest("", "Invalid JSON payload received. The body must be an object.");
  }
  return body;
}
