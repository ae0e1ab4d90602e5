import type { protos } from "@google-cloud/run";
import type { GoogleAuth } from "google-auth-library";

import type { ProbeView } from "../domain/probe.ts";
import type { Environment } from "../domain/service.ts";
import type { Clock } from "../ports/clock.ts";
import type { Prober } from "../ports/prober.ts";
import { diagnosticsSecret } from "./diagnostics-secret.ts";
import { probeAddress } from "./probe-address.ts";
import type { ProbeAddress } from "./probe-address.ts";
import { readBounded } from "./bounded-body.ts";
import { openCloudRun, serviceName } from "./cloud-run.ts";
import { lazily, ONE_CALL } from "./grpc-endpoint.ts";
import type { GrpcEndpoint } from "./grpc-endpoint.ts";
import { callOutside } from "./outside-call.ts";
import { secretReader } from "./secret-reader.ts";

type RunService = protos.google.cloud.run.v2.IService;

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

type Answer = {
  readonly isOk: boolean;
  /** Whether it says nothing of the service: whoever asked was not let in. */
  readonly isBlocked: boolean;
  readonly body: string;
  readonly detail: string;
};

/**
 * Asks services over HTTP: where the specification says, else at their domain if requests from outside must come
 * through it, else where Cloud Run says that they are. Redirects are not followed: a service that sends its health
 * check to a page for signing in is not healthy. The diagnostics secret of the running service goes into
 * `Authorization`; a private service gets our own ID token beside it.
 * Source: https://cloud.google.com/run/docs/authenticating/service-to-service and
 * https://cloud.google.com/run/docs/securing/ingress
 */
export function httpProber(options: ProberOptions): Prober {
  const { clock, deadlineMs = DEADLINE_MS } = options;
  const isLocal = options.cloudRun !== null;
  const run = openCloudRun(options.cloudRun);
  const readSecret = secretReader({ endpoint: options.secretManager, clock });
  const auth = lazily(async (): Promise<GoogleAuth> => {
    const library = await import("google-auth-library");
    return new library.GoogleAuth();
  });

  async function read(name: string): Promise<RunService> {
    const [service] = await callOutside(name, async () =>
      (await run()).services.getService({ name }, ONE_CALL),
    );
    return service;
  }

  async function credentials(
    environment: Environment,
    service: RunService,
    url: string,
  ): Promise<Headers> {
    const headers = new Headers();
    const secret = await diagnosticsSecret(environment, service, readSecret);
    if (secret !== "") {
      headers.set("authorization", `Bearer ${secret}`);
    }
    if (!isLocal) {
      const token = await callOutside(`ID token for ${url}`, async () => {
        const client = await (await auth()).getIdTokenClient(url);
        return client.idTokenProvider.fetchIdToken(url);
      });
      headers.set("x-serverless-authorization", `Bearer ${token}`);
    }
    return headers;
  }

  return {
    probe: async (environment, verify) => {
      const name = serviceName(environment);
      const service = await read(name);
      const { url, isFenced } = probeAddress(name, service, { environment, verify, isLocal });
      // The audience is Cloud Run's own address, wherever the request goes.
      const headers = await credentials(environment, service, service.uri ?? url);
      const question = { headers, deadlineMs, isFenced };
      const [health, version] = await Promise.all([
        ask(`${url}${verify.path}`, question),
        ask(`${url}${verify.version}`, question),
      ]);
      return toView(health, version);
    },
  };
}

/** A sick service is sick, whatever it says of its version; of a well one the version must be seen. */
function toView(health: Answer, version: Answer): ProbeView {
  return {
    isHealthy: health.isOk,
    version: version.isOk ? version.body.trim() : null,
    isBlocked: health.isBlocked || (health.isOk && version.isBlocked),
    detail: `${health.detail}; ${version.detail}`,
  };
}

/** Whoever is answered so was not let in. */
const NOT_LET_IN: ReadonlySet<number> = new Set([401, 403]);
/** What Google's front answers, beside those, to requests that the ingress turns away. */
const TURNED_AWAY = 404;

/** One request; whatever goes wrong with it is its answer. */
async function ask(
  url: string,
  {
    headers,
    deadlineMs,
    isFenced,
  }: { readonly headers: Headers; readonly deadlineMs: number } & Pick<ProbeAddress, "isFenced">,
): Promise<Answer> {
  try {
    const signal = AbortSignal.timeout(deadlineMs);
    const response = await fetch(url, { headers, redirect: "manual", signal });
    const body = await readBounded(response, BODY_BYTES_MAX);
    const { ok, status } = response;
    const isBlocked = NOT_LET_IN.has(status) || (isFenced && status === TURNED_AWAY);
    return { isOk: ok, isBlocked, body, detail: `${url} answered ${status}` };
  } catch (error) {
    const isLate = error instanceof Error && error.name === "TimeoutError";
    const reason = isLate ? `no answer within ${deadlineMs} ms` : `no answer (${reasonOf(error)})`;
    return { isOk: false, isBlocked: isUnreachable(error), body: "", detail: `${url}: ${reason}` };
  }
}

/**
 * Whether a request did not get as far as the service's address: no such name, or no certificate to believe.
 * Source: https://nodejs.org/api/dns.html#error-codes and https://nodejs.org/api/tls.html#x509-certificate-error-codes
 */
function isUnreachable(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return /^(?:ENOTFOUND|EAI_AGAIN|CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/.test(code);
}

/** The network's reason is the cause of what `fetch` throws. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  return error.cause instanceof Error ? error.cause.message : error.message;
}
