import type { GoogleAuth } from "google-auth-library";

import type { Environment } from "../domain/service.ts";
import type { Clock } from "../ports/clock.ts";
import { PermanentError } from "../ports/errors.ts";
import type { Prober } from "../ports/prober.ts";
import { readBounded } from "./bounded-body.ts";
import { openCloudRun, serviceName } from "./cloud-run.ts";
import { lazily, ONE_CALL } from "./grpc-endpoint.ts";
import type { GrpcEndpoint } from "./grpc-endpoint.ts";
import { callOutside } from "./outside-call.ts";
import { secretReader } from "./secret-reader.ts";

/** Where Cloud Run and Secret Manager are: `HOST:PORT`, or null for Google's. */
export type ProberOptions = {
  readonly cloudRun: GrpcEndpoint;
  readonly secretManager: GrpcEndpoint;
  readonly clock: Clock;
  /** How long a service may take to answer, in milliseconds. Default: 5 seconds. */
  readonly deadlineMs?: number;
};

const DEADLINE_MS = 5000;

/** A version is a word; what is longer is no version. */
const BODY_BYTES_MAX = 16_384;

/** The secret that MSP gives to services whose diagnostics are not public. */
const DIAGNOSTICS = "DIAGNOSTICS_SECRET";

type Answer = { readonly isOk: boolean; readonly body: string; readonly detail: string };

/**
 * Asks services over HTTP where Cloud Run says that they are. Redirects are not followed: a service
 * that sends its health check to a page for signing in is not healthy. The diagnostics secret goes into
 * `Authorization`; a private service gets our own ID token beside it.
 * Source: https://cloud.google.com/run/docs/authenticating/service-to-service
 */
export function httpProber(options: ProberOptions): Prober {
  const { clock, deadlineMs = DEADLINE_MS } = options;
  const run = openCloudRun(options.cloudRun);
  const readSecret = secretReader({ endpoint: options.secretManager, clock });
  const auth = lazily(async (): Promise<GoogleAuth> => {
    const library = await import("google-auth-library");
    return new library.GoogleAuth();
  });

  async function address(environment: Environment): Promise<string> {
    const name = serviceName(environment);
    const [service] = await callOutside(name, async () =>
      (await run()).services.getService({ name }, ONE_CALL),
    );
    const uri = service.uri ?? "";
    if (uri === "") {
      throw new PermanentError("FAILED_PRECONDITION", `${name} has no address yet`);
    }
    return uri.replace(/\/$/, "");
  }

  async function credentials(environment: Environment, uri: string): Promise<Headers> {
    const headers = new Headers();
    const secret = await readSecret(`projects/${environment.project}/secrets/${DIAGNOSTICS}`);
    if (secret !== null) {
      headers.set("authorization", `Bearer ${secret.trim()}`);
    }
    if (options.cloudRun === null) {
      const token = await callOutside(`ID token for ${uri}`, async () => {
        const client = await (await auth()).getIdTokenClient(uri);
        return client.idTokenProvider.fetchIdToken(uri);
      });
      headers.set("x-serverless-authorization", `Bearer ${token}`);
    }
    return headers;
  }

  return {
    probe: async (environment, verify) => {
      const uri = await address(environment);
      const headers = await credentials(environment, uri);
      const [health, version] = await Promise.all(
        [verify.path, verify.version].map(async (path) =>
          ask(`${uri}${path}`, { headers, deadlineMs }),
        ),
      );
      return {
        isHealthy: health?.isOk === true,
        version: version?.isOk === true ? version.body.trim() : null,
        detail: [health?.detail, version?.detail].join("; "),
      };
    },
  };
}

/** One request; whatever goes wrong with it is its answer. */
async function ask(
  url: string,
  { headers, deadlineMs }: { readonly headers: Headers; readonly deadlineMs: number },
): Promise<Answer> {
  try {
    const signal = AbortSignal.timeout(deadlineMs);
    const response = await fetch(url, { headers, redirect: "manual", signal });
    const body = await readBounded(response, BODY_BYTES_MAX);
    return { isOk: response.ok, body, detail: `${url} answered ${response.status}` };
  } catch (error) {
    const isLate = error instanceof Error && error.name === "TimeoutError";
    const reason = isLate ? `no answer within ${deadlineMs} ms` : `no answer (${reasonOf(error)})`;
    return { isOk: false, body: "", detail: `${url}: ${reason}` };
  }
}

/** The network's reason is the cause of what `fetch` throws. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  return error.cause instanceof Error ? error.cause.message : error.message;
}
