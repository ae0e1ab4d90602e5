import protobuf from "protobufjs";
import type { Rule, Rules } from "./access/rules.ts";
import type { Api, BidiStream, Message, ServerStream, Unary } from "./call.ts";
import { badRequest, googleError, toGoogleError } from "./google-error.ts";
import { type HttpInput, toRequestJson } from "./http-request.ts";
import { type Route, toHttpRules, toRoute } from "./http-rule.ts";
import { decodeMessage, encodeMessage, findField, shapeOf, typeName } from "./proto-json.ts";
import { loadProtos } from "./protos.ts";

/** A method of an API and its behaviour, if it has one, however its messages are described. */
export type Callable = {
  readonly name: string;
  /** `package.Service/Method` */
  readonly fullName: string;
  readonly routes: readonly Route[];
  /** What callers need where they are checked; nobody may call a method without it. */
  readonly needs: Rule | undefined;
  readonly isResponseStream: boolean;
  readonly unary: Unary | undefined;
  readonly serverStream: ServerStream | undefined;
  readonly bidi: BidiStream | undefined;
  /** @throws GoogleError INVALID_ARGUMENT for what is no such request. */
  readonly readHttp: (input: HttpInput) => Message;
  readonly writeHttp: (answer: unknown) => unknown;
};

/** A method whose messages are in descriptors. */
export type Method = Callable & {
  readonly requestType: protobuf.Type;
  readonly responseType: protobuf.Type;
  readonly isRequestStream: boolean;
};

/**
 * Every method that the API's descriptors declare for a service.
 * @throws Error when a behaviour is given for a method that the service does not have.
 */
export function apiMethods(api: Api, rules: Rules): readonly Method[] {
  const { unary = {}, serverStream = {}, bidi = {}, routes = {} } = api;
  const methods = loadProtos(api.protos)
    .lookupService(api.service)
    .methodsArray.map((declared): Method => {
      const { name, requestStream, responseStream } = declared;
      const fullName = `${api.service}/${name}`;
      const { requestType, responseType } = typesOf(declared);
      const own = routes[name] ?? toHttpRules(declared.parsedOptions).map(toRoute);
      return {
        name,
        fullName,
        requestType,
        responseType,
        isRequestStream: requestStream === true,
        isResponseStream: responseStream === true,
        routes: own,
        needs: findRule(rules, fullName),
        unary: unary[name],
        serverStream: serverStream[name],
        bidi: bidi[name],
        readHttp: (input) => {
          const json = toRequestJson(shapeOf(requestType), input);
          const bytes = encodeMessage(requestType, json);
          return decodeRequest({ requestType, routes: own }, bytes);
        },
        writeHttp: (answer) =>
          decodeMessage(responseType, encodeAnswer({ responseType, fullName }, answer)),
      };
    });
  for (const name of [unary, serverStream, bidi].flatMap((record) => Object.keys(record))) {
    if (!methods.some((method) => method.name === name)) {
      throw new Error(`${api.service} has no method ${name}`);
    }
  }
  return methods;
}

function typesOf(method: protobuf.Method): Pick<Method, "requestType" | "responseType"> {
  method.resolve();
  const { resolvedRequestType, resolvedResponseType } = method;
  if (resolvedRequestType === null || resolvedResponseType === null) {
    throw new Error(`${method.name} has unknown types`);
  }
  return { requestType: resolvedRequestType, responseType: resolvedResponseType };
}

/** The methods that have an operation. */
export function served<Of extends Callable>(methods: readonly Of[]): readonly Of[] {
  return methods.filter(
    ({ unary, serverStream, bidi }) => (unary ?? serverStream ?? bidi) !== undefined,
  );
}

function findRule(rules: Rules, fullName: string): Rule | undefined {
  const [service = "", name = ""] = fullName.slice(fullName.lastIndexOf(".") + 1).split("/");
  return Object.hasOwn(rules, `${service}/${name}`) ? rules[`${service}/${name}`] : rules[name];
}

/**
 * The request's JSON form.
 * @throws GoogleError INVALID_ARGUMENT for bytes that are no such message, and a mask of fields that are not there.
 */
export function decodeRequest(
  method: Pick<Method, "requestType" | "routes">,
  bytes: Uint8Array,
): Message {
  const request = decode(method.requestType, bytes);
  checkUpdateMask(method, request);
  return request;
}

function decode(type: protobuf.Type, bytes: Uint8Array): Message {
  try {
    return decodeMessage(type, bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw badRequest("", `The request is not a ${typeName(type)}: ${reason}`);
  }
}

/** Encodes what an operation answered; an answer of the wrong shape is a bug of the emulator. */
export function encodeAnswer(
  { responseType, fullName }: Pick<Method, "responseType" | "fullName">,
  answer: unknown,
): Uint8Array {
  try {
    return encodeMessage(responseType, answer ?? {});
  } catch (error) {
    const { message } = toGoogleError(error);
    throw googleError("INTERNAL", `${fullName} answered with a wrong shape: ${message}`);
  }
}

/** Checks that every path of `update_mask` is a field of the resource that the request updates. */
function checkUpdateMask(
  { requestType, routes }: Pick<Method, "requestType" | "routes">,
  { updateMask: mask }: Message,
): void {
  const body = routes[0]?.rule.body ?? "";
  const resource = body === "*" ? undefined : findField(requestType, body)?.resolve().resolvedType;
  if (typeof mask !== "string" || !(resource instanceof protobuf.Type)) {
    return;
  }
  const odd = mask.split(",").find((path) => path !== "*" && !hasPath(resource, path.split(".")));
  if (odd !== undefined) {
    const reason = `Invalid update_mask: "${odd}" is no field of ${resource.name}`;
    throw badRequest("update_mask", reason);
  }
}

function hasPath(type: protobuf.Type, [name = "", ...rest]: readonly string[]): boolean {
  const field = findField(type, name);
  if (field === undefined || rest.length === 0) {
    return field !== undefined;
  }
  const { resolvedType } = field.resolve();
  const isOpen =
    field.map || (resolvedType !== null && typeName(resolvedType) === "google.protobuf.Struct");
  return isOpen || (resolvedType instanceof protobuf.Type && hasPath(resolvedType, rest));
}
