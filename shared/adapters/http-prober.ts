import type { protos } from "@google-cloud/run";
import type { GoogleAuth } from "google-auth-library";

import type { ProbeView } from "../domain/probe.ts";
import type { Environment } from "../domain/service.ts";
import type { Clock } from "../ports/clock.ts";
import { PermanentError } from "../ports/errors.ts";
import type { Prober } from "../ports/prober.ts";
import { diagnosticsSecret } from "./diagnostics-secret.ts";
import { probeAddress } from "./probe-address.ts";
import type { ProbeAddress } from "./probe-address.ts";
import { openCloudRun, serviceName } from "./cloud-run.ts";
import { lazily, ONE_CALL } from "./grpc-endpoint.ts";
import type { GrpcEndpoint } from "./grpc-endpoint.ts";
import { localIdentity } from "./local-identity.ts";
import { callOutside } from "./outside-call.ts";
import { askOnce } from "./probe-request.ts";
import { verdictOn } from "./probe-verdict.ts";
import type { ProbeVerdict } from "./probe-verdict.ts";
import { secretReader } from "./secret-reader.ts";
import type { SecretReader } from "./secret-reader.ts";

type RunService = protos.google.cloud.run.v2.IService;

/** Where Cloud Run and Secret Manager are: `HOST:PORT`, or null for Google's. */
export type ProberOptions = {
  readonly cloudRun: GrpcEndpoint;
  readonly secretManager: GrpcEndpoint;
  readonly clock: Clock;
  /** Where domains lead in the local cloud; null without one. */
  readonly loadBalancer?: string | null;
  /** How long a service may take to answer, in milliseconds. Default: 5 seconds. */
  readonly deadlineMs?: number;
};

const DEADLINE_MS = 5000;

/** A version is a word; what is longer is no version. */
const BODY_BYTES_MAX = 16_384;

/**
 * Asks services over HTTP: where the specification says, else at their domain if requests from outside must come
 * through it, else where Cloud Run says that they are. Redirects are not followed: a service that sends its health
 * check to a page for signing in is not healthy. The diagnostics secret of the running service goes into
 * `Authorization`; a private service gets our own ID token beside it.
 * Source: https://cloud.google.com/run/docs/authenticating/service-to-service and
 * https://cloud.google.com/run/docs/securing/ingress
 */
export function httpProber(options: ProberOptions): Prober {
  const { clock, deadlineMs = DEADLINE_MS, loadBalancer = null } = options;
  const isLocal = options.cloudRun !== null;
  const run = openCloudRun(options.cloudRun);
  const readSecret = secretReader({ endpoint: options.secretManager, clock });
  const identity = isLocal ? localToken : ownTokens();
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
  ): Promise<Readonly<Record<string, string>>> {
    const secret = await secretOf(environment, service, readSecret);
    const shown = secret === "" ? {} : { authorization: `Bearer ${secret}` };
    const token = await callOutside(`ID token for ${url}`, async () => identity(url));
    return token === null ? shown : { ...shown, "x-serverless-authorization": `Bearer ${token}` };
  }

  async function ask(
    { url, isFenced, via }: ProbeAddress,
    path: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<ProbeVerdict> {
    const asked = `${url}${path}`;
    const question = { headers, deadlineMs, bytesMax: BODY_BYTES_MAX, via };
    return verdictOn(asked, await askOnce(new URL(asked), question), isFenced);
  }

  return {
    probe: async (environment, verify) => {
      const name = serviceName(environment);
      const service = await read(name);
      const where = { environment, verify, isLocal, loadBalancer };
      const address = probeAddress(name, service, where);
      // The audience is Cloud Run's own address, wherever the request goes.
      const headers = await credentials(environment, service, service.uri ?? address.url);
      const [health, version] = await Promise.all([
        ask(address, verify.path, headers),
        ask(address, verify.version, headers),
      ]);
      return toView(health, version);
    },
  };
}

/** Gives our ID token for an audience; null for none. */
type Identity = (audience: string) => Promise<string | null>;

function ownTokens(): Identity {
  const auth = lazily(async (): Promise<GoogleAuth> => {
    const library = await import("google-auth-library");
    return new library.GoogleAuth();
  });
  return async (audience) => {
    const client = await (await auth()).getIdTokenClient(audience);
    return client.idTokenProvider.fetchIdToken(audience);
  };
}

async function localToken(audience: string): Promise<string | null> {
  return (await localIdentity())?.fetchIdToken(audience) ?? null;
}

/** A sick service is sick, whatever it says of its version; of a well one the version must be seen. */
function toView(health: ProbeVerdict, version: ProbeVerdict): ProbeView {
  return {
    isHealthy: health.isOk,
    version: version.isOk ? version.body.trim() : null,
    isBlocked: health.isBlocked || (health.isOk && version.isBlocked),
    detail: `${health.detail}; ${version.detail}`,
  };
}

/** That the secret may not be read is no answer of the service, which would refuse whoever asks without it. */
async function secretOf(
  environment: Environment,
  service: RunService,
  read: SecretReader,
): Promise<string> {
  try {
    return await diagnosticsSecret(environment, service, read);
  } catch (error) {
    if (error instanceof PermanentError && error.status === "PERMISSION_DENIED") {
      const message = `${error.message}; grant the account of Slipway's functions roles/secretmanager.secretAccessor on it`;
      throw new PermanentError(error.status, message, error);
    }
    throw error;
  }
}
