import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/**
 * Whence a request comes: from anywhere, through a load balancer of Google's, or from within, which is the project's
 * own networks and Google's services of the same project.
 */
export type Network =
  | { readonly kind: "internet" }
  | { readonly kind: "load-balancer" }
  | { readonly kind: "internal"; readonly project: string };

/**
 * Google's own network is seen by where a packet comes from; on one machine all come from the same address. So what
 * stands in for Google's services writes it down in a header that no client may send, sealed by a word that is new
 * with each process.
 */
const HEADER = "x-google-emulator-network";
const SEAL = randomUUID();

/** The header of a request from within a project, such as a push of its Pub/Sub. */
export function fromWithin(project: string): Readonly<Record<string, string>> {
  return { [HEADER]: `${SEAL} ${project}` };
}

/** The header of a request that a load balancer hands on. */
export function fromLoadBalancer(): Readonly<Record<string, string>> {
  return { [HEADER]: SEAL };
}

/** Whence a request comes, by its headers. */
export function networkOf(headers: IncomingHttpHeaders): Network {
  const [seal, project] = String(headers[HEADER] ?? "").split(" ");
  if (seal !== SEAL) {
    return { kind: "internet" };
  }
  return project === undefined ? { kind: "load-balancer" } : { kind: "internal", project };
}
