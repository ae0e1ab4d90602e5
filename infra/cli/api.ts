import type { z } from "zod";
import { ErrorBody } from "../../shared/wire/api/schemas.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { connect } from "./connection.ts";
import type { Connection } from "./connection.ts";
import type { GlobalOptions } from "./options.ts";

/** The HTTP API. Every call throws CliError when it is refused or not answered. */
export type Api = {
  readonly get: <Schema extends z.ZodType>(
    path: string,
    schema: Schema,
  ) => Promise<z.output<Schema>>;
  readonly post: <Schema extends z.ZodType>(
    path: string,
    body: object,
    schema: Schema,
  ) => Promise<z.output<Schema>>;
  readonly put: <Schema extends z.ZodType>(
    path: string,
    body: object,
    schema: Schema,
  ) => Promise<z.output<Schema>>;
  readonly remove: <Schema extends z.ZodType>(
    path: string,
    schema: Schema,
  ) => Promise<z.output<Schema>>;
};

const REQUEST_TIMEOUT_MS = 30_000;
const SERVER_ERRORS = 500;

/** Opens the API that the options, the environment or the local cloud name. @throws CliError */
export async function openApi(options: GlobalOptions): Promise<Api> {
  const connection = await connect(options);
  const call = async (method: string, path: string, body?: object): Promise<unknown> =>
    request(connection, { method, path, body });
  return {
    get: async (path, schema) => check(schema, await call("GET", path)),
    post: async (path, body, schema) => check(schema, await call("POST", path, body)),
    put: async (path, body, schema) => check(schema, await call("PUT", path, body)),
    remove: async (path, schema) => check(schema, await call("DELETE", path)),
  };
}

/** A path of segments, each of which may hold any character. */
export function pathOf(...segments: readonly string[]): string {
  return `/v1/${segments.map((segment) => encodeURIComponent(segment)).join("/")}`;
}

type Request = {
  readonly method: string;
  readonly path: string;
  readonly body: object | undefined;
};

async function request(
  { api, token }: Connection,
  { method, path, body }: Request,
): Promise<unknown> {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body !== undefined && { "content-type": "application/json" }),
  };
  const init = { method, headers, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) };
  const response = await reach(api, async () =>
    fetch(`${api}${path}`, body === undefined ? init : { ...init, body: JSON.stringify(body) }),
  );
  const text = await reach(api, async () => response.text());
  const answer = parse(text);
  if (!response.ok) {
    throw toError(api, response.status, answer);
  }
  return answer;
}

async function reach<Value>(api: string, act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `${api} does not answer (${reason}). Is it running? npm start starts the local cloud`;
    throw new CliError(EXIT.unreachable, message);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function toError(api: string, status: number, answer: unknown): CliError {
  const parsed = ErrorBody.safeParse(answer);
  const exitCode = status >= SERVER_ERRORS ? EXIT.unreachable : EXIT.refused;
  if (parsed.success) {
    return new CliError(exitCode, parsed.data.error.message, answer);
  }
  const ways = FRONT_REFUSALS.get(status);
  const message = `${api} answers ${status}, and not as Slipway does`;
  return ways === undefined
    ? new CliError(EXIT.unreachable, message)
    : new CliError(
        EXIT.refused,
        `${message}. If it runs on Cloud Run, this is Cloud Run's answer: ${ways}`,
      );
}

/**
 * What it means when Cloud Run answers in place of the API, and what to do.
 * Source: https://cloud.google.com/run/docs/troubleshooting
 */
const FRONT_REFUSALS: ReadonlyMap<number, string> = new Map([
  [
    401,
    "it does not accept the token. A service account's token must be for the API's URL (gcloud auth print-identity-token --audiences=URL)",
  ],
  [403, "you may not call the function; ask for the role roles/run.invoker on it"],
  [404, "there is no such service, or its ingress turns you away; check the URL"],
  [429, "all instances are busy; try again"],
]);

/** What was answered, with every field that it has, once it is known to have those that are needed. */
function check<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
  const parsed = schema.safeParse(answer);
  if (!parsed.success) {
    const places = parsed.error.issues.map(({ path }) => path.join(".")).join(", ");
    const message = `this version of slipway cannot read the API's answer (${places}): use the version that the API has`;
    throw new CliError(EXIT.unreachable, message);
  }
  // The schemas of answers only check; so the answer has their type, and keeps what they do not name.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parsed just above, and the schemas have no conversions
  return answer as z.output<Schema>;
}
