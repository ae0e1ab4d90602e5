import type protobuf from "protobufjs";
import type { Api, BidiStream, ServerStream, Unary } from "./call.ts";
import { compileTemplate, type HttpRule, type PathPattern, toHttpRules } from "./http-rule.ts";
import { loadProtos } from "./protos.ts";

/** A method of an API: its types from the descriptors, its paths, and its behaviour if it has one. */
export type Method = {
  readonly name: string;
  /** `package.Service/Method` */
  readonly fullName: string;
  readonly requestType: protobuf.Type;
  readonly responseType: protobuf.Type;
  readonly isRequestStream: boolean;
  readonly isResponseStream: boolean;
  readonly routes: readonly Route[];
  readonly unary: Unary | undefined;
  readonly serverStream: ServerStream | undefined;
  readonly bidi: BidiStream | undefined;
};

/** A compiled HTTP rule. */
export type Route = { readonly rule: HttpRule; readonly path: PathPattern };

/**
 * Every method that the API's descriptors declare for a service.
 * @throws Error when a behaviour is given for a method that the service does not have.
 */
export function apiMethods(api: Api): readonly Method[] {
  const service = loadProtos(api.protos).lookupService(api.service);
  const { routes = {} } = api;
  return serviceMethods(service, api, (method) => routes[method.name] ?? annotatedRoutes(method));
}

/** Every method of a service with the behaviours given, where `toRoutes` says. */
export function serviceMethods(
  service: protobuf.Service,
  behaviour: Pick<Api, "unary" | "serverStream" | "bidi">,
  toRoutes: (method: protobuf.Method) => readonly Route[],
): readonly Method[] {
  const { unary = {}, serverStream = {}, bidi = {} } = behaviour;
  const methods = service.methodsArray.map((method): Method => {
    method.resolve();
    const { name, resolvedRequestType, resolvedResponseType } = method;
    if (resolvedRequestType === null || resolvedResponseType === null) {
      throw new Error(`${service.fullName}/${name} has unknown types`);
    }
    return {
      name,
      fullName: `${service.fullName.slice(1)}/${name}`,
      requestType: resolvedRequestType,
      responseType: resolvedResponseType,
      isRequestStream: method.requestStream === true,
      isResponseStream: method.responseStream === true,
      routes: toRoutes(method),
      unary: unary[name],
      serverStream: serverStream[name],
      bidi: bidi[name],
    };
  });
  for (const name of [unary, serverStream, bidi].flatMap((record) => Object.keys(record))) {
    if (!methods.some((method) => method.name === name)) {
      throw new Error(`${service.fullName.slice(1)} has no method ${name}`);
    }
  }
  return methods;
}

function annotatedRoutes(method: protobuf.Method): readonly Route[] {
  return toHttpRules(method.parsedOptions).map((rule) => ({
    rule,
    path: compileTemplate(rule.template),
  }));
}
