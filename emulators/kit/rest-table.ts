import type { Hono } from "hono";
import { z } from "zod";
import type { Rule } from "./access/rules.ts";
import type { Message } from "./call.ts";
import { checked } from "./checked.ts";
import { toCamelCase } from "./field-names.ts";
import { type Shape, toRequestJson } from "./http-request.ts";
import { toRoute } from "./http-rule.ts";
import type { Callable } from "./method.ts";
import { addRestRoutes } from "./rest.ts";
import type { Context } from "./run-method.ts";

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

/** A method as a row of a table. */
type Row = readonly [
  name: string,
  verb: RestMethod["at"][0],
  path: string,
  needs: Rule,
  takes: Taking,
];

/** The methods of a service that take the body as the whole request. */
export function restMethods(service: string, rows: readonly Row[]): readonly RestMethod[] {
  return rows.map(([name, verb, path, needs, takes]) => ({
    name: `${service}/${name}`,
    at: [verb, path],
    needs,
    takes,
  }));
}

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

type Around = Omit<Context, "saved"> & {
  /** What the name under which a caller asks says, as fields of the request. */
  readonly fromHost?: ((host: string) => Message) | undefined;
};

/** Serves methods over REST, the more particular path first. */
export function addRestTable(app: Hono, methods: readonly RestMethod[], around: Around): void {
  around.faults.declare(methods.map(({ name }) => name));
  const callables = methods.map((method) => toCallable(method, around));
  addRestRoutes(app, callables, { ...around, saved: () => null });
}

function toCallable(
  { name: fullName, at: [verb, template], needs, body = "*", takes }: RestMethod,
  { fromHost }: Around,
): Callable {
  const { schema, run } = takes;
  // A body that is left out is an empty one.
  const empty = body === "*" ? {} : { [body]: {} };
  return {
    name: fullName.slice(fullName.indexOf("/") + 1),
    fullName,
    routes: [toRoute({ verb, template, body })],
    needs,
    isResponseStream: false,
    unary: (request, { clock, member }) => run(request, { nowMs: clock.now(), member }),
    serverStream: undefined,
    bidi: undefined,
    readHttp: (input) => ({
      ...checked(schema, { ...empty, ...toRequestJson(shapeOf(schema), input) }),
      ...fromHost?.(input.host),
    }),
    writeHttp: (answer) => answer,
  };
}

function shapeOf(schema: z.ZodObject): Shape {
  return (asked) => {
    const name = toCamelCase(asked);
    const own = Object.hasOwn(schema.shape, name) ? unwrapped(schema.shape[name]) : undefined;
    return own === undefined
      ? undefined
      : {
          name,
          isList: own instanceof z.ZodArray,
          type: typeOf(own),
          inner: own instanceof z.ZodObject ? shapeOf(own) : null,
        };
  };
}

function unwrapped(schema: unknown): unknown {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault
    ? unwrapped(schema.unwrap())
    : schema;
}

function typeOf(schema: unknown): "text" | "number" | "truth" {
  if (schema instanceof z.ZodNumber) {
    return "number";
  }
  return schema instanceof z.ZodBoolean ? "truth" : "text";
}
