import type { protos } from "@google-cloud/run";
import type { VerifyPolicy } from "../domain/policy.ts";
import type { Environment } from "../domain/service.ts";
import { PermanentError } from "../ports/errors.ts";

type RunService = protos.google.cloud.run.v2.IService;

/** Where a service is asked. */
export type ProbeAddress = {
  readonly url: string;
  /** Whether requests from outside its network are turned away there before they reach the service. */
  readonly isFenced: boolean;
  /** The load balancer to ask for that address, where names do not lead to it; null asks where they lead. */
  readonly via: string | null;
};

const OPEN_INGRESS: ReadonlySet<string> = new Set([
  "",
  "INGRESS_TRAFFIC_UNSPECIFIED",
  "INGRESS_TRAFFIC_ALL",
]);
const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|localhost)(?::\d+)?$/;

/**
 * Where a running service is asked: where the specification says, else at its domain if its own address is fenced,
 * else there. Names of the outside do not lead into the local cloud: there its load balancer is asked for them, or,
 * where there is none, the service's own address.
 * Source: https://cloud.google.com/run/docs/securing/ingress
 * @throws PermanentError when it has no address yet.
 */
export function probeAddress(
  name: string,
  service: RunService,
  {
    environment,
    verify,
    isLocal,
    loadBalancer,
  }: {
    readonly environment: Environment;
    readonly verify: VerifyPolicy;
    readonly isLocal: boolean;
    readonly loadBalancer: string | null;
  },
): ProbeAddress {
  const isOpen = OPEN_INGRESS.has(String(service.ingress ?? ""));
  const named = namedAddress(isOpen, environment, verify);
  const isFollowed = named !== null && (!isLocal || LOOPBACK.test(named));
  if (named !== null && (isFollowed || loadBalancer !== null)) {
    return { url: named, isFenced: false, via: isFollowed ? null : loadBalancer };
  }
  const uri = service.uri ?? "";
  if (uri === "") {
    throw new PermanentError("FAILED_PRECONDITION", `${name} has no address yet`);
  }
  return { url: uri.replace(/\/$/, ""), isFenced: !isOpen, via: null };
}

/** What the specification says, or its domain where Cloud Run's own address is fenced; null is that address. */
function namedAddress(
  isOpen: boolean,
  { domain }: Environment,
  { url }: VerifyPolicy,
): string | null {
  return url ?? (domain === null || isOpen ? null : `https://${domain}`);
}
