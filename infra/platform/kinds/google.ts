import type { GoogleAuth } from "google-auth-library";
import { z } from "zod";
import { HttpFailure, toOutsideError } from "../../../shared/adapters/google-errors.ts";
import { lazily } from "../../../shared/adapters/grpc-endpoint.ts";
import { requestJson } from "../../../shared/adapters/json-request.ts";
import { callOutside, nullWhenMissing } from "../../../shared/adapters/outside-call.ts";
import type { CallLimits } from "../../../shared/adapters/outside-call.ts";
import { PermanentError, TransientError } from "../../../shared/ports/errors.ts";
import { isObject, textOf } from "../resource.ts";
import type { Fields, Json } from "../resource.ts";

/** Google's APIs that an installation is made with. */
export const API_HOSTS = {
  artifactregistry: "https://artifactregistry.googleapis.com",
  billing: "https://cloudbilling.googleapis.com",
  functions: "https://cloudfunctions.googleapis.com",
  gkebackup: "https://gkebackup.googleapis.com",
  firestore: "https://firestore.googleapis.com",
  iam: "https://iam.googleapis.com",
  identity: "https://cloudidentity.googleapis.com",
  monitoring: "https://monitoring.googleapis.com",
  orgpolicy: "https://orgpolicy.googleapis.com",
  pubsub: "https://pubsub.googleapis.com",
  resourcemanager: "https://cloudresourcemanager.googleapis.com",
  run: "https://run.googleapis.com",
  scheduler: "https://cloudscheduler.googleapis.com",
  secretmanager: "https://secretmanager.googleapis.com",
  serviceusage: "https://serviceusage.googleapis.com",
  sqladmin: "https://sqladmin.googleapis.com",
  storage: "https://storage.googleapis.com",
} as const;

/** One of those APIs. */
export type Api = keyof typeof API_HOSTS;

/** The name by which an API is turned on. */
export function apiName(api: Api): string {
  return new URL(API_HOSTS[api]).host;
}

/** Where the APIs are, `http://HOST:PORT`; one that is left out is Google's own. */
export type Endpoints = Partial<Readonly<Record<Api, string>>>;

/** A request to an API, `path` with its version. */
export type Request = {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Json;
  /** Whether a second attempt could make a second thing: then the caller looks first whether there is one. */
  readonly isOnce?: true;
};

/** Google's APIs over REST, in one way for all of them. */
export type Google = {
  /** Makes a request and waits for the operation that it began, if it did. @throws TransientError or PermanentError */
  readonly call: (api: Api, request: Request) => Promise<Fields>;
  /** The same, null for what is not there. */
  readonly find: (api: Api, request: Request) => Promise<Fields | null>;
  /** Every item of a list, through all of its pages. */
  readonly list: (
    api: Api,
    path: string,
    of: { readonly items: string; readonly query?: Readonly<Record<string, string>> },
  ) => Promise<readonly Fields[]>;
  /** Puts bytes where an API said that it takes them. */
  readonly put: (url: string, bytes: Uint8Array) => Promise<void>;
};

/** How the APIs are reached. */
export type GoogleOptions = {
  readonly endpoints: Endpoints;
  /** The bearer token for endpoints that are not Google's; null for none. */
  readonly localToken: () => Promise<string | null>;
  readonly pause: (ms: number) => Promise<void>;
  /** How long one attempt may take, and how many there are; as an installation wants it when left out. */
  readonly limits?: CallLimits;
};

const SCOPE = "https://www.googleapis.com/auth/cloud-platform";
const TIMEOUT_MS = 60_000;
const PAGES_MAX = 50;

/** How long an operation is waited for: Cloud Build takes minutes. */
const OPERATION_LOOKS_MAX = 400;
const LOOK_FIRST_MS = 100;
const LOOK_MS_MAX = 4000;
const LIMITS = { timeoutMs: TIMEOUT_MS, attemptsMax: 3 };

/** Opens Google's APIs. */
export function openGoogle(options: GoogleOptions): Google {
  const send = sender(options);
  const call = async (api: Api, request: Request): Promise<Fields> => {
    const resource = `${request.method} ${request.path}`;
    // A create that is repeated meets what the first attempt made, and the engine takes that for done.
    const { limits: usual = LIMITS } = options;
    const limits = request.isOnce === true ? { ...usual, attemptsMax: 1 } : usual;
    const answer = await callOutside(resource, () => send(api, request), limits);
    return settled({ options, send }, { api, resource, version: versionOf(request) }, answer);
  };
  return {
    call,
    find: async (api, request) => nullWhenMissing(() => call(api, request)),
    list: async (api, path, { items, query = {} }) => {
      const found: Fields[] = [];
      let pageToken = "";
      for (let page = 0; page < PAGES_MAX; page += 1) {
        const more = pageToken === "" ? {} : { pageToken };
        const answer = await call(api, { method: "GET", path, query: { ...query, ...more } });
        const part = answer[items];
        found.push(...(Array.isArray(part) ? part.filter(isObject) : []));
        const next = answer["nextPageToken"];
        if (typeof next !== "string" || next === "") {
          return found;
        }
        pageToken = next;
      }
      throw new PermanentError("OUT_OF_RANGE", `${path} has more than ${PAGES_MAX} pages`, null);
    },
    put: async (url, bytes) => {
      await callOutside(`PUT ${new URL(url).host}`, () => putBytes(url, bytes), LIMITS);
    },
  };
}

type Send = (api: Api, request: Request) => Promise<Fields>;

function sender({ endpoints, localToken }: GoogleOptions): Send {
  const auth = lazily(async (): Promise<GoogleAuth> => {
    const library = await import("google-auth-library");
    return new library.GoogleAuth({ scopes: [SCOPE] });
  });
  return async (api, { method, path, query = {}, body }) => {
    const local = endpoints[api];
    const url = new URL(`${local ?? API_HOSTS[api]}/${path}`);
    url.search = new URLSearchParams(query).toString();
    const headers = new Headers();
    if (local === undefined) {
      const own = await (await auth()).getRequestHeaders(url.href);
      own.forEach((value, key) => {
        headers.set(key, value);
      });
    } else {
      const token = await localToken();
      if (token !== null) {
        headers.set("authorization", `Bearer ${token}`);
      }
    }
    const answer = await requestJson(url, { method, headers, body, timeoutMs: TIMEOUT_MS });
    return isObject(answer) ? answer : {};
  };
}

function versionOf({ path }: Request): string {
  return path.split("/")[0] ?? "v1";
}

type Began = { readonly api: Api; readonly resource: string; readonly version: string };

/**
 * What a long-running operation gives in the end; an answer that is no operation as it is.
 * Source: https://google.aip.dev/151
 */
async function settled(
  { options, send }: { readonly options: GoogleOptions; readonly send: Send },
  { api, resource, version }: Began,
  answer: Fields,
): Promise<Fields> {
  let current = answer;
  for (let look = 0; isOperation(current); look += 1) {
    if (current["done"] === true) {
      return outcomeOf(resource, current);
    }
    if (look >= OPERATION_LOOKS_MAX) {
      throw new TransientError("DEADLINE_EXCEEDED", `${resource}: it is not done yet`, null);
    }
    await options.pause(Math.min(LOOK_FIRST_MS * 2 ** look, LOOK_MS_MAX));
    const path = `${version}/${textOf(current["name"])}`;
    current = await callOutside(resource, () => send(api, { method: "GET", path }), LIMITS);
  }
  return current;
}

function isOperation(answer: Fields): boolean {
  const { name } = answer;
  return typeof name === "string" && /(?:^|\/)operations\//.test(name);
}

const Status = z.object({ code: z.number(), message: z.string().default("") });

function outcomeOf(resource: string, operation: Fields): Fields {
  const failed = Status.safeParse(operation["error"]);
  if (failed.success) {
    throw toOutsideError(Object.assign(new Error(failed.data.message), failed.data), resource);
  }
  const { response } = operation;
  return isObject(response) ? response : {};
}

/** The address is signed: it takes no token. The header is one that was signed with it. */
async function putBytes(url: string, bytes: Uint8Array): Promise<void> {
  const response = await fetch(url, {
    method: "PUT",
    headers: { "content-type": "application/zip" },
    body: new Uint8Array(bytes),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) {
    throw new HttpFailure(response.status, { status: null, message: response.statusText });
  }
  await response.body?.cancel();
}
