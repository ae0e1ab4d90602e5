import { type Call, operation, type Unary } from "./call.ts";
import { googleError } from "./google-error.ts";
import { compileTemplate, type HttpRule } from "./http-rule.ts";
import { type Method, type Route, serviceMethods } from "./method.ts";
import type { Operations } from "./operation.ts";
import { loadProtos, operationsService } from "./protos.ts";

/** Where the operations are over HTTP, for every version of an API. */
const RULES: Readonly<Record<string, HttpRule>> = {
  GetOperation: { verb: "GET", template: "/{name=projects/*/locations/*/operations/*}", body: "" },
  DeleteOperation: {
    verb: "DELETE",
    template: "/{name=projects/*/locations/*/operations/*}",
    body: "",
  },
  CancelOperation: {
    verb: "POST",
    template: "/{name=projects/*/locations/*/operations/*}:cancel",
    body: "*",
  },
  WaitOperation: {
    verb: "POST",
    template: "/{name=projects/*/locations/*/operations/*}:wait",
    body: "*",
  },
  ListOperations: { verb: "GET", template: "/{name=projects/*/locations/*}/operations", body: "" },
};

/** The versions that Google's APIs are served under. */
const VERSIONS = ["v1", "v1beta1", "v1beta2", "v2", "v3"];

/** How long a wait without a timeout of its own lasts at most, on the clock. */
const WAIT_MS = 60_000;

/** How often a wait looks, on the clock. */
const LOOK_MS = 100;

/**
 * The methods of google.longrunning.Operations for one API's operations.
 * Source: https://github.com/googleapis/googleapis/blob/master/google/longrunning/operations.proto
 */
export function operationMethods(operations: Operations, protos: string): readonly Method[] {
  const unary: Readonly<Record<string, Unary>> = {
    GetOperation: operation<{ name?: string }>(({ name = "" }) => operations.get(name)),
    ListOperations: operation<{
      name?: string;
      filter?: string;
      pageSize?: number;
      pageToken?: string;
    }>(({ name = "", ...request }) => {
      const { items, nextPageToken } = operations.list(name, request);
      return { operations: items, nextPageToken };
    }),
    CancelOperation: operation<{ name?: string }>(({ name = "" }) => operations.cancel(name)),
    DeleteOperation: operation<{ name?: string }>(({ name = "" }) => operations.delete(name)),
    WaitOperation: operation<{ name?: string; timeout?: string }>((request, call) =>
      wait(operations, request, call),
    ),
  };
  const service = operationsService(loadProtos(protos));
  return serviceMethods(service, { unary }, toRoutes);
}

function toRoutes({ name }: { readonly name: string }): Method["routes"] {
  const rule = RULES[name];
  return rule === undefined ? [] : VERSIONS.map((version) => toRoute(rule, version));
}

function toRoute(rule: HttpRule, version: string): Route {
  const template = `/${version}${rule.template}`;
  return { rule: { ...rule, template }, path: compileTemplate(template) };
}

async function wait(
  operations: Operations,
  request: { readonly name?: string; readonly timeout?: string },
  { clock, signal }: Call,
): Promise<unknown> {
  const waitMs = request.timeout === undefined ? WAIT_MS : parseFloat(request.timeout) * 1000;
  if (Number.isNaN(waitMs)) {
    throw googleError("INVALID_ARGUMENT", "timeout is not a duration");
  }
  const untilMs = clock.now() + waitMs;
  for (;;) {
    const current = operations.get(request.name ?? "");
    if (current.done === true || clock.now() >= untilMs || signal.aborted) {
      return current;
    }
    await new Promise<void>((resolve) => {
      clock.at(Math.min(untilMs, clock.now() + LOOK_MS), resolve);
    });
  }
}
